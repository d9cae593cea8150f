"""Images inside a request: what is read, what is refused, and that nothing is fetched."""

from __future__ import annotations

import base64
from io import BytesIO

import pytest
from PIL import Image

from api.http.inline_images import MAX_PIXELS, read_picture
from retriever.errors import InvalidImage


def uri(image: Image.Image, form: str, **options: object) -> str:
    out = BytesIO()
    image.save(out, form, **options)
    data = base64.b64encode(out.getvalue()).decode()
    return f"data:image/{form.lower()};base64,{data}"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_the_usual_forms_are_read_in_rgb(form: str) -> None:
    picture = read_picture(uri(Image.new("L", (30, 20), 200), form))
    assert (picture.mode, picture.size) == ("RGB", (30, 20))


def test_a_photograph_is_turned_upright() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    assert read_picture(uri(Image.new("RGB", (30, 20)), "JPEG", exif=turned)).size == (20, 30)


@pytest.mark.parametrize(
    "given",
    [
        "https://example.org/cat.png",
        "file:///etc/passwd",
        "data:text/html;base64,AAAA",
        "data:image/png,AAAA",
        "data:image/png;base64,not base64!",
        "data:image/png;base64,AAAA",
        "data:image/svg+xml;base64," + base64.b64encode(b"<svg/>").decode(),
        uri(Image.new("RGB", (64, 64)), "PNG")[:-60],
        "",
    ],
)
def test_what_is_no_image_is_refused(given: str) -> None:
    with pytest.raises(InvalidImage):
        read_picture(given)


def test_an_image_of_too_many_pixels_is_refused_before_it_is_unpacked() -> None:
    side = int(MAX_PIXELS**0.5) + 1
    with pytest.raises(InvalidImage, match="smaller"):
        read_picture(uri(Image.new("1", (side, side)), "PNG"))
