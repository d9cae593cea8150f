"""Says how a quotation reads in an answer, and makes a citation of it."""

from __future__ import annotations

from generator.answering.answers import Citation
from generator.passages.support import Quotation
from generator.passages.values.value import Value, reading_of
from indexer.base.document_properties import AUTHORS, DATE, TITLE
from indexer.base.pages import fraction_box


def proof_of(quotation: Quotation, value: Value | None) -> str:
    """Return what stands below a value or in its place: what it is, a row with its heads, the words."""
    if value is not None and value.says:
        return value.says
    reading = reading_of(quotation.passage) if value is None else ""
    return reading or f"“{quotation.passage.quote}”"


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
        version=hit.document.version,
        attachment_of=hit.document.attachment_of,
        document_title=hit.document.properties.value_of(TITLE),
        authors=hit.document.properties.value_of(AUTHORS),
        date=hit.document.properties.value_of(DATE),
    )
