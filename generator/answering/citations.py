"""Turns [n] in an answer into proof: where page n supports the sentence before it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from generator.answering.answers import Citation
from generator.passages.absence import missing_numbers
from generator.passages.questions.parsed_question import read_question
from generator.passages.questions.terms import terms_of
from generator.passages.support import Quotation, ReadPage, quotations
from indexer.base.document_properties import AUTHORS, DATE, TITLE
from indexer.base.language.sentence_ends import BETWEEN
from indexer.base.pages import FractionBox, QueryEmbedding, fraction_box

# A longer number is a year or part of a quotation.
_MARKER = re.compile(
    r"(?P<space>[ \t]*)\[\s*(?:(?:pages?|p\.)\s*)?(?P<numbers>\d{1,2}(?:\s*[,;]\s*\d{1,2})*)\s*\]",
    re.IGNORECASE,
)
_MAY_BECOME_MARKER = re.compile(r"[ \t]*(?:\[[^\[\]\n]{0,24})?$")
_HEAD_RULE = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)+\s*(?::?-+:?)?\s*")
_WORD = re.compile(r"\w")
_WHOLE_PAGE: FractionBox = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Marker:
    """`[1]` or `[1, 2]` in the answer, with the blanks before it."""

    numbers: tuple[int, ...]
    space: str


class MarkerReader:
    """Splits streamed text into text and markers; a marker may be spread over several pieces."""

    def __init__(self) -> None:
        self._tail = ""  # a marker may begin in it

    def feed(self, piece: str) -> list[str | Marker]:
        """Return what is certain by now; hold back the beginning of a marker."""
        text = self._tail + piece
        opening = _MAY_BECOME_MARKER.search(text)
        end = opening.start() if opening else len(text)
        self._tail = text[end:]
        return _parts_of(text[:end])

    def close(self) -> list[str | Marker]:
        """Return what was still held back."""
        text, self._tail = self._tail, ""
        return _parts_of(text)


class ClaimReader:
    """Reads the claims before a marker: the sentences since the last marker, or the part of one."""

    def __init__(self) -> None:
        self._fresh = ""
        self._support: dict[str, bool] = {}  # the claims that the latest markers stand behind

    def add(self, text: str) -> None:
        self._fresh += text

    def claims(self) -> list[str]:
        """Return the claims that end here, the marker's own last; two markers side by side share them."""
        return list(self._support)

    def pass_marker(self) -> list[str]:
        """Take what was said since the last marker as the claims; return earlier ones without support."""
        sentences = self._fresh_sentences()
        if not sentences:
            return []
        earlier_claims = self._without_support()
        self._support = dict.fromkeys(sentences, False)
        return earlier_claims

    def note_support(self, claim: str) -> None:
        """Note that a citation supports one of `claims`."""
        self._support[claim] = True

    def close(self) -> list[str]:
        """Return the claims without support that are left: also those with no marker behind them."""
        return self._without_support() + [
            claim for claim in self._fresh_sentences() if _says(claim)
        ]

    def break_off(self) -> list[str]:
        """Return the same of a text that is stopped here: of a sentence under way nothing is said."""
        ends = [match.start() for match in BETWEEN.finditer(self._fresh)]
        self._fresh = self._fresh[: ends[-1]] if ends else ""
        return self.close()

    def _without_support(self) -> list[str]:
        return [
            claim
            for claim, has_support in self._support.items()
            if not has_support and _says(claim)
        ]

    def _fresh_sentences(self) -> list[str]:
        sentences: list[str] = []
        for part in BETWEEN.split(self._fresh):
            if sentences and _HEAD_RULE.fullmatch(part):
                sentences.pop()  # the heads of a table's columns claim nothing
            elif _WORD.search(part):
                sentences.append(part.strip())
        self._fresh = ""
        return sentences


def _says(sentence: str) -> bool:
    """Say whether a sentence claims something: "Yes." and "The pages say:" do not."""
    claim = read_question(sentence)
    return not sentence.endswith(":") and (len(claim.terms) > 1 or bool(claim.key_terms))


def support_for(
    claim: str, query: QueryEmbedding, page: ReadPage, min_support: float = 0.0
) -> Quotation | None:
    """Return the passage of the page that carries the claim best; None where it has no words to check.

    Of those with enough support, the best that holds the claim's numbers: rows of a table differ in
    little else.
    The words are the claim's, the similarities the question's: no second model pass.
    """
    alone = replace(page, before=None, behind=None)
    ranking = quotations(read_question(claim), query, [alone], is_claim=True)
    with_numbers = (
        quotation
        for quotation in ranking
        if quotation.closeness >= min_support
        and not missing_numbers(claim, terms_of(quotation.passage.quote))
    )
    return next(with_numbers, ranking[0] if ranking else None)


def is_enough(support: Quotation | None, claim: str, min_support: float) -> bool:
    """Say whether a passage proves the claim: its support is `min_support`, it shares a word with it, and
    all its numbers stand on the page.

    A page without words cannot be compared: its image is believed.
    """
    if support is None:
        return True
    if not min_support:
        return True
    shares = read_question(claim).cover(terms_of(support.passage.quote)) > 0
    if not shares or support.closeness < min_support:
        return False
    page = support.page
    terms = terms_of(page.words.quote(0, len(page.words))) | page.name_terms
    return not missing_numbers(claim, terms)


def citation(n: int, page: ReadPage, support: Quotation | None, supported: bool) -> Citation:
    """Return citation [n]; without `support` it points at the page's best evidence and quotes nothing."""
    hit = page.hit
    if support is not None:
        box = fraction_box(support.passage.box)
    else:
        best = max(hit.evidence, key=lambda evidence: evidence.score, default=None)
        box = best.box if best else _WHOLE_PAGE
    return Citation(
        n=n,
        page_id=hit.page.id,
        document_id=hit.document.id,
        document=hit.document.name,
        page_number=hit.page.page_number,
        box=box,
        quote=support.passage.quote if support else "",
        support=round(support.closeness, 4) if support else 0.0,
        supported=supported,
        page_label=hit.page.label,
        time_s=hit.page.time_s,
        version=hit.document.version,
        attachment_of=hit.document.attachment_of,
        document_title=hit.document.properties.value_of(TITLE),
        authors=hit.document.properties.value_of(AUTHORS),
        date=hit.document.properties.value_of(DATE),
    )


def _parts_of(text: str) -> list[str | Marker]:
    parts: list[str | Marker] = []
    end = 0
    for match in _MARKER.finditer(text):
        if match.start() > end:
            parts.append(text[end : match.start()])
        numbers = tuple(int(number) for number in re.findall(r"\d+", match["numbers"]))
        parts.append(Marker(numbers, match["space"]))
        end = match.end()
    if end < len(text):
        parts.append(text[end:])
    return parts
