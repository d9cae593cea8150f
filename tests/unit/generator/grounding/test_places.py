"""Every notation of the Qwen-VL family becomes the same page fractions, against the family's own resizing."""

from __future__ import annotations

import pytest

from api.services.prompting import resized_by_a_server
from generator.grounding.places import n_certain, places_in, without_places
from generator.grounding.scales import Scale, scale_of, to_fractions

SEEN = (756, 1008)  # pixels of the image as the model saw it
BOX = (0.1, 0.25, 0.5, 0.75)
POINT = (0.3, 0.5, 0.3, 0.5)
PX = "[75.6, 252, 378, 756]"
NOTATIONS = {
    "<|object_ref_start|>the seal<|object_ref_end|><|box_start|>(100,250),(500,750)<|box_end|>": BOX,
    "<ref>the seal</ref><box>(500,750),(100,250)</box>": BOX,
    "<|quad_start|>(100,250),(500,250),(500,750),(100,750)<|quad_end|>": BOX,
    "<|box_start|>(300, 500)<|box_end|>": POINT,
    "(100,250),(500,750)": BOX,
    f'```json\n[{{"bbox_2d": {PX}, "label": "the seal"}}]\n```': BOX,
    f'{{"bbox_2d": {PX}}}': BOX,
    '[{"point_2d": [226.8, 504], "label": "the seal"}]': POINT,
    '{"bbox_2d": [[75.6, 252], [378, 756]], "text_content": "the seal"}': BOX,
    '{"quad_2d": [75.6, 252, 378, 252, 378, 756, 75.6, 756], "text": "the seal"}': BOX,
    '{"bbox_2d": [[75.6, 252], [378, 252], [378, 756], [75.6, 756]]}': BOX,
    '<td data-bbox="75.6 252 378 756">95</td>': BOX,
    '<points x1="226.8" y1="504" alt="the seal">the seal</points>': POINT,
}


def test_every_notation_becomes_page_fractions() -> None:
    for written, fractions in NOTATIONS.items():
        (place,) = places_in(f"It is 95 Nm [1] {written} at the seal.")
        assert to_fractions(place, Scale.PIXELS, SEEN) == fractions, written
        assert place.is_point is (fractions == POINT)
        assert place.label in ("", "the seal", "95")
        if "2d" in written:  # JSON of Qwen3-VL is of thousandths: the same words mean another place
            assert to_fractions(place, Scale.THOUSANDTHS, None) != fractions
    several = places_in('[{"bbox_2d": [1,2,3,4], "page": 2}, {"point_2d": [5,6]}]')
    assert [place.image for place in several] == [2, None]
    points = places_in('{"point_2d": [[1, 2], [3, 4]]}')
    assert [place.numbers for place in points] == [(1, 2, 1, 2), (3, 4, 3, 4)]
    cut = places_in('```json\n[{"bbox_2d": [1, 2, 3, 4]}, {"bbox_2d": [5, 6, 7, 8]}, {"bbox')
    assert len(cut) == 2, "an answer that was cut at its limit"


def test_a_place_is_taken_out_of_a_text_however_it_is_cut_into_pieces() -> None:
    for written in NOTATIONS:
        whole = f"It is 95 Nm [1] {written}, and (2023) it was 90 [2] {written}."
        expected = without_places(whole, places_in(whole))
        assert "It is 95 Nm [1]" in expected and "_start" not in expected and "2d" not in expected
        assert ("the seal" in expected) == ("ref" in written or "<points" in written)
        for n_characters in range(1, 12):
            tail = told = ""
            for start in range(0, len(whole), n_characters):
                tail += whole[start : start + n_characters]
                n = n_certain(tail)
                told += without_places(tail[:n], places_in(tail[:n]))
                tail = tail[n:]
            assert told + without_places(tail, places_in(tail)) == expected, n_characters


def test_what_can_be_no_place_is_not_held_back() -> None:
    for text in (
        "In 2023 (see [2]) a",
        "(95 Nm) is",
        "[1] {x} a",
        "a < b, c",
        "```python\nf",
        "<b>a",
    ):
        assert n_certain(text) == len(text), text


def test_what_is_no_place_stays_text() -> None:
    for text in ("See (1, 2) and [3].", '{"a": 1}', '[{"bbox_2d": [1, 2, 3]}]', "f(x, y), <p>"):
        assert places_in(text) == [] and without_places(text, []) == text
    text = "95 Nm [1] <|box_start|>(1,2),(3,4)<|box_end|>."
    assert without_places(text, places_in(text)) == "95 Nm [1]."


def test_places_off_the_image_or_without_an_area_are_none() -> None:
    for numbers in ("(0,0),(2000,10)", "(5,5),(5,90)"):
        (place,) = places_in(numbers)
        assert to_fractions(place, Scale.THOUSANDTHS, None) is None
    (rounded,) = places_in("(0,0),(1001,1000)")
    assert to_fractions(rounded, Scale.THOUSANDTHS, None) == (0.0, 0.0, 1.0, 1.0)
    (pixels,) = places_in('{"bbox_2d": [1, 2, 3, 4]}')
    assert to_fractions(pixels, Scale.PIXELS, None) is None, "nobody knows how large the image was"


@pytest.mark.parametrize(
    ("model", "scale"),
    [
        ("Qwen/Qwen2-VL-7B-Instruct", Scale.THOUSANDTHS),
        ("qwen2.5-vl-72b-instruct", Scale.PIXELS),
        ("qwen2-5-vl", Scale.PIXELS),
        ("Qwen3-VL-2B", Scale.THOUSANDTHS),
        ("Qwen/Qwen-VL-Chat", Scale.THOUSANDTHS),
        ("qwen3-vl-plus", Scale.THOUSANDTHS),
        ("qwen-vl-max-latest", None),  # Qwen2.5-VL today, another generation tomorrow
        ("gpt-9", None),
    ],
)
def test_the_name_of_a_model_tells_what_its_numbers_mean(model: str, scale: Scale | None) -> None:
    assert scale_of(model) is scale


def test_images_are_taken_to_be_as_large_as_the_family_resizes_them() -> None:
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

    for width, height in ((612, 792), (1700, 2200), (120, 40), (2000, 300)):
        rows, columns = smart_resize(
            height, width, factor=28, min_pixels=4 * 784, max_pixels=16384 * 784
        )
        assert resized_by_a_server([(width, height)]) == [(columns, rows)]
