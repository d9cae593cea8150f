"""Answers by quoting: the best supported passages of the pages, word for word, no language model.

The value comes first, on a line of its own, where a cell, a field or a pattern gives one; below it what it is
or the sentence that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace

from generator.answering.answer_parts import write_parts
from generator.answering.answers import (
    CitationAdded,
    PassageBeside,
    Token,
    WordsMissing,
    WriterEvent,
)
from generator.answering.further_passages import further_passages, repeats
from generator.answering.quoting import cite, parts_of, proof_of, value_in
from generator.answering.refusals import in_words, not_found
from generator.answering.talk.side_tasks import side_task_without_model
from generator.answering.writer import WritingRequest
from generator.passages.absence import missing_words
from generator.passages.asked_thing import thing_in_words
from generator.passages.bare_questions import can_answer
from generator.passages.named_pages import page_asked_for
from generator.passages.part_titles import part_asked_for, title_in
from generator.passages.questions.parsed_question import ParsedQuestion, read_question
from generator.passages.questions.terms import terms_of
from generator.passages.same_meaning import with_meaning
from generator.passages.splitting.block_passages import FURNITURE
from generator.passages.splitting.passage import make_passage
from generator.passages.support import (
    Quotation,
    ReadPage,
    absent_words,
    lacks_only_thing,
    of_any_kind,
    quotations,
    tables_of,
)
from generator.passages.values.calculations import Calculation, calculate
from generator.passages.values.row_lists import list_rows
from generator.passages.values.value import Value, value_of_cell
from generator.passages.work_to_do import work_asked_for, work_to_do
from indexer.base.pages import enclosing

# A further quotation is worth reading when its strength is at most this much below the first one's;
# another value beside one that answers has to be closer.
_CLOSE = 0.8
_CLOSE_VALUE = 0.2
_NAME_MISSING = 4.0  # what is said of another name is no answer, however near
_NAMED_PAGE = (
    6.0  # strength of what stands on a page, or is the title of a part, that was asked for itself
)
_MAX_CITED_ROWS = 12


class ExtractiveWriter:
    """Quotes up to `max_quotations` passages whose support is at least `min_support`."""

    def __init__(self, min_support: float, max_quotations: int) -> None:
        self._min_support = min_support
        self._max_quotations = max_quotations

    @property
    def writes_json(self) -> bool:
        return False

    @property
    def writes_markdown(self) -> bool:
        return False

    def unavailable_reason(self) -> str:
        return ""

    def write(self, request: WritingRequest) -> Iterator[WriterEvent]:
        """As `AnswerWriter.write`.

        It takes milliseconds: `is_cancelled` is never asked. A quotation depends on neither `history` nor
        `client_instructions`, but on the question as it was searched.
        """
        if request.parts:
            yield from write_parts(self._write_answer, request.parts)
        else:
            yield from self._write_answer(request)

    def _write_answer(self, request: WritingRequest) -> Iterator[WriterEvent]:
        """Yield the answer to one question."""
        question = read_question(request.searched_question or request.question)
        strongest_first = with_meaning(
            quotations(question, request.query, request.pages), request.query, request.encode
        )
        missing = words_missing(question, request.pages)
        if missing:
            yield WordsMissing(tuple(missing))
            if strongest_first:
                best_read = strongest_first[0]
                best_of_others = replace(best_read, strength=best_read.strength - _NAME_MISSING)
                yield PassageBeside(cite(0, *parts_of(best_of_others, None)[0]))
            yield Token(not_found(request.pages, missing))
            return
        tables = tables_of(strongest_first)
        result = calculate(question, tables) or list_rows(question, tables)
        if result is not None:
            yield from _calculation(result, strongest_first, request.n_cited_before)
            return
        best = self._page_asked_for(question, request, strongest_first)
        best = best or _title_asked_for(question, strongest_first)
        if best:
            yield from _quote_all(best, request.n_cited_before)
            return
        work = work_to_do(question, strongest_first)
        if not work:
            best = self._choose(question, strongest_first)
        if best:
            n_cited = yield from _quote_all(best, request.n_cited_before)
            shown_quotations = [quotation for quotation, _ in best]
        else:
            n_cited = 0
            shown_quotations = yield from self._refusal(question, request, strongest_first, work)
        for citation in further_passages(
            strongest_first, shown_quotations, n_cited, self._min_support
        ):
            yield PassageBeside(citation, is_further=True)

    def _refusal(
        self,
        question: ParsedQuestion,
        request: WritingRequest,
        ranking: Sequence[Quotation],
        work: str,
    ) -> Generator[Token | PassageBeside, None, list[Quotation]]:
        """Say that nothing was found, and what is nearest; return that.

        work  what has to be done with what the pages say: `counted`
        """
        work = work or work_asked_for(question)
        nearest: list[Quotation] = []
        if ranking:
            nearest = [of_any_kind(ranking) if work else ranking[0]]
        lacks = self._lack(question, request, ranking, work)
        first_part = parts_of(nearest[0], None)[0][0] if nearest else None
        if first_part is not None:
            yield PassageBeside(cite(0, first_part, None))
        yield Token(not_found(request.pages, lacks=lacks, nearest=first_part))
        return nearest

    def side_task(self, task: str, is_cancelled: Callable[[], bool]) -> Iterator[Token]:
        """Say something harmless in the form that is asked for: there is no model to carry it out."""
        yield Token(side_task_without_model(task))

    def _lack(
        self,
        question: ParsedQuestion,
        request: WritingRequest,
        ranking: Sequence[Quotation],
        work: str,
    ) -> str:
        """Return what the pages lack for an answer, as a clause; empty where it is not known."""
        thing = thing_in_words(question)
        if work:
            return f"no page says it; it has to be {work}"
        if words := absent_words(question, request.pages):
            return f"none of these pages says {in_words([f'“{word}”' for word in words])}"
        if thing and ranking and all(quotation.lacks_thing for quotation in ranking):
            return f"none of these pages gives {thing}"
        if thing and lacks_only_thing(ranking, self._min_support):
            return f"these pages speak of it, but none gives {thing} for it"
        return ""

    def _page_asked_for(
        self, question: ParsedQuestion, request: WritingRequest, ranking: Sequence[Quotation]
    ) -> list[tuple[Quotation, Value | None]]:
        """Return the first passages of a page, where the question asks what stands on it and no more.

        Where it asks for a date or the like, those that have one.
        """
        text = request.searched_question or request.question
        page = page_asked_for(text, question, request.pages)
        own = [q for q in ranking if q.page is page and q.passage.kind not in FURNITURE]
        own = [q for q in own if not q.lacks_thing and _has_words(q.passage.quote)]
        own.sort(key=lambda quotation: quotation.passage.start)
        best: list[Quotation] = []
        for quotation in own:
            if not any(repeats(quotation, better) for better in best):
                best.append(quotation)
        best = [
            replace(quotation, strength=_NAMED_PAGE) for quotation in best[: self._max_quotations]
        ]
        return [(q, value_in(q) if question.has_kind else None) for q in best]

    def _choose(
        self, question: ParsedQuestion, strongest_first: Sequence[Quotation]
    ) -> list[tuple[Quotation, Value | None]]:
        """Return what is quoted, each with the value in it.

        Where the first one has a value, others are quoted only if they have one, too, and another.
        """
        may_answer = can_answer(question)
        strongest_first = [q for q in strongest_first if may_answer(q.passage)]
        if not strongest_first:
            return []
        min_strength = strongest_first[0].strength - _CLOSE
        best: list[tuple[Quotation, Value | None]] = []
        for quotation in strongest_first:
            if len(best) == self._max_quotations or quotation.strength < min_strength:
                break
            if quotation.closeness < self._min_support:
                break
            if any(repeats(quotation, better) for better, _ in best):
                continue
            value = value_in(quotation)
            if best and best[0][1] and quotation.strength < min_strength + _CLOSE - _CLOSE_VALUE:
                break
            is_worth = value is not None and value.text not in {v.text for _, v in best if v}
            if not best or best[0][1] is None or is_worth:
                best.append((quotation, value))
        return best


def _has_words(quote: str) -> bool:
    """Say whether a passage says something by itself: the numbers of a drawing or an axis do not."""
    return any(term.isalpha() and len(term) > 1 for term in terms_of(quote))


def _title_asked_for(
    question: ParsedQuestion, ranking: Sequence[Quotation]
) -> list[tuple[Quotation, Value | None]]:
    """Return the title of a numbered part, where the question asks for that and no more."""
    part = part_asked_for(question.text)
    if part is None or not part.is_all:
        return []
    for quotation in sorted(ranking, key=lambda q: part.doubt(q.passage)):
        words = quotation.page.words
        title = title_in(part, words, quotation.passage)
        if title is not None:
            value = Value(words.quote(*title).rstrip("."), enclosing(words.boxes[slice(*title)]))
            passage = quotation.passage
            bare = make_passage(words, passage.start, title[1], passage.context, kind=passage.kind)
            return [(replace(quotation, passage=bare, strength=_NAMED_PAGE), value)]
    return []


def _quote_all(
    best: Sequence[tuple[Quotation, Value | None]],
    n_before: int,
) -> Generator[Token | CitationAdded, None, int]:
    """Yield quotations, the value of each before it, with their citations; return the last number."""
    n = n_before
    for quotation, value in best:
        if n > n_before:
            yield Token("\n\n" if best[0][1] else "\n")
        if value is not None:
            yield Token(value.text, is_value=True)
            yield Token("\n")
        yield Token(proof_of(quotation, value))
        for part, part_value in parts_of(quotation, value):
            n += 1
            yield Token(f" [{n}]")
            yield CitationAdded(cite(n, part, part_value))
    return n


def _calculation(
    result: Calculation, ranking: Sequence[Quotation], n_before: int
) -> Iterator[Token | CitationAdded]:
    """Yield a result, how it comes about, and a citation for each row that it comes from."""
    yield Token(result.text, is_value=True)
    yield Token(f"\n{result.says}")
    for n, (row, cell) in enumerate(result.cells[:_MAX_CITED_ROWS], start=n_before + 1):
        quotation = next(
            q for q in ranking if q.passage.table is result.table and q.passage.row == row
        )
        value = value_of_cell(result.table, row, cell)
        yield Token(f" [{n}]")
        yield CitationAdded(cite(n, quotation, value))


def words_missing(question: ParsedQuestion, pages: Sequence[ReadPage]) -> list[str]:
    """Return the names, codes and numbers of a question that no page has; none where no page has words."""
    texts = [page.words.quote(0, len(page.words)) for page in pages]
    if not any(texts):
        return []
    names = frozenset[str]().union(*(page.name_terms | page.first_page_terms for page in pages))
    return missing_words(question.text, texts, names)
