"""Pictures as telephones and drawing programs make them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from indexer.base.settings import IndexerSettings
from indexer.inputs.rasterizer import Rasterizer
from tests.support.kind_files import image_bytes, picture_of


def images_of(path: Path) -> list[Image.Image]:
    with Rasterizer(IndexerSettings(layout="never")).open(path) as document:
        return [page.image for page in document.pages()]


def test_a_photograph_with_a_picture_of_its_depth_is_one_page(tmp_path: Path) -> None:
    path = tmp_path / "PXL_2026.jpg"
    depth = Image.new("RGB", (100, 70), "grey")
    path.write_bytes(image_bytes(picture_of("Meter"), "MPO", save_all=True, append_images=[depth]))
    assert [image.size for image in images_of(path)] == [(1000, 700)]


def test_what_is_drawn_in_light_or_dark_on_nothing_is_seen(tmp_path: Path) -> None:
    for ink, ground in (("white", (0, 0, 0)), ("navy", (255, 255, 255))):
        picture = Image.new("RGBA", (400, 200))
        ImageDraw.Draw(picture).rectangle((100, 50, 300, 150), fill=ink)
        path = tmp_path / "logo.png"
        path.write_bytes(image_bytes(picture, "PNG"))
        (image,) = images_of(path)
        assert image.getpixel((5, 5)) == ground != image.getpixel((200, 100))
