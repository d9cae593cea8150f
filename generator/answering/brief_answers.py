"""Turns a phrase that a small model wrote into a cited answer: the model does not say where it stands.

The phrase is kept with proof when its words stand together in one region of a page that was read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from generator.answering.answers import (
    Citation,
    CitationAdded,
    EvidenceMissing,
    Token,
    UnsupportedClaim,
    WriterEvent,
)
from generator.answering.citations import MarkerReader
from generator.answering.refusals import not_found
from generator.answering.writer import WritingRequest
from generator.backends.base import Usage
from generator.passages.questions.parsed_question import read_question
from generator.passages.questions.terms import terms_of
from generator.passages.splitting.page_passages import passages_of
from generator.passages.support import ReadPage, quotations
from generator.prompts import NOT_FOUND
from indexer.base.language.stop_words import STOP_WORDS
from indexer.base.pages import QueryEmbedding, enclosing, fraction_box

# Of an answer's words that are no numbers, this share has to stand in the region; of its numbers all.
_WORD_SHARE = 0.5
_MAX_REGION_WORDS = 80  # a list or two rows of a table


class BriefReader:
    """Reads a phrase: it is held back until it is whole, for then it is known whether it holds."""

    n_wrong = None

    def __init__(
        self,
        request: WritingRequest,
        pages: Sequence[ReadPage],
        min_support: float,
        min_logprob: float | None,
    ) -> None:
        self._request = request
        self._pages = pages
        self._min_support = min_support
        self._min_logprob = min_logprob
        self._text = ""

    def feed(self, piece: str) -> Iterator[WriterEvent]:
        """Keep a piece; yield nothing yet."""
        self._text += piece
        yield from ()

    def close(self, usage: Usage) -> Iterator[WriterEvent]:
        """Yield the phrase with its proof, or that nothing was found.

        The support of a phrase is the model's own, the mean probability of its tokens, where it tells it.
        """
        request = self._request
        phrase = phrase_of(self._text)
        if not phrase or is_below(usage.mean_logprob, self._min_logprob):
            yield EvidenceMissing()
            yield Token(not_found(request.pages))
            return
        yield Token(phrase)
        proof = prove(phrase, request.question, request.query, self._pages)
        if proof is None:
            yield UnsupportedClaim(phrase)
            return
        tells = usage.mean_logprob is not None
        support = math.exp(usage.mean_logprob or 0.0) if tells else proof.support
        is_proof = tells or support >= self._min_support
        yield Token(" [1]")
        yield CitationAdded(replace(proof.citation(support), supported=is_proof))
        if not is_proof:
            yield UnsupportedClaim(phrase)


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """A region in which the words of an answer stand: words start..stop of a page, and its support 0..1."""

    page: ReadPage
    start: int
    stop: int
    support: float

    def citation(self, support: float) -> Citation:
        """Return citation 1."""
        hit, words = self.page.hit, self.page.words
        return Citation(
            n=1,
            page_id=hit.page.id,
            document_id=hit.document.id,
            document=hit.document.name,
            page_number=hit.page.page_number,
            time_s=hit.page.time_s,
            box=fraction_box(enclosing(words.boxes[self.start : self.stop])),
            quote=words.quote(self.start, self.stop),
            support=round(support, 4),
        )


def phrase_of(text: str) -> str:
    """Return the phrase that a model wrote, without numbers of pages; empty where it says "not found"."""
    parts = MarkerReader().feed(text.strip() + "\n")
    phrase = " ".join("".join(part for part in parts if isinstance(part, str)).split())
    begins = phrase.lstrip("\"'`*“").upper().replace("_", " ")
    return "" if begins.startswith(NOT_FOUND) else phrase


def prove(
    phrase: str, question: str, query: QueryEmbedding, pages: Sequence[ReadPage]
) -> Proof | None:
    """Return the region that proves a phrase: the passage with most of its words, of several the one that
    suits the question best; else the shortest run of passages that holds them.
    """
    terms = _content_terms(phrase)
    if not terms:
        return None
    candidates = quotations(read_question(question), query, pages)
    shares = [_share(terms_of(quotation.passage.quote), terms) for quotation in candidates]
    if (best := max(shares, default=0.0)) > 0:
        quotation = candidates[shares.index(best)]
        passage = quotation.passage
        return Proof(quotation.page, passage.start, passage.stop, quotation.closeness)
    regions = [(region, page) for page in pages for region in _regions(page, terms)]
    if not regions:
        return None
    (start, stop), page = min(regions, key=lambda pair: pair[0][1] - pair[0][0])
    support = max(
        quotation.closeness
        for quotation in quotations(read_question(question), query, [page])
        if quotation.passage.start < stop and start < quotation.passage.stop
    )
    return Proof(page, start, stop, support)


def _content_terms(phrase: str) -> frozenset[str]:
    return frozenset(term for term in terms_of(phrase) if term not in STOP_WORDS)


def _share(terms: frozenset[str], asked_terms: frozenset[str]) -> float:
    """Return the share of an answer's terms in a text, 0 where a number or too many words are missing."""
    numbers = {term for term in asked_terms if any(map(str.isdigit, term))}
    words = asked_terms - numbers
    holds = numbers <= terms and len(words & terms) >= _WORD_SHARE * len(words)
    return len(asked_terms & terms) / len(asked_terms) if holds else 0.0


def _regions(page: ReadPage, terms: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Yield, for each passage, the shortest run from it on that holds the terms, as words start..stop."""
    passages = passages_of(page.words)
    own = [terms_of(passage.quote) for passage in passages]
    for i, first in enumerate(passages):
        if not own[i] & terms:
            continue
        run_terms: frozenset[str] = frozenset()
        for last, last_terms in zip(passages[i:], own[i:], strict=True):
            if last.stop - first.start > _MAX_REGION_WORDS:
                break
            run_terms |= last_terms
            if _share(run_terms, terms):
                yield first.start, last.stop
                break


def is_below(logprob: float | None, min_logprob: float | None) -> bool:
    """Say whether a model is less sure than it must be; one that does not tell is not."""
    return logprob is not None and min_logprob is not None and logprob < min_logprob
