"""Takes boxes and points out of what a model writes, and tells at the end what they point at."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from generator.answering.answers import PlacePointedAt, WriterEvent
from generator.backends.base import Usage
from generator.grounding.places import n_certain, places_in, without_places
from generator.grounding.pointings import pointings_of
from generator.grounding.scales import Scale
from generator.passages.support import ReadPage
from generator.prompts import Prompt

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PointingOptions:
    """How a model points.

    scale      what the numbers of its boxes mean
    seen_sizes of images of these widths and heights, those that they are resized to for the model
    """

    scale: Scale
    seen_sizes: Callable[[Sequence[Size]], Sequence[Size]]


class TextReader(Protocol):
    """Reads a model's text into events, as it comes."""

    @property
    def n_wrong(self) -> int | None: ...

    def feed(self, piece: str) -> Iterator[WriterEvent]: ...

    def close(self, usage: Usage) -> Iterator[WriterEvent]: ...

    def break_off(self) -> Iterator[WriterEvent]: ...


class PointingReader:
    """Reads text with another reader, which is given none of the places."""

    def __init__(
        self,
        reader: TextReader,
        pages: Sequence[ReadPage],
        prompt: Prompt,
        options: PointingOptions,
    ) -> None:
        self._reader = reader
        self._pages = pages
        self._prompt = prompt
        self._options = options
        self._text = ""
        self._tail = ""

    @property
    def n_wrong(self) -> int | None:
        return self._reader.n_wrong

    def feed(self, piece: str) -> Iterator[WriterEvent]:
        """Yield what is certain by now."""
        self._text += piece
        self._tail += piece
        n = n_certain(self._tail)
        certain, self._tail = self._tail[:n], self._tail[n:]
        if text := without_places(certain, places_in(certain)):
            yield from self._reader.feed(text)

    def close(self, usage: Usage) -> Iterator[WriterEvent]:
        """Yield what was held back, and each place with what of its page agrees."""
        if text := without_places(self._tail, places_in(self._tail)):
            yield from self._reader.feed(text)
        yield from self._reader.close(usage)
        places = places_in(self._text)
        if places:
            sizes = self._image_sizes()
            pointings = pointings_of(self._text, places, self._pages, self._options.scale, sizes)
            yield from map(PlacePointedAt, pointings)

    def break_off(self) -> Iterator[WriterEvent]:
        """End early: what was held back is not told."""
        return self._reader.break_off()

    def _image_sizes(self) -> list[Size | None]:
        """Return the size of each page's image as the model saw it; None for a page without one."""
        from PIL import Image

        sizes: dict[int, Size] = {}
        for page in self._prompt.pages:
            if page.image is not None:
                with Image.open(io.BytesIO(page.image)) as image:
                    sizes[page.number] = image.size
        size_of = dict(zip(sizes, self._options.seen_sizes([*sizes.values()]), strict=True))
        return [size_of.get(n) for n in range(1, len(self._pages) + 1)]
