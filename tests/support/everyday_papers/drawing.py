"""Draw all of them into a folder."""

from __future__ import annotations

from pathlib import Path

from tests.support.everyday_papers import office, shop, technical

PAPERS = (
    office.invoice, office.minutes, office.membership_form, office.bilingual_contract,
    shop.price_list, shop.receipt, shop.timetable, technical.data_sheet, technical.safety_sheet,
    technical.two_column_paper, technical.statistics, technical.slide,
)  # fmt: skip


def draw_papers(folder: Path) -> None:
    """Write each paper as a file with the name of its function, hyphens between words."""
    folder.mkdir(parents=True, exist_ok=True)
    for draw in PAPERS:
        draw().save(folder / f"{draw.__name__.replace('_', '-')}.pdf")
