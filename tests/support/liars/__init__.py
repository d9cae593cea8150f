"""Files that claim too much, or are not what they say, by kind: name -> file name, bytes, verdict.

A verdict of `indexed` is that of a file that is read all the same, as far as it is what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

Liars = Mapping[str, tuple[str, bytes, str]]

KINDS = ("images", "tiffs", "archives", "office", "mails", "web_pages", "books", "videos")


def liars_of(kind: str, url: str) -> Liars:
    """Return the liars of a kind; those that ask for something from elsewhere ask for `url`."""
    make: Callable[[str], Liars] = import_module(f"tests.support.liars.{kind}").liars
    return make(url)


def swelling_entities() -> str:
    """Return XML entities `a1` to `a11`, each of which is ten of the one before: 10^11 letters."""
    return "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
