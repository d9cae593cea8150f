"""Turns generated tokens into pieces of text: no character is split, no part of a stop string comes out."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import Any


class TokenBytes:
    """The bytes that each token of a byte-level BPE vocabulary stands for; a special token for none."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._special = frozenset(tokenizer.all_special_ids)
        self._added_tokens = {i: str(token) for i, token in tokenizer.added_tokens_decoder.items()}
        self._of_letter = {letter: byte for byte, letter in enumerate(_byte_letters())}

    def __getitem__(self, token: int) -> bytes:
        if token in self._special:
            return b""
        if token in self._added_tokens:  # spelled as it is, not in letters for bytes
            return self._added_tokens[token].encode()
        letters = self._tokenizer.convert_ids_to_tokens(token)
        return bytes(self._of_letter[letter] for letter in letters or "")


class TextPieces:
    """Decodes one answer token by token.

    Joined, the pieces are what decoding all at once gives, up to the first stop string; half a character
    at the end is left out.
    """

    def __init__(self, token_bytes: TokenBytes, stop: Sequence[str] = ()) -> None:
        self._token_bytes = token_bytes
        self._stop = tuple(text for text in stop if text)
        self._utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._pending = ""  # may be the beginning of a stop string
        self.stopped = False

    def feed(self, token: int) -> str:
        """Return what is certain after this token; `stopped` turns true at a stop string."""
        self._pending += self._utf8.decode(self._token_bytes[token])
        stops_at = [at for stop in self._stop if (at := self._pending.find(stop)) >= 0]
        if stops_at:
            self.stopped = True
            piece, self._pending = self._pending[: min(stops_at)], ""
            return piece
        n_held_back = max((_overlap(self._pending, stop) for stop in self._stop), default=0)
        piece = self._pending[: len(self._pending) - n_held_back]
        self._pending = self._pending[len(piece) :]
        return piece

    def close(self) -> str:
        """Return what was held back for a stop string that did not come."""
        piece, self._pending = self._pending, ""
        return piece


def _overlap(text: str, stop: str) -> int:
    """Count the characters at the end of `text` that begin `stop`."""
    longest = min(len(text), len(stop) - 1)
    return next((n for n in range(longest, 0, -1) if stop.startswith(text[-n:])), 0)


def _byte_letters() -> list[str]:
    """Return the letter that byte-level BPE (GPT-2) writes for each byte: itself where it can be printed,
    else the next free one from 256 upwards.
    """
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    letters, n_hidden = [], 0
    for byte in range(256):
        letters.append(chr(byte) if byte in printable else chr(256 + n_hidden))
        n_hidden += byte not in printable
    return letters
