"""Orders passages by how well they carry an answer: `support`, 0..1.

docs/decisions/0004-extractive-support.md says what it is worth.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from generator.passages.absence import lacking_attributes
from generator.passages.asked_thing import holds_thing
from generator.passages.calibration import calibration_of
from generator.passages.furniture import contents_entries, running_heads
from generator.passages.polarity import says_the_opposite
from generator.passages.questions import english
from generator.passages.questions.codes import lacking_codes
from generator.passages.questions.parsed_question import ParsedQuestion, terms_of
from generator.passages.splitting.block_passages import FURNITURE, HEADINGS
from generator.passages.splitting.page_passages import in_company, passages_of
from generator.passages.splitting.passage import Passage
from generator.passages.splitting.tables import Table
from generator.passages.strength import Strengths, strengths
from generator.passages.subject import near_terms, subject_of
from indexer.base.pages import PageEmbedding, PageWords, QueryEmbedding
from retriever.hits import PageHit

# A line of a table of contents loses so much: at best it names the page of the answer.
_CONTENTS_ENTRY = 0.5
_CONTENTS_TABLE = 1.5
# A heading counts for all that stands below it: by itself it says less.
_HEADING = 0.5
# A row of cash flows says nothing of what there is on a day.
_FLOW = 0.75
# A running head or foot loses so much: it is quoted where nothing else says it. Where none of the other pages
# repeats it, it may be a line of text at the edge of its page.
_FURNITURE = 1.0
_EDGE = 0.25
_MIN_SENTENCE = 5
# A field that nobody filled in.
_LEFT_EMPTY = 1.0
# What says nothing of a code of the question loses more than a passage can have.
_OF_ANOTHER_CODE = 10.0
# What says the opposite is no answer: "included" where the question is what is not.
_OPPOSITE = 1.5
# What does not begin with the part whose name is asked for, and what does.
_NOT_THE_PART = 2.0
# Where no page says which thing is asked about, a row or field that names another one does not answer.
_OF_ANOTHER_THING = 1.0
# What holds nothing of the kind asked for, an amount or a date, loses more than a passage can have.
_WITHOUT_THING = 10.0
# So much is lost where nothing of what the question is about stands on any page, or near the passage: half of
# it has to be near.
_SUBJECT_ABSENT = 3.0
_MAX_SUBJECT_ABSENT = 1.5  # pages may say all of it in other words
_SUBJECT_NOT_NEAR = 2.0
_NEAR_ENOUGH = 0.5
# A word on every page says little about where the answer is, if there are this many pages.
_MIN_PAGES_TO_COMPARE = 3
_EVERYWHERE = 0.5
# The document's name says nothing about where in it the answer is.
_NAME = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class ReadPage:
    """A hit, with the words and vectors that a quotation needs.

    name_terms        the words that name its document: of its file name and its title
    first_page_terms  all words of the first page of its document
    """

    hit: PageHit
    words: PageWords
    embedding: PageEmbedding
    name_terms: frozenset[str] = frozenset()
    first_page_terms: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Quotation:
    """A passage that may be quoted.

    question     as it was compared with the passage: without the name of the document
    lacks_thing  it holds nothing of the kind asked for, and has lost its strength for that
    """

    question: ParsedQuestion
    page: ReadPage
    passage: Passage
    strength: float
    lacks_thing: bool = False

    @property
    def support(self) -> float:
        """0..1, by the calibration of the encoder that found the page."""
        return calibration_of(self.page.hit.encoder).support(self.strength)


def quotations(
    question: ParsedQuestion, query: QueryEmbedding, pages: Sequence[ReadPage]
) -> list[Quotation]:
    """Return every passage but running heads, strongest first; ties in the order of the pages."""
    passages = [passages_of(page.words) for page in pages]
    general_question = question.with_less_weight(_on_all(passages), _EVERYWHERE)
    page_terms = terms_on(passages)
    lacking = lacking_attributes(question, page_terms)
    subject = subject_of(question)
    absent = subject.absent_terms(page_terms.union(*(page.name_terms for page in pages)))
    loss_of_absent = min(_SUBJECT_ABSENT * subject.share_of(absent), _MAX_SUBJECT_ABSENT)
    all_quotations: list[Quotation] = []
    for i, page in enumerate(pages):
        own = passages[i]
        if not own:
            continue
        local_question = _without_name(general_question, page)
        strength = strengths(question, local_question, query, page.embedding, own, page.name_terms)
        strength -= _losses(question, own) + _NOT_THE_PART * _not_of_part(question, own)
        strength -= _OF_ANOTHER_THING * np.array(
            [bool(lacking) and _names_thing(question, p) for p in own]
        )
        repeats = running_heads(own, [passages[j] for j in _beside(pages, i)])
        if page.words.layout:
            quotable = [p.table is None or not p.leads for p in own]
            strength -= np.array([_loss_at_edge(p, r) for p, r in zip(own, repeats, strict=True)])
        else:
            quotable = (~repeats).tolist()
        for n in (n for n in range(len(own)) if quotable[n]):
            passage = in_company(page.words, own, n, whole_list=question.asks_list)
            lacks_thing = not holds_thing(question, passage, *_beside_passage(own, n))
            loss = _WITHOUT_THING * lacks_thing
            if not subject.is_bare(passage):
                near = subject.near_share(near_terms(own, n), page.name_terms | absent)
                loss += loss_of_absent + _SUBJECT_NOT_NEAR * max(0.0, 1 - near / _NEAR_ENOUGH)
            all_quotations.append(
                Quotation(local_question, page, passage, float(strength[n]) - loss, lacks_thing)
            )
    return sorted(all_quotations, key=lambda quotation: -quotation.strength)


def _beside_passage(passages: Sequence[Passage], position: int) -> tuple[str, str]:
    """Return the quotes of the passages before and behind the one at `position`."""
    before = passages[position - 1].quote if position else ""
    behind = passages[position + 1].quote if position + 1 < len(passages) else ""
    return before, behind


def _loss_at_edge(passage: Passage, is_repeated: bool) -> float:
    """Return what a running head or foot loses."""
    if passage.kind not in FURNITURE:
        return 0.0
    is_short = passage.stop - passage.start < _MIN_SENTENCE
    return _FURNITURE if is_repeated or is_short else _EDGE


def lacks_only_thing(ranking: Sequence[Quotation], min_support: float) -> bool:
    """Say whether a passage would suffice, if only it held a thing of the kind asked for."""
    return any(
        quotation.lacks_thing
        and replace(quotation, strength=quotation.strength + _WITHOUT_THING).support >= min_support
        for quotation in ranking
    )


def absent_words(question: ParsedQuestion, pages: Sequence[ReadPage]) -> list[str]:
    """Return the words of what a question is about that no page has, as it writes them."""
    texts = [terms_of(page.words.quote(0, len(page.words))) | page.name_terms for page in pages]
    return subject_of(question).as_written(frozenset[str]().union(*texts))


def tables_of(ranking: Sequence[Quotation]) -> list[Table]:
    """Return the tables that quotations are of, in the order of the best of each."""
    tables = (quotation.passage.table for quotation in ranking)
    return list({id(table): table for table in tables if table is not None}.values())


def _without_name(question: ParsedQuestion, page: ReadPage) -> ParsedQuestion:
    if question.terms.keys() <= page.name_terms:
        return question
    return question.with_less_weight(page.name_terms, _NAME)


def _losses(question: ParsedQuestion, passages: Sequence[Passage]) -> Strengths:
    """Return what the passages (P,) lose for being something that does not answer."""
    quotes = [passage.quote for passage in passages]
    headings = [_around(passage) for passage in passages]
    losses = _CONTENTS_ENTRY * contents_entries(passages)
    losses += _CONTENTS_TABLE * np.array(
        [passage.table is not None and passage.table.is_contents for passage in passages]
    )
    losses += _HEADING * np.array([_only_leads(question, passage) for passage in passages])
    losses += _FLOW * np.array([question.asks_balance and _is_of_flow(p) for p in passages])
    losses += _OF_ANOTHER_CODE * lacking_codes(question.codes, quotes, headings)
    losses += _OPPOSITE * np.array([says_the_opposite(question, quote) for quote in quotes])
    empty = [
        p.field is not None and p.field[0] == p.field[1] and p.is_ticked is None for p in passages
    ]
    return np.asarray(losses + _LEFT_EMPTY * np.array(empty), np.float64)


def _only_leads(question: ParsedQuestion, passage: Passage) -> bool:
    """Say whether a heading has no figure of its own that is asked for: `Drawing no. 77-4120-B` has."""
    if passage.kind not in HEADINGS:
        return False
    return not (question.asks_figure and question.answered_in_kind(passage.quote))


def _is_of_flow(passage: Passage) -> bool:
    table = passage.table
    if table is None:
        return False
    around = " ".join([passage.context.heading, table.group_of(passage.row), table.caption])
    return english.FLOW.search(around) is not None


def _not_of_part(question: ParsedQuestion, passages: Sequence[Passage]) -> Strengths:
    """Return 1 for passages (P,) that do not begin with the part whose name is asked for, else -1."""
    asks = english.ASKS_PART_NAME.search(question.text.lower())
    if asks is None:
        return np.zeros(len(passages))
    kind = r"fig(?:ure)?s?\.?" if asks["kind"].startswith("fig") else re.escape(asks["kind"])
    begins = re.compile(rf"\W*{kind}\s*{re.escape(asks['number'])}(?!\w)", re.IGNORECASE)
    return np.array([-1.0 if begins.match(passage.quote) else 1.0 for passage in passages])


def _names_thing(question: ParsedQuestion, passage: Passage) -> bool:
    """Say whether a row or a field is named by words that the question does not have."""
    label = passage.label if passage.field is not None else ""
    if passage.table is not None:
        label = passage.table.own_label(passage.row)
    return not frozenset(t for t in terms_of(label) if t[0].isalpha()) <= question.terms.keys()


def _around(passage: Passage) -> str:
    """Return what may name the code that a passage is about: its heading, all heads of its table."""
    table = passage.table
    if table is None:
        return passage.context.heading
    heads = [table.head(cell) for cell in table.values_of(passage.row)]
    return " ".join([passage.context.heading, table.label(passage.row), *heads])


def terms_on(passages: Sequence[Sequence[Passage]]) -> frozenset[str]:
    """Return all words of the passages of some pages."""
    return frozenset[str]().union(*(terms_of(p.quote) for page in passages for p in page))


def _on_all(passages: Sequence[Sequence[Passage]]) -> frozenset[str]:
    """Return the words that stand on every page, where there are enough pages to tell."""
    if len(passages) < _MIN_PAGES_TO_COMPARE:
        return frozenset()
    terms = [terms_of(" ".join(passage.quote for passage in page)) for page in passages]
    return frozenset.intersection(*terms)


def _beside(pages: Sequence[ReadPage], i: int) -> list[int]:
    """Return the positions of the other pages of page i's document."""
    own = pages[i].hit
    return [j for j, page in enumerate(pages) if j != i and page.hit.document.id == own.document.id]
