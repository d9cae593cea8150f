"""A run as one HTML file, to look through a hundred answers in minutes: no other file, no network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from api.diagnostics.evaluation.page_words import StoredPages
from api.diagnostics.evaluation.records import QuestionRecord
from api.diagnostics.evaluation.report_cards import Cards
from api.diagnostics.evaluation.report_charts import reliability_chart, risk_coverage_chart
from api.diagnostics.evaluation.runs import write_text
from indexer.stores import Stores

_TILES = {
    "correct": "right, or rightly not found",
    "first_right": "right in the first line or quotation",
    "any_right": "right in any quotation",
    "attributed_first": "answer right and box right",
    "wrong_and_grounded": "wrong and marked grounded",
    "ndcg@5": "right pages found, nDCG@5",
}
_FILTERS = ("verdict", "ending", "printed", "answerable", "evidence", "format", "document")


def write_report(
    path: Path,
    collection: str,
    figures: dict[str, Any],
    records: Sequence[QuestionRecord],
    stores: Stores,
) -> None:
    """Write the report of a run. Raises InvalidQuestions where the file cannot be written."""
    cards = Cards(stores, StoredPages(stores.catalog, collection))
    items = [cards.card(n, record) for n, record in enumerate(records, 1)]
    write_text(path, page_of(collection, figures, records, items))


def page_of(
    collection: str,
    figures: dict[str, Any],
    records: Sequence[QuestionRecord],
    items: Sequence[str],
) -> str:
    """Return the whole page; `items` is the HTML of the questions."""
    style, script = _asset("report.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; img-src data:; script-src {_source_hash(script)}; "
        "style-src 'unsafe-inline'"  # boxes are placed by style attributes
    )
    title = f"Answers over {escape(collection)}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{style}</style></head><body>"
        f'<header class="head"><h1>{title}</h1>{_summary(figures)}{_tiles(figures)}'
        f'{_charts(figures["support"])}</header><div class="bar">{_filter_row(records)}</div>'
        f'<ol class="cards">{"".join(items)}</ol><script>{script}</script></body></html>\n'
    )


def _summary(figures: dict[str, Any]) -> str:
    n, answerable = figures["questions"], figures["answerable"]
    return f"<p>{n} questions, {answerable} with an answer, {figures['printed']} printed on a right page</p>"


def _tiles(figures: dict[str, Any]) -> str:
    rows = [
        f"<div><dt>{title}</dt><dd>{row['mean']:.2f} "
        f"<small>{row['low']:.2f} to {row['high']:.2f}, n {row['n']}</small></dd></div>"
        for name, title in _TILES.items()
        if (row := figures["figures"].get(name))
    ]
    return f'<dl class="tiles">{"".join(rows)}</dl>'


def _charts(support: dict[str, Any]) -> str:
    if not support:
        return ""
    return f'<div class="charts">{risk_coverage_chart(support)}{reliability_chart(support)}</div>'


def _filter_row(records: Sequence[QuestionRecord]) -> str:
    selects = "".join(_select(name, _values(name, records)) for name in _FILTERS)
    return (
        f'<div class="filters">{selects}'
        '<input type="search" placeholder="words" aria-label="Only questions with these words">'
        '<button type="button" id="previous">Previous <kbd>k</kbd></button>'
        '<button type="button" id="next">Next <kbd>j</kbd></button>'
        "<output></output></div>"
    )


def _select(name: str, values: Sequence[str]) -> str:
    if len(values) < 2:
        return ""
    options = "".join(f"<option>{escape(value)}</option>" for value in values)
    label = f"{name}: all"
    return f'<select name="{name}" aria-label="{name}"><option value="">{label}</option>{options}</select>'


def _values(name: str, records: Sequence[QuestionRecord]) -> list[str]:
    """Return what a filter offers."""
    match name:
        case "verdict":
            return ["wrong", "partly", "right"]
        case "ending":
            return ["answered", "refused", "failed"]
        case "printed" | "answerable":
            return ["yes", "no"]
        case "evidence":
            return sorted({source for record in records for source in record.evidence_sources})
        case "format":
            return sorted({record.answer_format for record in records if record.answer_format})
    return sorted({record.document for record in records if record.document})


def _asset(name: str) -> str:
    return files("api.diagnostics.evaluation").joinpath(name).read_text(encoding="utf-8")


def _source_hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
