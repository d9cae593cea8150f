"""What comes out of PyMuPDF through the child: images, words and where they stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image

from indexer.base.pages import BOX_SCALE, RenderedPage
from indexer.base.settings import IndexerSettings
from indexer.inputs.rasterizer import Rasterizer


def render(
    document: pymupdf.Document, folder: Path, **settings: float
) -> tuple[list[RenderedPage], list[str]]:
    path = folder / "document.pdf"
    document.save(path)
    with Rasterizer(IndexerSettings(**settings)).open(path) as opened:
        assert opened.n_pages == len(document)
        return list(opened.pages()), opened.warnings


def ink_box(page: RenderedPage, colour: int) -> np.ndarray:
    """Box of the pixels that are strongly of one channel, in fractions."""
    pixels = np.asarray(page.image).astype(int)
    others = np.delete(pixels, colour, axis=2)
    ys, xs = np.nonzero((pixels[..., colour] > 150) & (others.max(axis=2) < 110))
    width, height = page.image.size
    edges = [xs.min() / width, ys.min() / height, (xs.max() + 1) / width, (ys.max() + 1) / height]
    return np.array(edges)


@pytest.mark.parametrize("cropped", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_stand_where_the_ink_is(tmp_path: Path, rotation: int, cropped: bool) -> None:
    document = pymupdf.open()
    page = document.new_page(width=400, height=600)
    page.insert_text((100, 200), "REDWORD", fontsize=30, color=(1, 0, 0))
    page.insert_text((180, 420), "BLUEWORD", fontsize=24, color=(0, 0, 1))
    if cropped:
        page.set_cropbox(pymupdf.Rect(60, 90, 380, 470))
    page.set_rotation(rotation)
    (rendered,), warnings = render(document, tmp_path)

    size = (320, 380) if cropped else (400, 600)
    shown = size if rotation in (0, 180) else size[::-1]
    assert (rendered.width_pt, rendered.height_pt) == shown
    assert rendered.image.size == tuple(round(side * 120 / 72) for side in shown)
    assert rendered.words.texts == ("REDWORD", "BLUEWORD")
    for box, colour in zip(rendered.words.boxes / BOX_SCALE, (0, 2), strict=True):
        ink = ink_box(rendered, colour)
        slack = 0.03  # a box is as high as its font, not as its letters
        assert np.all(box[:2] <= ink[:2] + 0.005)
        assert np.all(box[2:] >= ink[2:] - 0.005)
        assert np.all(np.abs(box - ink) < slack)
    assert warnings == []


def test_what_the_crop_box_hides_is_not_read(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page(width=400, height=600)
    page.insert_text((100, 100), "hidden")
    page.insert_text((100, 400), "shown")
    page.set_cropbox(pymupdf.Rect(0, 300, 400, 600))
    (rendered,), _ = render(document, tmp_path)
    assert rendered.words.texts == ("shown",)


def test_words_come_column_by_column_and_line_by_line(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_textbox(pymupdf.Rect(50, 50, 280, 300), "left column\nsecond line")
    page.insert_textbox(pymupdf.Rect(320, 50, 560, 300), "right column\nlast line")
    (rendered,), _ = render(document, tmp_path)
    assert rendered.words.text() == "left column\nsecond line\nright column\nlast line"
    assert rendered.words.source == "text"


def test_ligatures_are_spelled_out(tmp_path: Path) -> None:
    document = pymupdf.open()
    document.new_page().insert_text(
        (72, 72), "e\ufb03cient", fontname="t", fontfile=_serif(tmp_path)
    )
    (rendered,), _ = render(document, tmp_path)
    assert rendered.words.texts == ("efficient",)


def _serif(folder: Path) -> str:
    path = folder / "font"
    path.write_bytes(pymupdf.Font("tiro").buffer)
    return str(path)


def test_a_form_field_is_read_as_it_is_shown(tmp_path: Path) -> None:
    document = pymupdf.open()
    widget = pymupdf.Widget()
    widget.field_type = pymupdf.PDF_WIDGET_TYPE_TEXT
    widget.field_name = "name"
    widget.field_value = "Ada"
    widget.rect = pymupdf.Rect(50, 50, 200, 80)
    document.new_page().add_widget(widget)
    (rendered,), _ = render(document, tmp_path)
    assert rendered.words.texts == ("Ada",)


def test_the_share_of_images_is_measured(tmp_path: Path) -> None:
    png = tmp_path / "half.png"
    Image.effect_noise((40, 40), 90).convert("RGB").save(png)
    document = pymupdf.open()
    page = document.new_page(width=400, height=400)
    page.insert_image(pymupdf.Rect(0, 0, 400, 200), filename=png, keep_proportion=False)
    page.set_rotation(90)
    document.new_page()
    (half, none), warnings = render(document, tmp_path)
    assert half.image_coverage == pytest.approx(0.5, abs=0.02)
    assert none.image_coverage == 0
    assert warnings == ["page 2: blank"]


def test_a_blank_page_is_told_and_still_comes(tmp_path: Path) -> None:
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), "text")
    document.new_page()
    document.new_page().draw_line((100, 300), (101, 300))
    pages, warnings = render(document, tmp_path)
    assert [page.page_number for page in pages] == [1, 2, 3]
    assert warnings == ["page 2: blank"]


def test_labels_are_those_of_the_document(tmp_path: Path) -> None:
    document = pymupdf.open()
    for _ in range(4):
        document.new_page().draw_line((10, 10), (50, 50))
    document.set_page_labels(
        [
            {"startpage": 1, "prefix": "", "style": "r", "firstpagenum": 3},
            {"startpage": 3, "prefix": "A-", "style": "D", "firstpagenum": 1},
        ]
    )
    pages, _ = render(document, tmp_path)
    assert [page.label for page in pages] == ["1", "iii", "iv", "A-1"]


def test_a_page_of_200_inches_is_capped_before_it_is_rendered(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page(width=14_400, height=14_400)
    page.insert_text((7_000, 7_000), "small print on a wall", fontsize=500)
    (rendered,), warnings = render(document, tmp_path, rasterizer_memory_bytes=256 * 1024**2)
    assert rendered.image.size == (2000, 2000)
    assert (rendered.width_pt, rendered.height_pt) == (14_400, 14_400)
    assert warnings == []


def test_a_page_as_thin_as_a_hair_has_a_pixel(tmp_path: Path) -> None:
    document = pymupdf.open()
    document.new_page(width=14_400, height=1).draw_line((0, 0.5), (9_000, 0.5))
    (rendered,), _ = render(document, tmp_path)
    assert rendered.image.size == (8000, 1)


def test_a_page_that_needs_too_much_memory_comes_at_half_the_resolution(tmp_path: Path) -> None:
    document = pymupdf.open()
    document.new_page(width=1_500, height=1_500).insert_text((72, 72), "large")
    document.new_page(width=300, height=300).insert_text((72, 72), "small")
    pages, warnings = render(
        document,
        tmp_path,
        page_dpi=600,
        max_page_px=64_000_000,
        rasterizer_memory_bytes=256 * 1024**2,
    )
    assert [page.image.size for page in pages] == [(4000, 4000), (2500, 2500)]
    assert warnings == ["page 1: at half the resolution, for want of memory"]


def test_a_document_that_was_repaired_says_so(tmp_path: Path) -> None:
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), "survivor")
    data = document.tobytes()
    path = tmp_path / "cut.pdf"
    path.write_bytes(data[: data.rindex(b"xref")])
    with Rasterizer(IndexerSettings()).open(path) as opened:
        (page,) = opened.pages()
    assert page.words.text() == "survivor"
    assert opened.warnings == ["repaired while opening"]


def test_a_broken_page_is_left_out_and_the_others_come(tmp_path: Path) -> None:
    document = pymupdf.open()
    for number in (1, 2, 3):
        document.new_page().insert_text((72, 72), f"page {number}")
    kids = document.xref_get_key(document.pdf_catalog(), "Pages")[1].split()[0]
    document.xref_set_key(
        int(kids), "Kids", f"[{document[0].xref} 0 R null {document[2].xref} 0 R]"
    )
    path = tmp_path / "document.pdf"
    document.save(path)
    with Rasterizer(IndexerSettings()).open(path) as opened:
        pages = list(opened.pages())
    assert pages[0].words.text() == "page 1"
    assert any("was left out" in warning for warning in opened.warnings)


def test_a_name_that_is_not_unicode_is_no_obstacle(tmp_path: Path) -> None:
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), "text")
    path = Path(str(tmp_path) + "/caf\udce9\n.html")
    path.write_bytes(document.tobytes())
    with Rasterizer(IndexerSettings()).open(path) as opened:
        assert len(list(opened.pages())) == 1
