"""Terms of a trade: what questions call a thing, and what pages call it.

A glossary is a text file. A line is `capex = capital expenditures; purchases of property`, and `#` begins a
comment. Words are compared as everywhere: by stems, in any case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from indexer.base.language.search_terms import search_terms

_SHIPPED = Path(__file__).parent / "glossaries"

Terms = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Glossary:
    """Other words for terms, each as a sequence of terms; empty: none are known."""

    other_words: dict[Terms, tuple[Terms, ...]] = field(default_factory=dict)

    def other_words_in(self, terms: Sequence[str]) -> list[Terms]:
        """Return the other words for what stands in a question, each once."""
        return list(
            dict.fromkeys(
                phrase
                for term, phrases in self.other_words.items()
                if any(tuple(terms[i : i + len(term)]) == term for i in range(len(terms)))
                for phrase in phrases
            )
        )


@lru_cache(maxsize=8)
def read_glossary(name: str) -> Glossary:
    """Read a glossary that is shipped, such as `finance`, or a file; "" is an empty one.

    Raises ValueError for a file that cannot be read, or has a line that is no entry.
    """
    if not name:
        return Glossary()
    shipped_path = _SHIPPED / f"{name}.txt"
    path = shipped_path if name.isidentifier() and shipped_path.is_file() else Path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        names = ", ".join(sorted(file.stem for file in _SHIPPED.glob("*.txt")))
        raise ValueError(
            f"cannot read the glossary {name!r}: give {names}, or the path of a text file"
        ) from error
    return parse_glossary(text, name)


def parse_glossary(text: str, name: str) -> Glossary:
    """Parse the text of a glossary; `name` is for the message. Raises ValueError."""
    entries: dict[Terms, tuple[Terms, ...]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        entry = line.partition("#")[0].strip()
        if not entry:
            continue
        term, equals, phrases = entry.partition("=")
        key = tuple(search_terms(term))
        values = tuple(filter(None, (tuple(search_terms(phrase)) for phrase in phrases.split(";"))))
        if not equals or not key or not values:
            raise ValueError(
                f"line {number} of the glossary {name!r} is no entry: write `term = other words; others`"
            )
        entries[key] = entries.get(key, ()) + values
    return Glossary(entries)
