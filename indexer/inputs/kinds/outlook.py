"""Messages of Outlook (MSG): a compound file whose streams are the properties of a message.

The numbers are those of [MS-OXPROPS], the layout is that of [MS-OXMSG], both by Microsoft.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from indexer.inputs.kind import CarriedFile, FileLook, MediaType, OpenedFile, UnfitFile
from indexer.inputs.kinds.mail import REPAIR
from indexer.inputs.sandbox.frames import RenderRequest

MEDIA_TYPES = (
    MediaType("application/vnd.ms-outlook", "Outlook message", (".msg",), repair=REPAIR),
)
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROPERTIES = "__properties_version1.0"
_LOOKED_THROUGH_BYTES = 1024**2
_SUBJECT, _SENDER, _ADDRESS, _SMTP, _TO, _CC = 0x0037, 0x0C1A, 0x0C1F, 0x5D01, 0x0E04, 0x0E03
_TEXT, _HTML, _FILE_NAME, _SHORT_NAME, _DATA = 0x1000, 0x1013, 0x3707, 0x3704, 0x3701
_SENT, _DELIVERED, _CODE_PAGE = 0x0039, 0x0E06, 0x3FFD
_MESSAGE = "__substg1.0_3701000D"  # the storage of a message that is attached
_HEAD_BYTES = {0: 32, 1: 8}  # before the properties, by depth; of an attached message 24
_FIRST_MOMENT = datetime(1601, 1, 1, tzinfo=UTC)
_MOST_TEXT_BYTES = 8 * 1024**2
_HEAD_CHARACTERS = 2000


def media_type_of(look: FileLook) -> str | None:
    """Tell a message by the name of its first property stream, in the directory of the file."""
    if not look.start.startswith(_COMPOUND):
        return None
    name = f"{_PROPERTIES}\0".encode("utf-16-le")
    parts = look.read(0, _LOOKED_THROUGH_BYTES), look.end(_LOOKED_THROUGH_BYTES)
    return "application/vnd.ms-outlook" if any(name in part for part in parts) else None


class _Properties:
    """The properties of a message, or of a file attached to it."""

    def __init__(self, ole: Any, path: tuple[str, ...] = ()) -> None:
        self.ole, self.path = ole, path
        head_bytes = _HEAD_BYTES.get(len(path), 24)
        self._values: dict[int, bytes] = {}
        content = self._stream(_PROPERTIES)[head_bytes:]
        for at in range(0, len(content) - 15, 16):
            self._values[struct.unpack_from("<H", content, at + 2)[0]] = content[at + 8 : at + 16]

    def _stream(self, name: str, most_bytes: int = _MOST_TEXT_BYTES) -> bytes:
        if not self.ole.exists([*self.path, name]):
            return b""
        content = self.ole.openstream([*self.path, name]).read(most_bytes + 1)
        if len(content) > most_bytes:
            raise UnfitFile("too_large", f"more than {most_bytes} bytes")
        return bytes(content)

    def data(self, number: int, most_bytes: int = _MOST_TEXT_BYTES) -> bytes:
        """Return a property of bytes. Raises UnfitFile for more than may be."""
        return self._stream(f"__substg1.0_{number:04X}0102", most_bytes)

    def text(self, number: int) -> str:
        """Return a property of text; "" for none."""
        if content := self._stream(f"__substg1.0_{number:04X}001F"):
            return content.decode("utf-16-le", "replace").rstrip("\0")
        content = self._stream(f"__substg1.0_{number:04X}001E")
        code_page = struct.unpack("<I", self._values.get(_CODE_PAGE, b"")[:4].ljust(4, b"\0"))[0]
        try:
            return content.decode(f"cp{code_page or 1252}", "replace").rstrip("\0")
        except LookupError:
            return content.decode("cp1252", "replace").rstrip("\0")

    def line(self, number: int) -> str:
        return " ".join(self.text(number).split())[:_HEAD_CHARACTERS]

    def moment(self) -> datetime | None:
        """Return when the message was sent, or else came."""
        for number in (_SENT, _DELIVERED):
            ticks = struct.unpack("<Q", self._values.get(number, bytes(8)))[0]
            if 0 < ticks < 2**62:
                return _FIRST_MOMENT + timedelta(microseconds=ticks // 10)
        return None

    def attachments(self) -> Iterator[_Properties]:
        """Yield what is attached, in order."""
        depth = len(self.path)
        names = {
            entry[depth]
            for entry in self.ole.listdir(streams=True, storages=True)
            if tuple(entry[:depth]) == self.path and len(entry) > depth
        }
        for name in sorted(names):
            if name.startswith("__attach_version1.0_"):
                yield _Properties(self.ole, (*self.path, name))


def open_file(path: str, media_type: str, request: RenderRequest) -> OpenedFile:
    """Lay out a message. Raises UnfitFile for a file that is none."""
    import olefile

    from indexer.inputs.kinds.mail import message_page
    from indexer.inputs.pdf.reflowed import pages_of

    try:
        message = _Properties(olefile.OleFileIO(path))
    except (OSError, struct.error, IndexError) as error:
        raise UnfitFile("corrupt", f"is no whole message ({error})") from error
    head, moment = _head_of(message), message.moment()
    document = pages_of([message_page(head, _markup_of(message))])
    files = list(_files_of(message))
    facts = {
        "title": head["Subject"],
        "authors": [message.line(_SENDER) or head["From"]],
        "date": moment.date().isoformat() if moment else "",
    }
    return OpenedFile(document, {"carries_files": bool(files), "stated": facts}, lambda: files)


def _head_of(message: _Properties) -> dict[str, str]:
    moment = message.moment()
    address = message.line(_SMTP) or message.line(_ADDRESS)
    sender = message.line(_SENDER)
    return {
        "From": f"{sender} <{address}>" if sender and "@" in address else sender or address,
        "To": message.line(_TO),
        "Cc": message.line(_CC),
        "Date": f"{moment:%a, %d %b %Y %H:%M:%S +0000}" if moment else "",
        "Subject": message.line(_SUBJECT),
    }


def _markup_of(message: _Properties) -> str:
    from indexer.inputs.kinds.web_pages import readable_markup
    from indexer.inputs.pdf.reflowed import as_typed

    if text := message.text(_TEXT):
        return as_typed(text.replace("\r\n", "\n").replace("\f", "\n"))
    markup = message.data(_HTML) or message.text(_HTML).encode()
    return readable_markup(markup).decode() if markup else ""


def _files_of(message: _Properties) -> Iterator[CarriedFile]:
    for number, file in enumerate(message.attachments(), 1):
        name = file.line(_FILE_NAME) or file.line(_SHORT_NAME)
        if file.ole.exists([*file.path, _MESSAGE]):
            inner = _Properties(file.ole, (*file.path, _MESSAGE))
            yield CarriedFile(f"{inner.line(_SUBJECT) or 'message'}.eml", partial(_eml_of, inner))
        else:
            yield CarriedFile(name or f"part {number}", partial(file.data, _DATA))


def _eml_of(message: _Properties, max_bytes: int) -> bytes:
    """Return a message that is attached as mail, with what is attached to it."""
    from email.message import EmailMessage
    from email.policy import default

    mail = EmailMessage(policy=default.clone(utf8=True))
    for name, value in _head_of(message).items():
        if value:
            mail[name] = value
    mail.set_content(_markup_of(message), subtype="html")
    for file in _files_of(message):
        content = file.content(max_bytes)
        mail.add_attachment(content, "application", "octet-stream", filename=file.name)
        max_bytes -= len(content)
    return bytes(mail)
