"""Mail that lies or asks."""

from __future__ import annotations

from tests.support.kind_files import mail_bytes
from tests.support.liars import Liars

_HEAD = b"From: a@example.org\nTo: b@example.org\nSubject: word\nMIME-Version: 1.0\n"


def _mail(content_type: str, body: bytes, more: str = "") -> bytes:
    return _HEAD + f"Content-Type: {content_type}\n{more}\n".encode() + body


def _nested(n: int) -> bytes:
    start = b"".join(
        b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (k, k + 1) for k in range(n)
    )
    return _mail("multipart/mixed; boundary=b0", start)


def _forwarded(n: int) -> bytes:
    return (
        _HEAD
        + b"Content-Type: message/rfc822\n\n"
        + (_HEAD + b"Content-Type: message/rfc822\n\n") * n
    )


def liars(url: str) -> Liars:
    """Return messages and mailboxes."""
    picture = f"<p>word</p><img src='{url}'><link rel=stylesheet href='{url}'>".encode()
    part = b"--b\nContent-Disposition: attachment; filename=%s\n\nx\n"
    files = {
        "a picture from elsewhere": (_mail("text/html", picture), "indexed"),
        "a body from elsewhere": (
            _mail(f'message/external-body; access-type=URL; URL="{url}"', b"\nx"), "indexed",
        ),
        "parts without a boundary": (_mail("multipart/mixed", b"word"), "indexed"),
        "parts without an end": (
            _mail("multipart/mixed; boundary=b", b"--b\n\nword"), "indexed_with_warnings",
        ),
        "parts in parts": (_nested(150), "indexed_with_warnings"),
        "mail in mail": (_forwarded(200), "indexed"),
        "3,000 parts": (
            _mail("multipart/mixed; boundary=b", b"--b\n\nword\n" * 3_000 + b"--b--"), "indexed",
        ),
        "a coding that does not exist": (_mail("text/plain; charset=klingon", b"word"), "indexed"),
        "letters of another coding": (_mail("text/plain; charset=utf-8", b"word \xff\xfe\xe4"), "indexed"),
        "base64 that is none": (
            _mail("text/plain", b"!!!! word", "Content-Transfer-Encoding: base64\n"), "indexed",
        ),
        "a transfer that does not exist": (
            _mail("text/plain", b"word", "Content-Transfer-Encoding: telepathy\n"), "indexed",
        ),
        "uuencode without an end": (
            _mail("text/plain", b"begin 644 a\nM", "Content-Transfer-Encoding: x-uuencode\n"), "indexed",
        ),
        "a subject of a million letters": (
            _HEAD.replace(b"word", b"w" * 1_000_000) + b"\nword", "indexed",
        ),
        "a subject of broken words": (
            _HEAD.replace(b"word", b"=?utf-8?b?////?= =?x?q?=") + b"\nx", "indexed",
        ),
        "a date that is none": (_HEAD + b"Date: Tue, 99 Xxx 99999\n\nword", "indexed"),
        "a sender that is none": (_HEAD.replace(b"a@example.org", b"<<<>>>,,;;@") + b"\nword", "indexed"),
        "a file whose name leads out": (
            _mail("multipart/mixed; boundary=b", part % b"../../evil.txt" + b"--b--"), "indexed",
        ),
        "a file without a name": (_mail("multipart/mixed; boundary=b", part % b'""' + b"--b--"), "indexed"),
        "a head alone": (_HEAD, "indexed"),
        "text named mail": (b"word\n" * 9, "indexed_with_warnings"),
        "a mailbox of more messages than pages may be": (
            (b"From a@example.org Fri\n" + mail_bytes("word", "x") + b"\n") * 60, "too_many_pages",
        ),
        "a mailbox that is a line": (b"From a@example.org Fri\n" + _HEAD, "indexed"),
    }  # fmt: skip
    return {
        name: ("a.mbox" if "mailbox" in name else "a.eml", data, verdict)
        for name, (data, verdict) in files.items()
    }
