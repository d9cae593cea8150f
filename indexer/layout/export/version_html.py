"""Two versions of a document side by side: one HTML file with the pictures in it, for a person to look at."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from indexer.base.pages import FractionBox
from indexer.layout.export.html import as_html
from indexer.layout.export.version_diff import PagePair, WordChange, WordRun

_STYLE = """
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem }
section { border-top: 1px solid #8886; margin-top: 2rem; padding-top: 1rem }
.pages { display: grid; gap: 1rem; grid-template-columns: 1fr 1fr }
figure { margin: 0 } figcaption { color: #888; font-size: .85rem }
.page { border: 1px solid #8886; position: relative } .page img { display: block; width: 100% }
.page i { mix-blend-mode: multiply; position: absolute }
.old i { background: #ffb3b3 } .new i { background: #b6f0b6 }
.words { margin-top: 1rem; overflow-wrap: anywhere; white-space: pre-line }
del { background: #ff8a8a55 } ins { background: #6fd66f55 }
"""


@dataclass(frozen=True, slots=True)
class ShownPair:
    """A page of both versions, as it is shown: JPEG where the version has it, and the words."""

    pair: PagePair
    old_jpeg: bytes | None
    new_jpeg: bytes | None
    runs: Sequence[WordRun]


def version_html(
    title: str, old_label: str, new_label: str, n_same: int, pairs: Iterable[ShownPair]
) -> Iterator[str]:
    """Yield the file in pieces. No script, nothing is fetched.

    n_same  pages that are the same in both versions
    """
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{as_html(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{as_html(title)}</h1><p>{as_html(old_label)} and {as_html(new_label)}; "
        f"{n_same} pages are the same in both.</p>\n"
    )
    for shown_pair in pairs:
        yield _section(shown_pair, old_label, new_label)
    yield "</body></html>\n"


def _section(shown_pair: ShownPair, old_label: str, new_label: str) -> str:
    pair, runs = shown_pair.pair, shown_pair.runs
    numbers = [f"page {page.number}" for page in (pair.old, pair.new) if page is not None]
    heading = " → ".join(dict.fromkeys(numbers))
    figures = _figure("old", old_label, shown_pair.old_jpeg, _boxes(runs, WordChange.REMOVED))
    figures += _figure("new", new_label, shown_pair.new_jpeg, _boxes(runs, WordChange.ADDED))
    words = "".join(map(_words, runs))
    return (
        f"<section><h2>{heading}: {pair.change.value}</h2>"
        f'<div class="pages">{figures}</div><p class="words">{words}</p></section>\n'
    )


def _figure(side: str, label: str, jpeg: bytes | None, boxes: Sequence[FractionBox]) -> str:
    if jpeg is None:
        return f'<figure class="{side}"><figcaption>{as_html(label)}: no such page</figcaption></figure>'
    marks = "".join(
        f'<i style="left:{x0:.2%};top:{y0:.2%};width:{x1 - x0:.2%};height:{y1 - y0:.2%}"></i>'
        for x0, y0, x1, y1 in boxes
    )
    source = base64.b64encode(jpeg).decode()
    return (
        f'<figure class="{side}"><figcaption>{as_html(label)}</figcaption><div class="page">'
        f'<img alt="" src="data:image/jpeg;base64,{source}">{marks}</div></figure>'
    )


def _boxes(runs: Sequence[WordRun], change: WordChange) -> list[FractionBox]:
    return [box for run in runs if run.change is change for box in run.boxes]


_TAGS: dict[WordChange, Callable[[str], str]] = {
    WordChange.SAME: lambda text: f"{text} ",
    WordChange.REMOVED: lambda text: f"<del>{text}</del> ",
    WordChange.ADDED: lambda text: f"<ins>{text}</ins> ",
}


def _words(run: WordRun) -> str:
    return _TAGS[run.change](as_html(run.text).replace("\n", " "))
