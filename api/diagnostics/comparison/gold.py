"""What is right: the answer of a questions file, and the alternatives that are right as well."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

_NONE = re.compile(
    r"(?:not answerable|unanswerable|not found|no answer|none of the (?:pages|documents).*)\.?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class GoldAnswer:
    """A right answer.

    text           as the questions file has it; empty where it has none
    items          of a list: all of them are asked for, in any order
    answer_format  "Int", "Float", "Str", "List" or "None"; empty where it must be guessed
    accept         alternatives that are right as well
    reject         what must not stand in a right answer
    refuse_ok      "not found" is right as well
    """

    text: str = ""
    items: tuple[str, ...] = ()
    answer_format: str = ""
    accept: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()
    refuse_ok: bool = False

    @property
    def is_known(self) -> bool:
        """Say whether there is anything to compare with."""
        return bool((self.text or self.items or self.accept) and not self.is_none)

    @property
    def is_none(self) -> bool:
        """Say whether it says that the pages do not answer."""
        return bool(_NONE.fullmatch(self.text.strip())) and not self.items


def items_of(text: str) -> tuple[str, ...]:
    """Return the items of a list that is written as one, ['a', 'b']; none where it is not."""
    if not re.fullmatch(r"\s*\[.*\]\s*", text, re.DOTALL):
        return ()
    try:
        items = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        items = [item.strip(" '\"") for item in text.strip()[1:-1].split(",")]
    return texts_of(items)


def texts_of(values: Sequence[object]) -> tuple[str, ...]:
    """Return the values as texts, without empty ones."""
    return tuple(text for text in (str(value).strip() for value in values) if text)
