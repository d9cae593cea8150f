"""Reads the boxes and points that models of the Qwen-VL family write amid their text.

    Qwen2-VL        <|object_ref_start|>seal<|object_ref_end|><|box_start|>(12,40),(300,80)<|box_end|>
    Qwen-VL         <ref>seal</ref><box>(12,40),(300,80)</box>, <quad>(x,y) four times</quad>
    both, where a server leaves the special tokens out      (12,40),(300,80)
    Qwen2.5-VL, Qwen3-VL    [{"bbox_2d": [8, 27, 200, 54], "label": "seal"}], {"point_2d": [90, 41]},
                    {"quad_2d": [8, 27, 200, 27, 200, 54, 8, 54]}; points may be pairs, [[8, 27], [200, 54]]
    QwenVL HTML     <p data-bbox="8 27 200 54">
    points as XML   <points x1="90" y1="41" alt="seal">seal</points>

What the numbers mean is not written there: `scales.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

_PAIR = r"\(\s*\d{1,5}(?:\.\d+)?\s*,\s*\d{1,5}(?:\.\d+)?\s*\)"
_PAIRS = rf"{_PAIR}(?:\s*,?\s*{_PAIR}){{0,3}}"
_TOKENS = re.compile(
    r"(?:<\|object_ref_start\|>(?P<ref>.*?)<\|object_ref_end\|>\s*)?"
    rf"<\|(?P<kind>box|quad)_start\|>\s*(?P<pairs>{_PAIRS})\s*<\|(?P=kind)_end\|>",
    re.DOTALL,
)
_TAGS = re.compile(
    rf"(?:<ref>(?P<ref>.*?)</ref>\s*)?<(?P<kind>box|quad)>\s*(?P<pairs>{_PAIRS})\s*</(?P=kind)>",
    re.DOTALL,
)
_BARE = re.compile(rf"(?P<pairs>{_PAIR}\s*,\s*{_PAIR}(?:\s*,\s*{_PAIR}\s*,\s*{_PAIR})?)")
_JSON = re.compile(
    r"```(?:json)?\s*(?P<fenced>[\[{].*?[\]}])\s*```|(?P<bare>\[\s*\{.*?\}\s*\]|\{[^{}]*\})",
    re.DOTALL,
)
_HTML = re.compile(
    r"""<(?P<tag>\w+)\s[^<>]*\bdata-bbox=["'](?P<numbers>[\d.\s,]+)["'][^<>]*>"""
    r"(?:(?P<words>[^<>]*)</(?P=tag)>)?"
)
# From where on a text that goes on may become a place, or a longer one; blanks before a place go with it.
_UNFINISHED = re.compile(
    r"""(?<![ ])[ ]*+(?:
      \([\d\s.,()]{0,200}
    | <(?:\|\w{0,20}\|?)?
    | <(?:\|object_ref_start\||ref)>(?:(?!<(?:\|(?:box|quad)_end\||/box|/quad)>).){0,400}
    | <(?:\|(?:box|quad)_start\||box|quad)>[^<>]{0,200}(?:<[^<>]{0,20})?
    | <\w[^<>]{0,400}
    | <(?:points?\s|\w+\s[^<>]{0,200}\bdata-bbox=)[^<>]{0,400}>[^<>]{0,400}(?:</?\w{0,9})?
    | `{1,2}|```(?:j|js|jso|json)?\s*(?:[\[{](?:(?!```).){0,4000})?
    | \{[^{}]{0,2000}
    | \[\s*(?:\{[^{}]{0,2000}\}\s*,?\s*){0,40}(?:\{[^{}]{0,2000})?
    )?\Z""",
    re.DOTALL | re.VERBOSE,
)
_FENCES = re.compile("```.*?```", re.DOTALL)
_XML = re.compile(r"<points?\s(?P<attributes>[^<>]*)>(?P<label>[^<>]*)</points?>")
_ATTRIBUTE = re.compile(r"""\b([a-z]+)(\d*)=["']([^"']*)["']""")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_IMAGE_KEYS = ("page", "image", "page_number")
_LABEL_KEYS = ("label", "text_content", "text")
# Two for a point, four for a box, eight for the corners of a quad.
_NUMBERS_OF = {"bbox_2d": (4, 8), "quad_2d": (8,), "point_2d": (2,)}


@dataclass(frozen=True, slots=True)
class PointedPlace:
    """A box (x0, y0, x1, y1) or a point (x, y, x, y), in the numbers that the model wrote.

    start, stop        where it stands in the text
    label              what the model calls it; empty where it does not say
    image              which of the images it is on, from 1; None where the model does not say
    is_of_thousandths  the notation itself says that the numbers are thousandths
    words              what of the sentence stands within the notation
    """

    start: int
    stop: int
    numbers: tuple[float, float, float, float]
    is_point: bool
    label: str = ""
    image: int | None = None
    is_of_thousandths: bool = False
    words: str = ""


def places_in(text: str) -> list[PointedPlace]:
    """Return all boxes and points of a text, in the order in which they stand."""
    places: list[PointedPlace] = []
    for reader in (_of_tokens, _of_json, _of_markup, _of_bare_pairs):
        spans = [(place.start, place.stop) for place in places]
        places += [
            place
            for place in reader(text)
            if all(place.stop <= start or stop <= place.start for start, stop in spans)
        ]
    return sorted(places, key=lambda place: place.start)


def without_places(text: str, places: list[PointedPlace]) -> str:
    """Return a text without what was read as a place; its words stay."""
    left, end = "", 0
    for start, stop, words in dict.fromkeys((p.start, p.stop, p.words) for p in places):
        before = text[end:start]
        left, end = left + (before + words if words else before.rstrip(" ")), stop
    return left + text[end:]


def n_certain(text: str) -> int:
    """Count the characters of a text that mean the same however it goes on."""
    whole_fences = [match.end() for match in _FENCES.finditer(text)]
    match = _UNFINISHED.search(text, whole_fences[-1] if whole_fences else 0)
    return match.start() if match else len(text)


def _of_tokens(text: str) -> Iterator[PointedPlace]:
    for pattern in (_TOKENS, _TAGS):
        for match in pattern.finditer(text):
            place = _of_pairs(match)
            label = (match["ref"] or "").strip()
            yield replace(place, label=label, words=label, is_of_thousandths=True)


def _of_bare_pairs(text: str) -> Iterator[PointedPlace]:
    yield from (replace(_of_pairs(match), is_of_thousandths=True) for match in _BARE.finditer(text))


def _of_pairs(match: re.Match[str]) -> PointedPlace:
    numbers = [float(number) for number in _NUMBER.findall(match["pairs"])]
    xs, ys = numbers[::2], numbers[1::2]
    box = (min(xs), min(ys), max(xs), max(ys))
    return PointedPlace(match.start(), match.end(), box, is_point=len(xs) == 1)


def _of_json(text: str) -> Iterator[PointedPlace]:
    for match in _JSON.finditer(text):
        try:
            body = json.loads(match["fenced"] or match["bare"])
        except ValueError:
            continue
        for item in body if isinstance(body, list) else [body]:
            if isinstance(item, dict):
                yield from _of_item(item, *match.span())


def _of_item(item: dict[str, Any], start: int, stop: int) -> Iterator[PointedPlace]:
    key = next((key for key in _NUMBERS_OF if key in item), None)
    if key is None:
        return
    numbers, is_point = _flat(item[key]), key == "point_2d"
    label = next((str(item[name]) for name in _LABEL_KEYS if name in item), "").strip()
    image = next((item[name] for name in _IMAGE_KEYS if isinstance(item.get(name), int)), None)
    parts = [numbers[n : n + 2] for n in range(0, len(numbers), 2)] if is_point else [numbers]
    for part in parts:
        box = next(filter(None, (_box_of(part, n) for n in _NUMBERS_OF[key])), None)
        if box is not None:
            yield PointedPlace(start, stop, box, is_point, label, image)


def _flat(numbers: Any) -> list[Any]:
    """Return the numbers of pairs one behind the other."""
    items = numbers if isinstance(numbers, list) else []
    return [n for item in items for n in (item if isinstance(item, list) else [item])]


def _of_markup(text: str) -> Iterator[PointedPlace]:
    for match in _HTML.finditer(text):
        box = _box_of([float(number) for number in _NUMBER.findall(match["numbers"])], 4)
        if box is not None:
            words = (match["words"] or "").strip()
            yield PointedPlace(*match.span(), box, is_point=False, label=words, words=words)
    for match in _XML.finditer(text):
        attributes = {name + n: value for name, n, value in _ATTRIBUTE.findall(match["attributes"])}
        words = match["label"].strip()
        label = attributes.get("alt") or words
        for n in ("", *map(str, range(1, len(attributes)))):
            pair = [attributes.get(f"x{n}"), attributes.get(f"y{n}")]
            numbers = [float(value) for value in pair if value and _NUMBER.fullmatch(value)]
            box = _box_of(numbers, 2)
            if box is not None:
                yield PointedPlace(*match.span(), box, True, label.strip(), words=words)


def _box_of(numbers: Any, n_numbers: int) -> tuple[float, float, float, float] | None:
    """Return four numbers, the corners in order; None for what is no box or point."""
    if not isinstance(numbers, list) or len(numbers) != n_numbers:
        return None
    if not all(isinstance(n, (int, float)) and not isinstance(n, bool) and n >= 0 for n in numbers):
        return None
    xs, ys = [float(x) for x in numbers[::2]], [float(y) for y in numbers[1::2]]
    return min(xs), min(ys), max(xs), max(ys)
