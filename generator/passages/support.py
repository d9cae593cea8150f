"""Orders passages by how well they carry an answer, and says how likely that is right: `support`, 0..1.

docs/decisions/0004-extractive-support.md and 0054-what-support-says.md say what it is worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from generator.passages.absence import lacking_attributes
from generator.passages.calibration import Calibration, calibration_of
from generator.passages.demands import WITHOUT_THING, beside, demands_of
from generator.passages.furniture import running_heads
from generator.passages.losses import loss_at_edge, losses
from generator.passages.questions.parsed_question import ParsedQuestion
from generator.passages.questions.terms import terms_of
from generator.passages.regions import least_similarity
from generator.passages.running_on import with_list_whole, with_sentences_whole
from generator.passages.splitting.page_passages import in_company, passages_of
from generator.passages.splitting.passage import Passage
from generator.passages.splitting.tables import Table
from generator.passages.strength import strengths
from generator.passages.subject import subject_of
from indexer.base.language.stop_words import STOP_WORDS
from indexer.base.pages import PageEmbedding, PageWords, QueryEmbedding
from indexer.catalog.document_records import Page
from retriever.hits import PageHit

# A page that the search ranks one place lower holds the answer less often.
_LATER_PAGE = 0.25
_BEHIND = 0.2  # of a place
# What does not stand on the page that the question names, where that was read.
_OFF_THE_PAGE = 2.0
# A word on every page says little about where the answer is, if there are this many pages.
_MIN_PAGES_TO_COMPARE = 3
_EVERYWHERE = 0.5
# So does a word in so many of the passages: the tenant of a lease.
_MANY = 0.15
_MIN_PASSAGES = 5
# The document's name says nothing about where in it the answer is.
_NAME = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class PageBeside:
    """A page before or behind one that was read."""

    page: Page
    words: PageWords


@dataclass(frozen=True, slots=True, eq=False)
class ReadPage:
    """A hit, with the words and vectors that a quotation needs.

    name_terms        the words that name its document: of its file name and its title
    first_page_terms  all words of the first page of its document
    before, behind    the pages beside it, for what runs over its ends
    """

    hit: PageHit
    words: PageWords
    embedding: PageEmbedding
    name_terms: frozenset[str] = frozenset()
    first_page_terms: frozenset[str] = frozenset()
    before: PageBeside | None = None
    behind: PageBeside | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Quotation:
    """A passage that may be quoted.

    question     as it was compared with the passage: without the name of the document
    n_compared   passages of all pages that were read, this one among them
    lacks_thing  it holds nothing of the kind asked for, and has lost its strength for that
    absent_cost  the strength that it has lost for words that no page has; 0 where one of them says which
                 thing is meant (`cherry` of "a cherry tree")
    """

    question: ParsedQuestion
    page: ReadPage
    passage: Passage
    strength: float
    n_compared: int
    lacks_thing: bool = False
    absent_cost: float = 0.0

    @property
    def closeness(self) -> float:
        """How close it is to an answer, 0..1: what a floor is set for. It depends on strength alone."""
        return self._calibration.closeness(self.strength)

    @property
    def support(self) -> float:
        """The chance, 0..1, that it answers the question rightly."""
        n_words = len(self.question.terms)
        return self._calibration.support(self.strength, n_words, self.n_compared)

    @property
    def _calibration(self) -> Calibration:
        return calibration_of(self.page.hit.fingerprint.name)


def quotations(
    question: ParsedQuestion,
    query: QueryEmbedding,
    pages: Sequence[ReadPage],
    *,
    is_claim: bool = False,
) -> list[Quotation]:
    """Return every passage but running heads, strongest first; ties in the order of the pages.

    is_claim  what is compared is no question but a sentence to be proved: it asks for nothing
    """
    passages = [_passages_of(page) for page in pages]
    n_compared = sum(map(len, passages))
    general_question = question.with_less_weight(
        _on_all(passages) | _in_many(passages, question), _EVERYWHERE
    )
    page_terms = terms_on(passages)
    lacking = lacking_attributes(question, page_terms)
    names = frozenset[str]().union(*(page.name_terms for page in pages))
    demands = None if is_claim else demands_of(question, page_terms | names)
    on_named_page = {i for i, page in enumerate(pages) if question.names_page(page.hit.page)}
    all_quotations: list[Quotation] = []
    for i, page in enumerate(pages):
        own = passages[i]
        if not own:
            continue
        local_question = _without_name(general_question, page)
        strength = strengths(question, local_question, query, page.embedding, own, page.name_terms)
        strength -= 0.0 if is_claim else _LATER_PAGE * _place(pages, i)
        strength -= _OFF_THE_PAGE * (bool(on_named_page) and i not in on_named_page)
        strength -= losses(question, own, names_no_thing=bool(lacking))
        repeats = running_heads(own, [passages[j] for j in _beside(pages, i)])
        if page.words.layout:
            quotable = [p.table is None or not p.leads for p in own]
            strength -= np.array([loss_at_edge(p, r) for p, r in zip(own, repeats, strict=True)])
        else:
            quotable = (~repeats).tolist()
        for n in (n for n in range(len(own)) if quotable[n]):
            passage = _as_quoted(question, page, own, n)
            loss, lacks_thing, absent_cost = 0.0, False, 0.0
            if demands is not None:
                absent_cost = 0.0 if lacking else demands.cost_of_absent(passage)
                lacks_thing = demands.is_without_thing(passage, beside(own, n))
                loss = demands.loss(own, n, page.name_terms) + WITHOUT_THING * lacks_thing
            all_quotations.append(
                Quotation(
                    local_question,
                    page,
                    passage,
                    float(strength[n]) - loss,
                    n_compared,
                    lacks_thing,
                    absent_cost,
                )
            )
    ranking = sorted(all_quotations, key=lambda quotation: -quotation.strength)
    return ranking if is_claim else _with_least_word(ranking, query)


def _with_least_word(ranking: Sequence[Quotation], query: QueryEmbedding) -> list[Quotation]:
    """Return the quotations in the same order, all a little stronger where the best matches every word.

    An answer has something for each word of its question; what shares most may lack the one that counts.
    """
    if not ranking:
        return []
    best = ranking[0]
    calibration = calibration_of(best.page.hit.fingerprint.name)
    if not calibration.of_least:
        return [*ranking]
    worst_match = least_similarity(query, best.page.embedding, best.passage)
    gain = calibration.of_least * (worst_match - calibration.usual_least)
    return [replace(quotation, strength=quotation.strength + gain) for quotation in ranking]


def _place(pages: Sequence[ReadPage], i: int) -> float:
    """Return the place of a page among those read; what other versions have of it stands right behind."""
    names = [(page.hit.document.name, page.hit.page.page_number) for page in pages]
    return names.index(names[i]) + _BEHIND * names[:i].count(names[i])


def _passages_of(page: ReadPage) -> list[Passage]:
    own = passages_of(page.words)
    return with_sentences_whole(own, _words_of(page.before), _words_of(page.behind))


def _words_of(page: PageBeside | None) -> PageWords | None:
    return page.words if page is not None else None


def _as_quoted(
    question: ParsedQuestion, page: ReadPage, own: Sequence[Passage], position: int
) -> Passage:
    """Return a passage with what belongs to it, on its page and on the next one."""
    quote = own[position].quote
    says_nothing = (
        own[position].field is None
        and quote[-1] not in ".!?"
        and terms_of(quote) <= question.terms.keys() | STOP_WORDS
    )
    passage = in_company(
        page.words, own, position, whole_list=question.asks_list, says_nothing=says_nothing
    )
    if not question.asks_list:
        return passage
    return with_list_whole(passage, own, _words_of(page.behind))


def of_any_kind(ranking: Sequence[Quotation]) -> Quotation:
    """Return the strongest of some quotations, 1 or more, had they not to hold a thing of the kind asked for.

    Where a figure has to be counted or seen, the pages that speak of it have none.
    """
    return max(
        (replace(q, strength=q.strength + WITHOUT_THING * q.lacks_thing) for q in ranking),
        key=lambda quotation: quotation.strength,
    )


def lacks_only_thing(ranking: Sequence[Quotation], min_closeness: float) -> bool:
    """Say whether a passage would suffice, if only it held a thing of the kind asked for."""
    return any(
        quotation.lacks_thing
        and replace(quotation, strength=quotation.strength + WITHOUT_THING).closeness
        >= min_closeness
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
    """Return the question without the words that name the document, unless it is about nothing else."""
    subject = subject_of(question).weights.keys() | question.key_terms
    if (subject or question.terms.keys()) <= page.name_terms:
        return question
    return question.with_less_weight(page.name_terms, _NAME)


def terms_on(passages: Sequence[Sequence[Passage]]) -> frozenset[str]:
    """Return all words of the passages of some pages."""
    return frozenset[str]().union(*(terms_of(p.quote) for page in passages for p in page))


def _in_many(passages: Sequence[Sequence[Passage]], question: ParsedQuestion) -> frozenset[str]:
    """Return the words of a question that stand in many of the passages, tables counted as one."""
    texts = [terms_of(p.quote) for page in passages for p in page if p.table is None]
    n_many = max(_MIN_PASSAGES, _MANY * len(texts))
    return frozenset(t for t in question.terms if sum(t in text for text in texts) >= n_many)


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
