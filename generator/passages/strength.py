"""Measures how strongly the passages of a page answer a question: by vectors, words, kind of answer.

No second model pass: every page vector has a box, so the similarities that found the page also say
which passage of it they stand in.

Dimension key: T query tokens, N page vectors, P passages of the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from generator.passages.questions import english
from generator.passages.questions.answer_kinds import SIGNS, AnswerKind
from generator.passages.questions.parsed_question import ParsedQuestion
from generator.passages.questions.terms import terms_of
from generator.passages.regions import standing_in
from generator.passages.splitting.passage import Passage
from generator.passages.splitting.tables import Table
from generator.passages.values.cells import CellMatch, answers_in_kind, match_row
from generator.passages.values.spans import fit
from indexer.base.language.stop_words import STOP_WORDS
from indexer.base.pages import PageEmbedding, QueryEmbedding
from retriever.evidence.maxsim import similarities

# Round numbers on a plateau: weights near these rank as well on MMLongBench-Doc questions.
COVER_WEIGHT = 2.0
_KIND_WEIGHT = 0.75
_OF_NO_KIND = 1.0
# A figure, an address or a code cannot be said in any other way: a sentence that has none is no answer. What
# the figures of a table are may stand in a head that was not read.
_WITHOUT_FIGURE = 0.75
# What would have to be calculated is not answered by one of the figures.
_NOT_DERIVED = 0.75
_NOTHING_NEW = 1.0
_SAID_OF_ANYTHING = frozenset(["time"])
_LABEL_IN_QUESTION = 0.4
_MIN_TITLE_WEIGHT = 1.0
_MIN_NEW_WORDS = 2
# A cell whose label names some words of the question and whose head others is rarely there by chance.
_CROSSING = 0.5
# A cell that is of another name than the question has is of another thing.
_OF_ANOTHER_NAME = 1.5
# What says that it is an example, where one is asked for.
_GIVES_EXAMPLE = 0.5
# Of rows with one label that stand in several groups the question names the group of one.
_GROUP_TELLS = 0.5
# Where the passage before or behind matches a token better, this much of that match counts.
_LENT_SIMILARITY = 0.8
# A word of the question that stands only in the passage before or behind counts this much.
_LENT_WORD = 0.4

_REFERENCE = re.compile(r"\([^()]*\)")  # (Note 3)
_WORDS = re.compile(r"[^\W_]+")
# What settles a question of yes or no in few words: `Smoking is not permitted.`
_SETTLES = re.compile(
    r"\b(?:yes|no|not|never|allowed|permitted|forbidden|prohibited|included|required|possible)\b",
    re.I,
)

# What is said in a row of a table, but neither by its label nor over the cell that answers.
_FAR_WORD = 0.5

Strengths = NDArray[np.float64]


def strengths(
    question: ParsedQuestion,
    local_question: ParsedQuestion,
    query: QueryEmbedding,
    embedding: PageEmbedding,
    passages: Sequence[Passage],
    name_terms: frozenset[str] = frozenset(),
) -> Strengths:
    """Return the strengths (P,) of a page's passages, P >= 1, from about -0.6 to 6.

    local_question  the question with the weights that tell the passages of these pages apart
    name_terms      words that name the document: they count as said on each of its pages

    Four parts tell the passages of a page apart: similarity, cover of the question's words, whether there
    is something of the kind asked for, whether there is anything but the question's own words. Two tell
    pages apart, and so the questions that can be answered: cover by the whole page, and the share of the
    question's names and numbers on it (cover again where it has none).
    """
    own = [terms_of(passage.quote) for passage in passages]
    matches = [_match(local_question, passage) for passage in passages]
    on_page = name_terms.union(*own)
    page_cover = question.cover(on_page)
    key_terms = question.key_terms
    key_cover = len(key_terms & on_page) / len(key_terms) if key_terms else page_cover
    fits = np.array([_fit(question, p, m) for p, m in zip(passages, matches, strict=True)])
    outside = np.array([passage.table is None for passage in passages])
    n_new = np.array([len(terms - question.terms.keys() - STOP_WORDS) for terms in own])
    asks_yes_or_no = question.kind is AnswerKind.YES_OR_NO
    settles = np.array([asks_yes_or_no and bool(_SETTLES.search(p.quote)) for p in passages])
    crosses = np.array([match is not None and match.crosses for match in matches])
    strength: Strengths = (
        _similarity(query, embedding, passages)
        + COVER_WEIGHT * _cover(local_question, passages, own, matches, fits)
        + _KIND_WEIGHT * fits
        - _NOT_DERIVED * np.array([lacks_derived(question, p) for p in passages])
        - _OF_NO_KIND * ((fits == 0) & question.has_kind)
        - _WITHOUT_FIGURE * ((fits == 0) & question.asks_figure & outside)
        + _CROSSING * crosses
        - _OF_ANOTHER_NAME
        * np.array(
            [
                _is_of_another_name(question, p, m, name_terms)
                for p, m in zip(passages, matches, strict=True)
            ]
        )
        + _GROUP_TELLS * np.array([_is_in_group(local_question, p) for p in passages])
        + _LABEL_IN_QUESTION * np.array([_label_in(question, p) for p in passages])
        + _GIVES_EXAMPLE * np.array([_gives_example(question, p) for p in passages])
        - _NOTHING_NEW * ((n_new < _MIN_NEW_WORDS) & (fits == 0) & outside & ~settles)
        + page_cover
        + key_cover
    )
    return strength


def _is_of_another_name(
    question: ParsedQuestion, passage: Passage, match: CellMatch | None, name_terms: frozenset[str]
) -> bool:
    """Say whether the table has a name of the question, but not where this row and its best cell are."""
    table = passage.table
    if table is None or match is None:
        return False
    names = {term for term in question.key_terms - name_terms if term[0].isalpha()}
    row = [passage.quote, *passage.context, table.label(passage.row), table.head(match.cell)]
    elsewhere = names - terms_of(" ".join([*row, table.caption]))
    return bool(elsewhere) and not elsewhere.isdisjoint(terms_of(table.naming_text))


def lacks_derived(question: ParsedQuestion, passage: Passage) -> bool:
    """Say whether the question asks for what is calculated, and the passage does not speak of it."""
    if not question.derived_terms:
        return False
    text = " ".join([passage.quote, *passage.context])
    if passage.table is not None:
        heads = map(passage.table.head, passage.table.values_of(passage.row))
        text = " ".join([text, passage.table.group_of(passage.row), passage.table.caption, *heads])
    return not question.derived_terms <= terms_of(text)


def _gives_example(question: ParsedQuestion, passage: Passage) -> bool:
    if english.ASKS_EXAMPLE.search(question.text) is None:
        return False
    return english.GIVES_EXAMPLE.search(f"{passage.context.beside} {passage.quote}") is not None


def _label_in(question: ParsedQuestion, passage: Passage) -> float:
    """Return the share of its labels that the question has word for word.

    Those of a row, the label of a field, the heading of a sentence or its own title.
    """
    if passage.table is None and passage.field is None:
        titles = (_plain(passage.context.heading), _plain(passage.context.beside))
        return float(any(_is_thing_in(question, title) for title in titles))
    labels = [passage.label] if passage.field is not None else []
    if passage.table is not None:
        labels = [passage.table.text(cell) for cell in passage.table.labels_of(passage.row)]
    labels = [_plain(_REFERENCE.sub("", label)) for label in labels]
    text = f" {_plain(question.text)} "
    if passage.table is not None and _is_part_of_label(text, labels, passage.table):
        return 0.0
    return sum(f" {label} " in text for label in labels if label) / max(len(labels), 1)


def _is_thing_in(question: ParsedQuestion, title: str) -> bool:
    """Say whether a title is word for word in a question, and says some of what it is about."""
    is_in_text = bool(title) and f" {title} " in f" {_plain(question.text)} "
    return is_in_text and question.weight_in(terms_of(title)) >= _MIN_TITLE_WEIGHT


def _is_part_of_label(text: str, labels: Sequence[str], table: Table) -> bool:
    """Say whether the question has the longer label of another row: `Pump B 2`, beside `Pump B`."""
    label = " ".join(labels)
    return any(
        f" {label} " in f" {longer} " and f" {longer} " in text
        for longer in _labels_in(table)
        if longer != label
    )


@lru_cache(maxsize=32)  # each row of a table asks for them
def _labels_in(table: Table) -> frozenset[str]:
    """Return the labels of all rows as plain words."""
    rows = range(table.block.n_rows)
    return frozenset(
        " ".join(_plain(_REFERENCE.sub("", table.text(cell))) for cell in table.labels_of(row))
        for row in rows
    )


def _is_in_group(question: ParsedQuestion, passage: Passage) -> bool:
    """Say whether only the group of a row tells it from others, and the question says more of this one."""
    if passage.table is None or passage.leads:
        return False
    own = question.weight_in(terms_of(passage.table.group_of(passage.row)))
    groups = passage.table.groups_of_label(passage.row)
    weights = [question.weight_in(terms_of(group)) for group in groups]
    return len(weights) > 1 and own == max(weights) and weights.count(own) == 1


def _plain(text: str) -> str:
    return " ".join(_WORDS.findall(text.lower()))


def _match(question: ParsedQuestion, passage: Passage) -> CellMatch | None:
    if passage.table is None or passage.leads:
        return None
    return match_row(question, passage.table, passage.row)


def _fit(question: ParsedQuestion, passage: Passage, match: CellMatch | None) -> float:
    if match is not None and passage.table is not None:
        return float(answers_in_kind(question, passage.table, passage.row, match.cell))
    return fit(question, passage.quote)


def _similarity(
    query: QueryEmbedding, embedding: PageEmbedding, passages: Sequence[Passage]
) -> Strengths:
    """Return the mean (P,) over content tokens of the best similarity in the passage or, lent, beside it."""
    tokens = query.vectors[query.content] if query.content.any() else query.vectors
    table = similarities(tokens, embedding.vectors)  # (T, N)
    best = np.zeros((len(passages), len(tokens)))
    for i, inside in enumerate(standing_in(embedding.boxes, passages)):
        if len(inside):
            best[i] = table[:, inside].max(axis=1)
    lent = best.copy()
    lent[1:] = np.maximum(lent[1:], _LENT_SIMILARITY * best[:-1])
    lent[:-1] = np.maximum(lent[:-1], _LENT_SIMILARITY * best[1:])
    return np.asarray(lent.mean(axis=1))


def _cover(
    question: ParsedQuestion,
    passages: Sequence[Passage],
    own: Sequence[frozenset[str]],
    matches: Sequence[CellMatch | None],
    fits: Strengths,
) -> Strengths:
    """Return the share (P,) of the question's words in the passage and around it or, lent, beside it.

    A row of a table says nothing of the next one. A sentence with a figure in the unit of what is measured
    need not say "duration" or "voltage", and one that says "at any time" measures nothing.

    fits  (P,) how well each holds something of the kind asked for, 0..1
    """
    none = frozenset[str]()
    shares = []
    for i, (passage, match) in enumerate(zip(passages, matches, strict=True)):
        around = terms_of(" ".join(passage.context))
        if passage.table is not None:
            shares.append(_row_cover(question, passage.table, passage.row, match, own[i] | around))
            continue
        vague = _SAID_OF_ANYTHING & question.measure_terms
        full = (own[i] | around) - vague
        beside = (own[i - 1] if i else none) | (own[i + 1] if i + 1 < len(own) else none)
        has_unit = bool(question.measures) and fits[i] == 1.0
        if has_unit or (question.kind in SIGNS and fits[i] == 1.0):
            full |= question.naming_terms
        bare_question = replace(question, measure_terms=none) if has_unit else question
        share = bare_question.cover(full)
        shares.append(share + _LENT_WORD * (bare_question.cover(full | beside - vague) - share))
    return np.array(shares)


def _row_cover(
    question: ParsedQuestion,
    table: Table,
    row: int,
    match: CellMatch | None,
    around: frozenset[str],
) -> float:
    """Return the share of the question's words in the label of a row and the head of its best cell.

    Those in its other cells, the group of the row, the caption and the heading count in part.
    """
    near = terms_of(table.own_label(row))
    if match is not None:
        near |= terms_of(f"{table.text(match.cell)} {table.head(match.cell)}")
    share = question.cover(near)
    far = near | around | terms_of(table.group_of(row))
    return share + _FAR_WORD * (question.cover(far) - share)
