"""The text of an answer, leaf by leaf, with its citations and the sentences that nothing proves.

A leaf is text without structure inside: a cell's, a word's in bold. A sentence may run over several leaves,
so that each of them holds its own part.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape

# A number that was removed stands in the source as [n] with these around n: no text has them otherwise.
_BEGIN, _END = "\ue000", "\ue001"
_PRIVATE = re.compile(f"[{_BEGIN}{_END}]")
_NUMBER = re.compile(rf"[ \t]*\[(?P<removed>{_BEGIN})?(?P<n>\d{{1,2}}){_END}?\]")
_REMOVED = re.compile(rf"[ \t]?\[{_BEGIN}\d+{_END}\]")
_WORD = re.compile(r"[^\W_]+")
_CLOSING = re.compile(r"[^\w\s\[]*")


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked in the text of an answer.

    citations  of each number, whether its page carries the claim
    unproved_sentences  in the order of the text
    """

    citations: Mapping[int, bool] = field(default_factory=dict)
    unproved_sentences: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Leaf:
    """`is_code`: nothing is cited inside of it."""

    text: str
    is_code: bool = False


@dataclass(slots=True)
class _Piece:
    """Text of a leaf, with the parts that nothing proves; or a number's `html`.

    parts  where each begins and ends, and which sentence it is of, from 1 upwards
    """

    leaf: int
    text: str
    html: str = ""
    parts: list[tuple[int, int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Word:
    piece: _Piece
    start: int
    stop: int
    text: str


def with_removed_numbers(text: str, numbers: Collection[tuple[int, int]]) -> str:
    """Return the text with the numbers that were left out of it, so that `leaves_html` shows them as such.

    numbers  each with where it would stand
    """
    text = _PRIVATE.sub(" ", text)  # of the same length: the places hold
    for n, at in sorted(numbers, key=lambda number: -number[1]):
        text = f"{text[:at]} [{_BEGIN}{n}{_END}]{text[at:]}"
    return text


def leaves_html(leaves: Sequence[Leaf], marks: Marks) -> list[str]:
    """Return the HTML of each leaf."""
    pieces = [piece for i, leaf in enumerate(leaves) for piece in _pieces(i, leaf, marks.citations)]
    _mark_unproved([piece for piece in pieces if not piece.html], marks.unproved_sentences)
    html = [""] * len(leaves)
    for piece in pieces:
        html[piece.leaf] += piece.html or "".join(_text_html(piece))
    return html


def _pieces(i: int, leaf: Leaf, citations: Mapping[int, bool]) -> Iterator[_Piece]:
    if leaf.is_code:
        yield _Piece(i, _REMOVED.sub("", leaf.text))
        return
    text, end = leaf.text, 0
    for match in _NUMBER.finditer(text):
        n = int(match["n"])
        if match["removed"]:
            html = f' <del class="removed">[{n}]</del>'
        elif n in citations:
            kind = "marker" if citations[n] else "marker weak"
            html = f'<a class="{kind}" data-n="{n}">[{n}]</a>'
        else:
            continue
        if match.start() > end:
            yield _Piece(i, text[end : match.start()])
        yield _Piece(i, "", html)
        end = match.end()
    if end < len(text):
        yield _Piece(i, text[end:])


def _mark_unproved(pieces: Sequence[_Piece], sentences: Sequence[str]) -> None:
    """Find each sentence behind the one before it, by its words: signs of Markdown are none."""
    words = [
        _Word(piece, *match.span(), match[0])
        for piece in pieces
        for match in _WORD.finditer(piece.text)
    ]
    texts = [word.text for word in words]
    behind = 0
    for number, sentence in enumerate(sentences, start=1):
        wanted_words = _WORD.findall(unescape(sentence))
        begin = _index_of(wanted_words, texts, behind)
        if begin is None and wanted_words and wanted_words[0].isdecimal():  # the number of an item
            wanted_words = wanted_words[1:]
            begin = _index_of(wanted_words, texts, behind)
        if begin is None:
            continue
        behind = begin + len(wanted_words)
        _mark(pieces, words[begin], words[behind - 1], number)


def _index_of(words: Sequence[str], texts: Sequence[str], behind: int) -> int | None:
    n = len(words)
    if n == 0:
        return None
    for i in range(behind, len(texts) - n + 1):
        if texts[i] == words[0] and texts[i : i + n] == words:
            return i
    return None


def _mark(pieces: Sequence[_Piece], first: _Word, last: _Word, number: int) -> None:
    ids = [id(piece) for piece in pieces]
    begin, end = ids.index(id(first.piece)), ids.index(id(last.piece))
    for i in range(begin, end + 1):
        text = pieces[i].text
        start, stop = 0, len(text)
        if i == begin:
            start = first.start
        if i == end:
            closing = _CLOSING.match(text, last.stop)
            stop = closing.end() if closing else last.stop
        if text[start:stop].strip():
            pieces[i].parts.append((start, stop, number))


def _text_html(piece: _Piece) -> Iterator[str]:
    end = 0
    for start, stop, number in piece.parts:
        text = escape(piece.text[start:stop], quote=False)
        yield escape(piece.text[end:start], quote=False)
        yield f'<span class="unproved" data-claim="{number}">{text}</span>'
        end = stop
    yield escape(piece.text[end:], quote=False)
