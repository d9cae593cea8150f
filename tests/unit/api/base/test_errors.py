"""Completeness, not cases."""

from __future__ import annotations

import pytest

import api.base.errors
import generator.errors
import indexer.base.errors
import retriever.errors
from api.base.errors import HTTP_STATUS, http_status
from indexer.base.errors import PagesightError

MODULES = (indexer.base.errors, retriever.errors, generator.errors, api.base.errors)


def every_error() -> list[type[PagesightError]]:
    found, waiting = [], [PagesightError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += kind.__subclasses__()
    return found


@pytest.mark.parametrize("kind", every_error())
def test_every_error_has_a_status_of_its_own_or_of_its_family(kind: type[PagesightError]) -> None:
    family = [base for base in kind.__mro__ if base in HTTP_STATUS and base is not PagesightError]
    assert family or kind is PagesightError
    assert 400 <= http_status(kind.__new__(kind)) < 600


@pytest.mark.parametrize("kind", every_error())
def test_every_error_stands_in_the_tree_at_the_top_of_its_module(
    kind: type[PagesightError],
) -> None:
    (module,) = [module for module in MODULES if module.__name__ == kind.__module__]
    assert module.__doc__ is not None and kind.__name__ in module.__doc__


def test_no_two_errors_share_a_code() -> None:
    codes = [kind.code for kind in every_error()]
    assert len(codes) == len(set(codes))
