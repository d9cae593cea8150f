"""Generated tokens -> pieces of text: no character is split, and nothing of a stop string comes out."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import Any


class TokenBytes:
    """The bytes that each token of a byte-level BPE vocabulary stands for; a special token for none."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._special = frozenset(tokenizer.all_special_ids)
        self._added = {i: str(token) for i, token in tokenizer.added_tokens_decoder.items()}
        self._of_letter = {letter: byte for byte, letter in enumerate(_byte_letters())}

    def __getitem__(self, token: int) -> bytes:
        if token in self._special:
            return b""
        if token in self._added:  # spelled as it is, not in letters for bytes
            return self._added[token].encode()
        letters = self._tokenizer.convert_ids_to_tokens(token)
        return bytes(self._of_letter[letter] for letter in letters or "")


class TextPieces:
    """The text of one answer as its tokens come. Joined, the pieces are what decoding all at once gives,
    up to the first stop string; half a character at the end is left out.
    """

    def __init__(self, token_bytes: TokenBytes, stop: Sequence[str] = ()) -> None:
        self._token_bytes = token_bytes
        self._stop = tuple(one for one in stop if one)
        self._utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._held = ""  # may be the beginning of a stop string
        self.stopped = False

    def feed(self, token: int) -> str:
        """What can be told after this token; `stopped` turns true at a stop string."""
        self._held += self._utf8.decode(self._token_bytes[token])
        found = [at for one in self._stop if (at := self._held.find(one)) >= 0]
        if found:
            self.stopped = True
            told, self._held = self._held[: min(found)], ""
            return told
        n_held = max((_overlap(self._held, one) for one in self._stop), default=0)
        told = self._held[: len(self._held) - n_held]
        self._held = self._held[len(told) :]
        return told

    def close(self) -> str:
        """What was held back for a stop string that did not come."""
        told, self._held = self._held, ""
        return told


def _overlap(text: str, stop: str) -> int:
    """How many characters at the end of `text` begin `stop`."""
    longest = min(len(text), len(stop) - 1)
    return next((n for n in range(longest, 0, -1) if stop.startswith(text[-n:])), 0)


def _byte_letters() -> list[str]:
    """The letter that byte-level BPE (GPT-2) writes for each byte: itself where it can be printed, else
    the next free one from 256 upwards.
    """
    printed = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    letters, n_hidden = [], 0
    for byte in range(256):
        letters.append(chr(byte) if byte in printed else chr(256 + n_hidden))
        n_hidden += byte not in printed
    return letters
