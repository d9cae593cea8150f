"""Judges a trained reader on pages: which of the best passages it puts first, and which words it points at.

    python -m tests.benchmarks.answer_reader.judge READER.safetensors QUESTIONS.jsonl DATA_FOLDER COLLECTION

Each question is asked of its own document. The product's ranking chooses passages of the pages that were
read, the reader ranks them anew, alone and added to the strength. Figures are for two halves of the
documents, by the last bit of the SHA-256 of their names: look at A, and at B once.

Dimension key: P passages of a question.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from api.base.settings import Settings
from api.diagnostics.comparison.gold import GoldAnswer
from api.diagnostics.comparison.rules import compare
from api.diagnostics.evaluation.page_words import StoredPages
from api.diagnostics.evaluation.questions import Question, read_questions
from api.services.wiring import Services, wire
from generator.answering.page_reading import read_pages
from generator.passages.questions.parsed_question import read_question
from generator.passages.support import Quotation, quotations
from generator.passages.values.value import reading_of, value_of
from indexer.encoders.lite.weights import find_weights, load_tokenizer
from retriever.query.filters import SearchFilter
from tests.benchmarks.answer_reader.made_pages import MadePassage
from tests.benchmarks.answer_reader.network import Reader
from tests.benchmarks.answer_reader.train import load
from tests.benchmarks.answer_reader.windows import question_pieces, window_of
from tests.benchmarks.calibrate_support import auc

N_PAGES, N_PASSAGES = 5, 10
N_WORDS_BEFORE, MAX_SPAN = 12, 30
READER_WEIGHTS = (0.0, 0.05, 0.1, 0.2, 0.5)

Vector = NDArray[np.float64]


class Case(NamedTuple):
    """Strength and rank (P,) of the passages of a question, which of them are right, whether its span is."""

    half: str
    is_answerable: bool
    is_printed: bool
    strength: Vector
    rank: Vector
    is_right: NDArray[np.bool_]
    is_span_right: bool


def main() -> None:
    parser = argparse.ArgumentParser(description="Judge a reader on pages.")
    parser.add_argument("reader", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("collection")
    given = parser.parse_args()
    wired = wire(Settings(data_dir=given.data))
    begun = time.process_time()
    cases = list(
        judged(wired, given.collection, read_questions(given.questions), load(given.reader))
    )
    print(
        f"{(time.process_time() - begun) / len(cases):.2f} CPU s a question, search and ranking included"
    )
    for half in "AB":
        report(half, [case for case in cases if case.half == half])


def judged(
    wired: Services, collection: str, questions: Sequence[Question], reader: Reader
) -> Iterator[Case]:
    catalog = wired.stores.catalog
    pages = StoredPages(catalog, collection)
    tokenizer = load_tokenizer(find_weights())
    stored = catalog.documents.of_collection(catalog.collections.get(collection).id)
    names = {document.name for document in stored if document.verdict.searchable}
    for question in questions:
        if question.document is None or question.document not in names:
            continue
        best = best_quotations(wired, collection, question)
        if not best:
            continue
        rank, spans = read(reader, tokenizer, question.question, best)
        gold = question.answer
        yield Case(
            half=half_of(question.document),
            is_answerable=question.answerable,
            is_printed=question.answerable
            and gold.is_known
            and pages.is_printed(question.question, gold, question.gold),
            strength=np.array([quotation.strength for quotation in best]),
            rank=rank,
            is_right=np.array([any(is_answer(gold, text) for text in texts_of(q)) for q in best]),
            is_span_right=is_answer(gold, spans[int(rank.argmax())]),
        )


def is_answer(gold: GoldAnswer, text: str) -> bool:
    return gold.is_known and compare(gold, text).verdict.value == "right"


def best_quotations(wired: Services, collection: str, question: Question) -> list[Quotation]:
    own_document = SearchFilter((question.document or "",))
    hits = wired.searcher.search(question.question, [collection], N_PAGES, own_document).hits
    pages = read_pages(hits, wired.stores.catalog, wired.searcher)
    query = wired.encoder.get().encode_queries([question.question])[0]
    return quotations(read_question(question.question), query, pages)[:N_PASSAGES]


def texts_of(quotation: Quotation) -> list[str]:
    """Return the texts in which an answer may stand: the words, a row with its heads, the value."""
    passage = quotation.passage
    value = value_of(quotation.question, quotation.page.words, passage)
    return [passage.quote, reading_of(passage), value.text if value else ""]


def passage_of(quotation: Quotation) -> MadePassage:
    """Return a passage in the form that the reader was trained on: rows as `label; head: value; ...`."""
    passage, words = quotation.passage, quotation.page.words
    table, context = passage.table, passage.context
    if table is None or passage.leads:
        heading = ". ".join(filter(None, (context.heading, context.beside, context.header)))
        before = words.quote(max(0, passage.start - N_WORDS_BEFORE), passage.start)
        return MadePassage(heading, before, passage.quote)
    labels = table.label_cells(passage.row)
    values = [cell for cell in table.values_of(passage.row) if cell not in labels]
    pairs = [": ".join(filter(None, (table.head(cell), table.text(cell)))) for cell in values]
    heading = ". ".join(filter(None, (context.heading, table.caption)))
    return MadePassage(heading, "", "; ".join(filter(None, [table.label(passage.row), *pairs])))


def half_of(document: str) -> str:
    return "A" if hashlib.sha256(document.encode()).digest()[-1] & 1 else "B"


@torch.inference_mode()
def read(
    reader: Reader, tokenizer: Tokenizer, question: str, best: Sequence[Quotation]
) -> tuple[Vector, list[str]]:
    """Return the ranks (P,) of passages, and the words in each that the reader points at."""
    passages = [passage_of(quotation) for quotation in best]
    windows = [window_of(tokenizer, question_pieces(tokenizer, question), *p) for p in passages]
    scores = reader(windows)
    spans = []
    for passage, window, start, end in zip(
        passages, windows, scores.start, scores.end, strict=True
    ):
        n = len(start)
        sums = start.log_softmax(0)[:, None] + end.log_softmax(0)
        in_order = torch.ones(n, n).triu() - torch.ones(n, n).triu(MAX_SPAN)
        first, last = divmod(int(sums.masked_fill(in_order == 0, -1e9).argmax()), n)
        spans.append(passage.text[window.offsets[first][0] : window.offsets[last][1]])
    return scores.rank.double().numpy(), spans


def report(half: str, cases: Sequence[Case]) -> None:
    printed = [case for case in cases if case.is_printed]
    print(
        f"\n{half}: {len(printed)} printed answers; right among the best {first_right(printed, None)}"
    )
    print(f"first by the reader alone {first_right(printed, np.inf)}", end="")
    print(f", its words {sum(case.is_span_right for case in printed)}")
    for weight in READER_WEIGHTS:
        tops = [np.max(case.strength + weight * case.rank) for case in cases]
        answerable = np.array([case.is_answerable for case in cases])
        figure = auc(np.array(tops)[answerable], np.array(tops)[~answerable])
        print(f"strength + {weight} reader: first {first_right(printed, weight)}, AUC {figure:.3f}")


def first_right(cases: Sequence[Case], weight: float | None) -> int:
    """Count the cases with a right passage first; inf: by the reader alone, None: at any place."""
    if weight is None:
        return sum(bool(case.is_right.any()) for case in cases)
    ranks = [c.rank if np.isinf(weight) else c.strength + weight * c.rank for c in cases]
    return sum(bool(c.is_right[int(r.argmax())]) for c, r in zip(cases, ranks, strict=True))


if __name__ == "__main__":
    main()
