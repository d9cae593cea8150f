"""Keeps what pages, file names and models say from becoming markup where an answer is shown.

Answers are shown by programs that render Markdown, by terminals, and as plain text. One form is harmless in
all of them and stays readable: where an image, a link, HTML or a program would begin, a space (behind a code
fence a line end) stands between the two characters that make it; control characters are left out. A space
and not a backslash, which plain text would show and which means nothing inside of code.

Addresses that only stand there, and every other Markdown (tables, lists, emphasis, code), are left alone.
"""

from __future__ import annotations

import re

# Terminal sequences, reversed writing order, and the "tag" letters that no one sees but a model reads.
_UNSEEN = re.compile(
    "[\x00-\x08\r\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)
_OTHER_BREAKS = re.compile("[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
_FENCE = 3  # so many ` or ~ may begin a block of code; chat programs run some kinds of it
_BEFORE_BLOCK = frozenset(" \t>-+*:~.)0123456789")  # what may stand before a block's own text


def printable(text: str) -> str:
    """Return the text without control characters; tabs and line ends stay."""
    return _OTHER_BREAKS.sub(" ", _UNSEEN.sub("", text))


def inert(text: str) -> str:
    """Return a whole text in its harmless form. What is harmless already stays as it is."""
    return InertText().feed(text)


class InertText:
    """Makes streamed text harmless, piece by piece, wherever the pieces part. Nothing is held back."""

    def __init__(self) -> None:
        self._last = "\n"
        self._n_equal = 0  # length of the run of equal characters that ends with `_last`
        self._behind_fence = False
        self._block_may_begin = True  # nothing but _BEFORE_BLOCK on this line so far
        self._line_is_blank = True
        self._may_define = (
            False  # a [ at the beginning of a line: the name of an address may follow
        )
        self._in_angle = False  # a < and no blank since

    def feed(self, piece: str) -> str:
        """Return the next piece in its harmless form."""
        characters: list[str] = []
        for character in printable(piece):
            parting = self._parting_before(character)
            characters += (parting, character)
            for next_character in parting + character:
                self._note(next_character)
        return "".join(characters)

    def _parting_before(self, character: str) -> str:
        """Return what has to stand between the last character and this one; usually nothing."""
        last = self._last
        if self._behind_fence and character not in " \t\n" and character != last:
            return "\n"
        is_live = (
            (last == "]" and (character == "(" or (character == ":" and self._may_define)))
            or (last == "<" and character.isascii() and (character.isalpha() or character in "/!?"))
            or (character == "@" and self._in_angle)
            or (character == last == ":" and self._n_equal >= _FENCE - 1)
        )
        return " " if is_live else ""

    def _note(self, character: str) -> None:
        self._n_equal = self._n_equal + 1 if character == self._last else 1
        self._last = character
        if character == "\n":
            self._may_define = self._may_define and not self._line_is_blank
            self._behind_fence, self._block_may_begin, self._line_is_blank = False, True, True
        elif character in "`~" and self._n_equal >= _FENCE:
            self._behind_fence = True
        if character == "[" and self._block_may_begin:
            self._may_define = True
        if character.isspace():
            self._in_angle = False
            return
        self._line_is_blank = False
        self._block_may_begin = self._block_may_begin and character in _BEFORE_BLOCK
        self._in_angle = character == "<" or (self._in_angle and character != ">")
