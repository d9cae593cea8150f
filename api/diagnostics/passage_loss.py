"""Says what a page that was read, or would have been, lacks to be quoted in an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from api.services.wiring import Services
from generator.answering.extractive_writer import words_missing
from generator.answering.page_reading import read_pages
from generator.passages.questions.parsed_question import ParsedQuestion, content_of, read_question
from generator.passages.questions.terms import terms_of
from generator.passages.same_meaning import with_meaning
from generator.passages.support import Quotation, ReadPage, quotations
from generator.passages.values.spans import fit
from indexer.base.language.search_terms import question_terms
from retriever.hits import PageHit, SearchResult

_MAX_QUOTE = 160  # characters


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a search or an answer.

    says      what happened to the page there
    advice    what would have kept it; empty where it was kept
    is_final  what a later stage says of a page that was lost here means nothing
    """

    name: str
    is_passed: bool
    says: str
    advice: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    is_final: bool = True


def passage_stages(
    services: Services,
    collection: str,
    question: str,
    region: str,
    result: SearchResult,
    hit: PageHit,
) -> Iterator[Stage]:
    """Yield what reading says of a page; one that was not among the hits is read beside them.

    region  words of the part of the page that is meant; empty: its best one
    """
    hits = result.hits
    if all(page_hit.page.id != hit.page.id for page_hit in hits):
        hits = (*hits, hit)
    pages = read_pages(hits, services.stores.catalog, services.searcher)
    parsed_question = read_question(question)
    own = [page for page in pages if page.hit.page.id == hit.page.id]
    if not own or not own[0].words:
        yield Stage("words", False, "the page has no words to quote", "OCR, or a model that sees",
                    is_final=True)  # fmt: skip
        return
    yield _words(parsed_question, own[0])
    yield _names(parsed_question, pages)
    ranking = with_meaning(
        quotations(parsed_question, result.embedding, pages),
        result.embedding,
        lambda texts: services.searcher.encode([collection], texts),
    )
    passages = [q for q in ranking if q.page is own[0] and _is_meant(q, region)]
    if not passages:
        yield Stage("passage", False, f"no passage of the page has the words {region!r}",
                    "words as they stand on the page")  # fmt: skip
        return
    yield _kind(parsed_question, passages[0])
    yield _strength(ranking, passages[0], services.settings.min_support)


def _words(question: ParsedQuestion, page: ReadPage) -> Stage:
    """Tell which words of the question are not on the page: they neither find nor support it."""
    terms = terms_of(" ".join(page.words.texts)) | page.name_terms
    text = content_of(question.text)
    for code in question.codes:
        text = text.replace(code, " ")  # whole codes are told of as names
    asked_terms = [
        w for w in question_terms(text) if not question.terms.keys().isdisjoint(terms_of(w))
    ]
    lacking = [word for word in asked_terms if terms_of(word).isdisjoint(terms)]
    figures = {"missing": float(len(lacking))}
    if not lacking:
        return Stage("words", True, "all words of the question stand on it", figures=figures)
    says = f"these words of the question do not stand on it: {', '.join(lacking)}"
    return Stage("words", len(lacking) < len(asked_terms), says, "words that stand on the page",
                 figures, is_final=False)  # fmt: skip


def _names(question: ParsedQuestion, pages: Sequence[ReadPage]) -> Stage:
    missing = words_missing(question, pages)
    if missing:
        says = f"no page that was read names {', '.join(missing)}, so the answer is “not found”"
        return Stage("names", False, says, "the name or number as it is printed", is_final=False)
    return Stage("names", True, "all names, codes and numbers of the question are on the pages")


def _kind(question: ParsedQuestion, quotation: Quotation) -> Stage:
    if not question.has_kind:
        return Stage("kind", True, "the question asks for no kind of thing that can be told")
    kind = question.kind.value
    if fit(question, quotation.passage.quote) > 0:
        return Stage("kind", True, f"its best passage has something of the kind asked for: {kind}")
    says = f"its best passage has nothing of the kind asked for: {kind}"
    return Stage("kind", False, says, "a question that asks for what it says", is_final=False)


def _strength(ranking: Sequence[Quotation], own: Quotation, floor: float) -> Stage:
    """Compare its best passage with the floor, and with the one that is quoted first."""
    first = ranking[0]
    quote = own.passage.quote
    quote = quote if len(quote) <= _MAX_QUOTE else quote[:_MAX_QUOTE].rsplit(" ", 1)[0] + " …"
    figures = {
        "strength": round(own.strength, 4),
        "closeness": round(own.closeness, 4),
        "floor": floor,
        "support": round(own.support, 4),
        "first_strength": round(first.strength, 4),
        "first_closeness": round(first.closeness, 4),
    }
    says = f"“{quote}” has closeness {own.closeness:.2f}"
    if own.closeness < floor:
        says += f", below the floor of {floor:.2f}"
        return Stage("support", False, says, "words of the passage, or a lower PAGESIGHT_MIN_SUPPORT",
                     figures)  # fmt: skip
    if own is not first:
        place = f"{first.page.hit.page.name} of {first.page.hit.document.title}"
        says += f"; {place} has {first.closeness:.2f} and is quoted first"
        advice = "a filter on its page, or words that only it has"
        return Stage("support", False, says, advice, figures)
    return Stage("support", True, f"{says} and is quoted first", figures=figures)


def _is_meant(quotation: Quotation, region: str) -> bool:
    return terms_of(region) <= terms_of(quotation.passage.quote)
