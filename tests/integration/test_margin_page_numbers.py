"""The number that is printed on a page is its label where the file has none."""

from __future__ import annotations

from pathlib import Path

import pymupdf

from indexer.inputs.sources import Source
from tests.builders import fake_services


def test_the_printed_number_is_stored_with_the_page(tmp_path: Path) -> None:
    pdf = pymupdf.open()
    for number in range(1, 6):
        page = pdf.new_page(width=300, height=400)
        page.insert_text((40, 120), f"The pump of chapter {number} runs day and night.")
        if number > 1:
            page.insert_text((148, 385), str(number + 40), fontsize=8)
    pdf.save(tmp_path / "pumps.pdf")
    services = fake_services(tmp_path / "data")
    collection = services.create_collection("c")
    services.pipeline.ingest(collection, Source(tmp_path / "pumps.pdf", "pumps.pdf"))
    (document,) = services.stores.catalog.documents.of_collection(collection.id)
    pages = services.stores.catalog.pages.of_document(document.id)
    assert [page.label for page in pages] == ["", "42", "43", "44", "45"]
    assert pages[1].name == 'page 2, printed "42"'
