from __future__ import annotations

import subprocess
import sys
from io import BytesIO

import pytest
from PIL import Image

from indexer.base.errors import DamagedFile
from indexer.base.page_images import (
    SMALL_WIDTH_PX,
    encode_page_image,
    encode_stored_image,
    jpeg_excerpt,
    open_page_image,
    small_image_within,
)


def page() -> Image.Image:
    """Left half red, right half blue."""
    image = Image.new("RGB", (400, 200), "red")
    image.paste("blue", (200, 0, 400, 200))
    return image


def test_a_page_image_becomes_narrower_and_never_wider() -> None:
    data = encode_page_image(page())
    assert open_page_image(data).size == (400, 200)
    assert open_page_image(data, 100).size == (100, 50)
    assert open_page_image(data, 4000).size == (400, 200)


def test_a_stored_page_image_holds_a_small_one_that_other_readers_pass_over() -> None:
    for height in (200, 201, 1300):  # chunks of an odd length are filled up
        image = page().resize((1000, height))
        data = encode_stored_image(image)
        with Image.open(BytesIO(data)) as whole:
            assert (whole.format, whole.size, whole.mode) == ("WEBP", (1000, height), "RGB")
            assert whole.tobytes() == open_page_image(encode_page_image(image)).tobytes()
        small = open_page_image(small_image_within(data) or b"")
        assert small.size == (SMALL_WIDTH_PX, round(height * SMALL_WIDTH_PX / 1000))
        assert int.from_bytes(data[4:8], "little") == len(data) - 8
    for data in (
        encode_page_image(page()),
        encode_stored_image(page().resize((90, 90))),
        b"",
        b"RIFF",
    ):
        assert small_image_within(data) is None


def test_an_excerpt_is_the_region_asked_for_within_the_longest_edge() -> None:
    data = jpeg_excerpt(encode_page_image(page()), 50, (0.75, 0.0, 1.0, 1.0))
    with Image.open(BytesIO(data)) as image:
        assert image.format == "JPEG" and image.size == (25, 50)
        red, _, blue = image.getpixel((12, 25))  # type: ignore[misc]
    assert blue > 200 > 100 > red


def test_a_region_without_area_is_a_pixel_of_the_page() -> None:
    data = jpeg_excerpt(encode_page_image(page()), 50, (1.0, 1.0, 1.0, 1.0))
    with Image.open(BytesIO(data)) as image:
        assert image.size == (1, 1)


@pytest.mark.parametrize("data", [b"", b"RIFF", encode_page_image(page())[:200]])
def test_a_damaged_page_image_says_what_to_do(data: bytes) -> None:
    for read in (open_page_image, lambda data: jpeg_excerpt(data, 50)):
        with pytest.raises(DamagedFile, match="verify --repair"):
            read(data)


def test_pillow_is_imported_at_the_first_image_only() -> None:
    code = "import sys, indexer.base.page_images; print('PIL' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
