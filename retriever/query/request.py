"""One search as a caller asks for it: a query, and where and how to look for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from retriever.errors import EmptyQuery, InvalidQuery, QueryTooLong
from retriever.query.filters import SearchFilter
from retriever.query.question_reading import ReadQuestion, read_question

if TYPE_CHECKING:
    from PIL.Image import Image


# What ranks pages: their MaxSim and their words, their MaxSim alone, their words alone.
Mode = Literal["both", "vectors", "words"]


class SearchQuery(NamedTuple):
    """What to look for: words, an image, or both."""

    text: str
    image: Image | None = None

    @property
    def has_words(self) -> bool:
        return bool(self.text.strip())

    @property
    def question(self) -> ReadQuestion:
        """What the words say of where to look and of the answer's form, beside what they ask."""
        return read_question(self.text)


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """Where and how to look. Searches with equal options can share a pass over the pages.

    collections  names, each once
    k            pages returned
    exact        score every page, also where stage 1 would choose candidates
    mode         what pages are ranked by; None: as the settings say
    """

    collections: tuple[str, ...]
    k: int
    filter: SearchFilter
    exact: bool
    mode: Mode | None = None

    @classmethod
    def of(
        cls,
        collections: Iterable[str],
        k: int,
        filter: SearchFilter,
        *,
        exact: bool = False,
        mode: Mode | None = None,
    ) -> SearchOptions:
        return cls(tuple(dict.fromkeys(collections)), k, filter, exact, mode)

    def check(self, max_k: int) -> None:
        """Raise InvalidQuery when no collection is named, or for a `k` that no search may have."""
        if not self.collections:
            raise InvalidQuery("no collection was named: give at least one")
        if not 1 <= self.k <= max_k:
            raise InvalidQuery(f"k is {self.k}: it must lie between 1 and {max_k}")


def check_text(text: str, max_characters: int) -> None:
    """Raise EmptyQuery for a query without words, QueryTooLong for one beyond the limit."""
    if not text.strip():
        raise EmptyQuery("the question is empty: ask with at least one word")
    if len(text) > max_characters:
        raise QueryTooLong(
            f"the question has {len(text):,} characters, the limit is {max_characters:,}: shorten it"
        )
