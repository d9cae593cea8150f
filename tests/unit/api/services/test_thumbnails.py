"""Small page images are made once, and the last used ones are kept."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from PIL import Image

from api.services.thumbnails import MAX_WIDTH_PX, Thumbnails
from indexer.base.page_images import encode_page_image, encode_stored_image, small_image_within

PAGE = encode_page_image(Image.new("RGB", (900, 1200), "white"))


def reader(readings: list[str], sha256: str) -> Callable[[], bytes]:
    def read() -> bytes:
        readings.append(sha256)
        return PAGE

    return read


def width_of(data: bytes) -> int:
    return Image.open(BytesIO(data)).width


def test_a_thumbnail_is_made_once_for_each_width() -> None:
    thumbnails, readings = Thumbnails(), list[str]()
    first = thumbnails.get("a", 240, reader(readings, "a"))
    assert thumbnails.get("a", 240, reader(readings, "a")) is first
    assert width_of(thumbnails.get("a", 120, reader(readings, "a"))) == 120
    assert width_of(first) == 240
    assert readings == ["a", "a"]


def test_a_large_image_is_not_kept() -> None:
    thumbnails, readings = Thumbnails(), list[str]()
    for _ in range(2):
        assert (
            width_of(thumbnails.get("a", MAX_WIDTH_PX + 1, reader(readings, "a")))
            == MAX_WIDTH_PX + 1
        )
    assert readings == ["a", "a"]


def test_the_image_that_was_not_used_for_longest_goes_first() -> None:
    readings = list[str]()
    size = len(Thumbnails().get("a", 240, reader([], "a")))
    thumbnails = Thumbnails(max_bytes=2 * size)
    for sha256 in ("a", "b", "a", "c", "a", "b"):
        thumbnails.get(sha256, 240, reader(readings, sha256))
    assert readings == ["a", "b", "c", "b"]


def test_the_small_image_within_is_sent_as_it_is_and_makes_the_smaller_ones() -> None:
    data = encode_stored_image(Image.new("RGB", (900, 1200), "white"))
    thumbnails = Thumbnails()
    assert thumbnails.get("a", 320, lambda: data) == small_image_within(data)
    assert width_of(thumbnails.get("a", 120, lambda: data)) == 120
    assert width_of(thumbnails.get("a", 600, lambda: data)) == 600
