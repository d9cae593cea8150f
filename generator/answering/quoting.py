"""Says how a quotation reads in an answer, and makes a citation of it."""

from __future__ import annotations

from dataclasses import replace

from generator.answering.answers import Citation
from generator.passages.splitting.passage import make_passage
from generator.passages.support import Quotation
from generator.passages.values.value import Value, reading_of, value_of
from indexer.base.document_properties import AUTHORS, DATE, TITLE
from indexer.base.pages import fraction_box


def proof_of(quotation: Quotation, value: Value | None) -> str:
    """Return what stands below a value or in its place: what it is, a row with its heads, the words."""
    if value is not None and value.says:
        return value.says
    reading = reading_of(quotation.passage) if value is None else ""
    return reading or f"“{quotation.passage.quote}”"


def parts_of(quotation: Quotation, value: Value | None) -> list[tuple[Quotation, Value | None]]:
    """Return a quotation as the parts that each stand on one page, in reading order, the value with its own.

    A sentence or list that runs over the end of a page has two.
    """
    rest, page = quotation.passage.rest, quotation.page
    beside = page.behind if rest and rest.step > 0 else page.before
    if rest is None or beside is None:
        return [(quotation, value)]
    passage = quotation.passage
    bare = make_passage(page.words, passage.start, passage.stop, passage.context, kind=passage.kind)
    own = replace(quotation, passage=bare)
    hit = replace(page.hit, page=beside.page)
    other_page = replace(page, hit=hit, words=beside.words)
    beside_part = replace(quotation, page=other_page, passage=rest.passage)
    own_value = value_of(quotation.question, page.words, bare)
    other_value = None if own_value else value_of(quotation.question, beside.words, rest.passage)
    parts = [(own, own_value), (beside_part, other_value)]
    return parts if rest.step > 0 else parts[::-1]


def value_in(quotation: Quotation) -> Value | None:
    """Return the value in a quotation, on whichever of its pages it stands."""
    if quotation.passage.rest is None:
        return value_of(quotation.question, quotation.page.words, quotation.passage)
    return next(filter(None, (value for _, value in parts_of(quotation, None))), None)


def cite(n: int, quotation: Quotation, value: Value | None) -> Citation:
    """Return citation [n] of a quotation and the value in it."""
    hit = quotation.page.hit
    return Citation(
        n=n,
        page_id=hit.page.id,
        document_id=hit.document.id,
        document=hit.document.name,
        page_number=hit.page.page_number,
        box=fraction_box(quotation.passage.box),
        quote=quotation.passage.quote,
        support=round(quotation.support, 4),
        value=value.text if value else "",
        value_box=fraction_box(value.box) if value else None,
        says=value.says if value else "",
        context_boxes=tuple(map(fraction_box, value.context_boxes)) if value else (),
        page_label=hit.page.label,
        time_s=hit.page.time_s,
        version=hit.document.version,
        attachment_of=hit.document.attachment_of,
        document_title=hit.document.properties.value_of(TITLE),
        authors=hit.document.properties.value_of(AUTHORS),
        date=hit.document.properties.value_of(DATE),
    )
