"""Draws the samples in six languages: python samples/languages/draw.py OUT_FOLDER.

A PDF for each file of `texts/`, with the fonts that PyMuPDF brings along, and `questions.jsonl` beside them
for `pagesight eval`. In a text a line of `---` begins a page, `# ` its title, and `? ` a question that the
page answers, which is not drawn.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pymupdf

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

from arabic_letters import joined  # noqa: E402

_RIGHT_TO_LEFT = {"ar"}
_BOX = pymupdf.Rect(60, 60, 535, 780)  # on a page of 595 x 842 points
_STYLE = "p {font-size: 12pt; line-height: 1.5} h1 {font-size: 18pt}"


@dataclass(frozen=True, slots=True)
class SamplePage:
    """One page, and the questions that it answers."""

    title: str
    paragraphs: tuple[str, ...]
    questions: tuple[str, ...]


def pages_of(text: str) -> list[SamplePage]:
    """Return the pages of a text."""
    pages = []
    for part in text.split("\n---\n"):
        lines = part.strip().splitlines()
        pages.append(
            SamplePage(
                title=lines[0].removeprefix("# "),
                paragraphs=tuple(line for line in lines[1:] if not line.startswith("? ")),
                questions=tuple(line[2:] for line in lines if line.startswith("? ")),
            )
        )
    return pages


def draw(language: str, pages: list[SamplePage], path: Path) -> None:
    """Write a PDF with one page for each."""
    is_arabic = language in _RIGHT_TO_LEFT
    direction = "rtl" if is_arabic else "ltr"

    def shown(line: str) -> str:
        return escape(joined(line) if is_arabic else line)

    with pymupdf.open() as document:
        for page in pages:
            lines = [f'<h1 dir="{direction}">{shown(page.title)}</h1>']
            lines += [f'<p dir="{direction}">{shown(line)}</p>' for line in page.paragraphs]
            document.new_page().insert_htmlbox(_BOX, "".join(lines), css=_STYLE)
        document.subset_fonts()
        document.save(path, garbage=4, deflate=True, no_new_id=True)


def draw_all(folder: Path) -> Path:
    """Draw every text into `folder`, which is made if missing; the path of the questions."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for source in sorted((HERE / "texts").glob("*.txt")):
        pages = pages_of(source.read_text(encoding="utf-8"))
        draw(source.stem, pages, folder / f"{source.stem}.pdf")
        rows += [
            {"document": f"{source.stem}.pdf", "question": question, "evidence_pages": [number]}
            for number, page in enumerate(pages, 1)
            for question in page.questions
        ]
    path = folder / "questions.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    print(draw_all(Path(sys.argv[1])))
