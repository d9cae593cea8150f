"""Mail: each message begins a page, with its head and its text; what is attached are files of their own."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from indexer.inputs.kind import CarriedFile, FileLook, MediaType, OpenedFile, UnfitFile
from indexer.inputs.sandbox.frames import RenderRequest
from indexer.inputs.text_encoding import decoded_text, is_text

if TYPE_CHECKING:
    from email.message import EmailMessage

REPAIR = "save it anew from the mail program"
MEDIA_TYPES = (
    MediaType("message/rfc822", "mail", (".eml",), is_marked=False, repair=REPAIR),
    MediaType("application/mbox", "mailbox", (".mbox",), is_marked=False, repair=REPAIR),
)
HEAD = ("From", "To", "Cc", "Date", "Subject")
_HEAD_CHARACTERS = 2000  # of a field
_FIELD = re.compile(rb"[!-9;-~]+:", re.ASCII)
_TELLING = {
    b"from:", b"to:", b"date:", b"subject:", b"message-id:", b"received:", b"mime-version:",
    b"return-path:", b"delivered-to:", b"reply-to:",
}  # fmt: skip
_N_TELLING = 3
_MESSAGE = re.compile(rb"^From [^\n]*\n", re.MULTILINE)


def media_type_of(look: FileLook) -> str | None:
    """Tell mail by the first lines of its head, a mailbox by the line before them."""
    start = look.start
    is_mailbox = start.startswith(b"From ")
    if is_mailbox:
        start = start.partition(b"\n")[2]
    if not is_text(start) or _n_telling_fields(start) < _N_TELLING:
        return None
    return "application/mbox" if is_mailbox else "message/rfc822"


def _n_telling_fields(start: bytes) -> int:
    names: set[bytes] = set()
    for line in start.replace(b"\r\n", b"\n").split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            continue
        match = _FIELD.match(line)
        if match is None:
            break
        names.add(match[0].lower())
    return len(names & _TELLING)


def open_file(path: str, media_type: str, request: RenderRequest) -> OpenedFile:
    """Lay out a message, or those of a mailbox. Raises UnfitFile for one of too many."""
    from email import policy
    from email.parser import BytesParser
    from pathlib import Path

    from indexer.inputs.pdf.reflowed import pages_of

    content = Path(path).read_bytes()
    parser = BytesParser(policy=policy.default.clone(raise_on_defect=False))
    parts = _messages_of(content) if media_type == "application/mbox" else [content]
    if not parts:
        raise UnfitFile("corrupt", "is a mailbox without a message")
    if len(parts) > request.max_pages:
        raise UnfitFile("too_many_pages", f"has {len(parts)} messages, more than may be")
    messages: list[Any] = [parser.parsebytes(part) for part in parts]
    document = pages_of([_body_of(message) for message in messages])
    files = [file for message in messages for file in _files_of(message)]
    facts: dict[str, Any] = {"carries_files": bool(files)}
    if len(messages) == 1:
        facts["stated"] = _stated_of(messages[0])
    if any(_is_cut_short(message) for message in messages):
        facts["warning"] = "is cut off: what is missing of it was not read"
    return OpenedFile(document, facts, lambda: files)


def _is_cut_short(message: EmailMessage) -> bool:
    """Whether one of its parts begins and does not end."""
    from email.errors import CloseBoundaryNotFoundDefect

    defects = [defect for part in message.walk() for defect in part.defects]
    return any(isinstance(defect, CloseBoundaryNotFoundDefect) for defect in defects)


def _stated_of(message: EmailMessage) -> dict[str, Any]:
    """Return what the head of a message says: subject, sender, day."""
    from email.utils import getaddresses, parsedate_to_datetime

    from indexer.inputs.pdf.attempts import Failure, attempt

    moment = attempt(lambda: parsedate_to_datetime(_header(message, "Date")).date().isoformat())
    senders = attempt(lambda: getaddresses([_header(message, "From")]))
    names = [] if isinstance(senders, Failure) else [name or address for name, address in senders]
    date = "" if isinstance(moment, Failure) else moment
    return {"title": _header(message, "Subject"), "authors": names, "date": date}


def _messages_of(mailbox: bytes) -> list[bytes]:
    """Cut a mailbox at the lines that begin a message."""
    starts = [match.end() for match in _MESSAGE.finditer(mailbox)]
    ends = [match.start() for match in _MESSAGE.finditer(mailbox)][1:]
    return [mailbox[start:end] for start, end in zip(starts, [*ends, len(mailbox)], strict=True)]


def message_page(head: Mapping[str, str], text: str) -> str:
    """Return a message as HTML: its head line by line, and its text, which is HTML already."""
    rows = "".join(
        f'<p style="margin:0"><b>{name}:</b> {html.escape(head[name])}</p>'
        for name in HEAD
        if head.get(name)
    )
    return f"{rows}<hr/>{text}"


def _body_of(message: EmailMessage) -> str:
    """Return a message as HTML: its plain text or else its markup."""
    from indexer.inputs.kinds.web_pages import readable_markup
    from indexer.inputs.pdf.reflowed import as_typed

    text = ""
    part = message.get_body(preferencelist=("plain", "html"))
    if part is not None:
        content = part.get_payload(decode=True) or b""
        content = content if isinstance(content, bytes) else b""
        if part.get_content_type() == "text/html":
            text = readable_markup(_in_unicode(part, content).encode()).decode()
        else:
            text = as_typed(_in_unicode(part, content).replace("\f", "\n"))
    return message_page({name: _header(message, name) for name in HEAD}, text)


def _in_unicode(part: Any, content: bytes) -> str:
    try:
        return content.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return decoded_text(content)


def _header(message: EmailMessage, name: str) -> str:
    """Return a field of the head on one line; what cannot be decoded_text, as it stands."""
    from indexer.inputs.pdf.attempts import Failure, attempt

    value = attempt(lambda: str(message[name] or ""))
    return "" if isinstance(value, Failure) else " ".join(value.split())[:_HEAD_CHARACTERS]


def _files_of(message: EmailMessage) -> Iterator[CarriedFile]:
    """Yield what is attached; pictures that the text shows, as of signatures, are none of it."""
    for number, part in enumerate(message.iter_attachments(), 1):
        name = part.get_filename() or ""
        kind = part.get_content_type()
        is_shown = kind.startswith("image/") and part["Content-ID"] is not None
        if is_shown and part.get_content_disposition() != "attachment":
            continue
        if kind == "message/rfc822":
            name = name or f"{_header(part.get_content(), 'Subject') or 'message'}.eml"
        yield CarriedFile(re.split(r"[/\\]", name)[-1] or f"part {number}", partial(_content, part))


def _content(part: EmailMessage, max_bytes: int) -> bytes:
    """Return what is attached, decoded_text; a forwarded message as it was sent."""
    if part.get_content_type() == "message/rfc822":
        content = bytes(part.get_content())
    else:
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
    if len(content) > max_bytes:
        raise UnfitFile("too_large", f"more than {max_bytes} bytes")
    return content
