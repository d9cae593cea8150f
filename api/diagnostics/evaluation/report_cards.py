"""A question of a report: what was asked, what is right, what was answered, and the pages that show it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from html import escape

from api.diagnostics.evaluation.page_words import StoredPages
from api.diagnostics.evaluation.records import CitationRecord, QuestionRecord
from indexer.base.errors import PagesightError
from indexer.base.page_images import jpeg_excerpt
from indexer.base.pages import FractionBox
from indexer.stores import Stores

_CROP_EDGE_PX = 720
_PAGE_EDGE_PX = 640
_MARGIN = 0.05  # of the page's height, above and below a box
_MIN_HEIGHT = 0.14
_MAX_QUOTATIONS = 3


class Cards:
    """Writes cards; it reads page images from the data folder."""

    def __init__(self, stores: Stores, pages: StoredPages) -> None:
        self._stores = stores
        self._pages = pages

    def card(self, n: int, record: QuestionRecord) -> str:
        """Return the HTML of the nth question."""
        groups = {
            "verdict": record.verdict,
            "evidence": "\n".join(record.evidence_sources),
            "format": record.answer_format,
            "document": record.document or "",
            "printed": {True: "yes", False: "no", None: ""}[record.is_printed],
            "answerable": "yes" if record.answerable else "no",
            "ending": _ending(record),
        }
        attributes = " ".join(f'data-{name}="{escape(value)}"' for name, value in groups.items())
        return (
            f'<li class="card" id="q{n}" {attributes}><div>{_head(n, record)}{_pair(record)}'
            f'{_facts(record)}</div><div class="proof">{"".join(self._proof(record))}</div></li>'
        )

    def _proof(self, record: QuestionRecord) -> Iterator[str]:
        for n, citation in enumerate(record.citations[:_MAX_QUOTATIONS], 1):
            yield self._crop(f"<b>{n}</b> ", citation, "crop")
        if not record.citations and record.nearest is not None:
            yield self._crop("not quoted: ", record.nearest, "crop unquoted")
        if record.verdict != "right" and record.gold_pages:
            document, number = record.gold_pages[0]
            page_id = self._pages.page_id(document, number)
            if page_id is not None:
                image = self._image(page_id, _PAGE_EDGE_PX, None)
                caption = f"the right page, {number} of {escape(document)}"
                yield f'<figure class="gold-page"><figcaption>{caption}</figcaption>{image}</figure>'

    def _crop(self, mark: str, citation: CitationRecord, kind: str) -> str:
        region = _around(citation.box)
        place = f"page {citation.page_number} of {escape(citation.document)}"
        is_gold = {True: ", a right page", False: ", not a right page", None: ""}[
            citation.on_gold_page
        ]
        verdicts = (
            f'quotation <span class="{citation.verdict}">{citation.verdict}</span>, '
            f'box <span class="{citation.box_verdict}">{citation.box_verdict}</span>'
        )
        image = self._image(citation.page_id, _CROP_EDGE_PX, region)
        return (
            f"<figure><figcaption>{mark}{place}{is_gold}, support {citation.support:.2f}; {verdicts}"
            f'</figcaption><div class="{kind}">{image}<i style="{_style(citation.box, region)}"></i>'
            f"</div></figure>"
        )

    def _image(self, page_id: int, edge_px: int, region: FractionBox | None) -> str:
        try:
            page, _ = self._stores.catalog.pages.with_document(page_id)
            jpeg = jpeg_excerpt(self._stores.images.read(page.image_sha256), edge_px, region)
        except PagesightError as error:  # a page that is gone or damaged leaves a note
            return f"<p>{escape(str(error))}</p>"
        return f'<img alt="" src="data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}">'


def _head(n: int, record: QuestionRecord) -> str:
    where = " · ".join(filter(None, [f"{n}", record.document, *record.evidence_sources]))
    return (
        f'<p class="where">{escape(where)}</p><h2>{escape(record.question)}</h2>'
        f'<p class="verdict {record.verdict}">{record.verdict}<small>{escape(record.rule)}</small></p>'
    )


def _pair(record: QuestionRecord) -> str:
    gold = record.gold_answer or ("(see the page)" if record.answerable else "not found")
    alternatives = "".join(f"\nor {text}" for text in record.accept)
    rows = [("right", escape(gold + alternatives), ""), ("answer", escape(record.answer), "answer")]
    pairs = "".join(f'<dt>{name}</dt><dd class="{kind}">{text}</dd>' for name, text, kind in rows)
    return f'<dl class="pair">{pairs}</dl>'


def _facts(record: QuestionRecord) -> str:
    facts = [
        f"support {record.support:.2f}",
        "not found" if _ending(record) == "refused" else _ending(record),
        *([record.answer_format] if record.answer_format else []),
        *(["printed on a right page"] if record.is_printed else []),
        *(f"{name} {value:.2f}" for name, value in record.figures.items() if name == "ndcg@5"),
    ]
    return '<ul class="facts">' + "".join(f"<li>{escape(fact)}</li>" for fact in facts) + "</ul>"


def _around(box: FractionBox) -> FractionBox:
    """Return the strip of the page, as wide as it is, that shows a box with what stands around it."""
    middle, half = (box[1] + box[3]) / 2, (box[3] - box[1]) / 2 + _MARGIN
    half = max(half, _MIN_HEIGHT / 2)
    return (0.0, max(middle - half, 0.0), 1.0, min(middle + half, 1.0))


def _style(box: FractionBox, region: FractionBox) -> str:
    height = region[3] - region[1]
    values = {
        "left": box[0],
        "top": (box[1] - region[1]) / height,
        "width": box[2] - box[0],
        "height": (box[3] - box[1]) / height,
    }
    return ";".join(f"{name}:{100 * value:.2f}%" for name, value in values.items())


def _ending(record: QuestionRecord) -> str:
    if record.error:
        return "failed"
    return "refused" if record.refused else "answered"
