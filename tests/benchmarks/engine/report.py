"""What was measured: as a table to read, as Markdown, as JSON, as a picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.engine.measure import K, Row
from tests.benchmarks.engine.plot import Line, log_log_svg

COLUMNS = (
    "engine", "settings", "pages", "build s", "build CPU s", "KB/page", "queries", "p50 ms", "p95 ms",
    "CPU ms", f"recall@{K}", "worst", "times ours", "CPU times ours", "load",
)  # fmt: skip


def table(rows: Sequence[Row]) -> list[list[str]]:
    """The header, then a line for each row; a row that failed says why in its second column."""
    return [list(COLUMNS), *(_cells(row) for row in rows)]


def as_text(cells: Sequence[Sequence[str]]) -> str:
    widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
    aligned = (
        [
            text.ljust(w) if i < 2 else text.rjust(w)
            for i, (text, w) in enumerate(zip(line, widths, strict=True))
        ]
        for line in cells
    )
    return "\n".join("  ".join(line).rstrip() for line in aligned)


def as_markdown(cells: Sequence[Sequence[str]]) -> str:
    header, *lines = cells
    rule = ["---"] * 2 + ["---:"] * (len(header) - 2)
    return "\n".join("| " + " | ".join(line) + " |" for line in [header, rule, *lines])


def write(folder: Path, rows: Sequence[Row], facts: dict[str, Any]) -> None:
    """results.json, table.md and latency.svg; called after every size, so that little is ever lost."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"facts": facts, "rows": [row.as_json() for row in rows]}
    (folder / "results.json").write_text(json.dumps(whole, indent=1), encoding="utf-8")
    told = "\n".join(f"- {name}: {value}" for name, value in facts.items())
    text = f"{as_markdown(table(rows))}\n\n{told}\n"
    (folder / "table.md").write_text(text, encoding="utf-8")
    lines = _lines(rows)
    if lines:
        title = f"Search of all pages, p50 (top {K}, recall in brackets)"
        svg = log_log_svg(lines, title, "pages", "ms")
        (folder / "latency.svg").write_text(svg, encoding="utf-8")


def _cells(row: Row) -> list[str]:
    settings = " ".join(f"{name}={value}" for name, value in row.settings.items())
    if row.note:
        return [row.name, row.note, str(row.n_pages), *[""] * (len(COLUMNS) - 4), f"{row.load:.1f}"]
    ms, recall = list(row.ms.values()), list(row.recall.values())
    return [
        row.name,
        settings,
        str(row.n_pages),
        _number(row.build_s),
        _number(row.build_cpu_s),
        _number((row.bytes_per_page or 0) / 1e3),
        str(len(ms)),
        _number(float(np.median(ms))),
        _number(float(np.percentile(ms, 95))),
        _number(float(np.median(list(row.cpu_ms.values())))),
        f"{np.mean(recall):.3f}",
        f"{np.min(recall):.1f}",
        _number(row.ratio),
        _number(row.cpu_ratio),
        f"{row.load:.1f}",
    ]


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _lines(rows: Sequence[Row]) -> list[Line]:
    """A line for each engine and mode that was measured at any size."""
    lines: dict[str, Line] = {}
    for row in rows:
        if row.ms:
            line = lines.setdefault(row.name, Line(row.name, [], is_ours=not row.against))
            line.points.append((row.n_pages, float(np.median(list(row.ms.values())))))
            line.label = f"{row.name} ({np.mean(list(row.recall.values())):.2f})"
    return list(lines.values())
