"""What the child says of a document beside its pages: the files it carries, its dynamic form."""

from __future__ import annotations

from functools import partial
from typing import Any

from indexer.inputs.pdf.attempts import Failure, attempt
from indexer.inputs.pdf.embedded_files import carries_files, is_portfolio
from indexer.inputs.pdf.xfa.xfa_form import form_of


def read(document: Any) -> dict[str, Any]:
    """Return the facts for the first frame; what cannot be read is no reason to refuse the document."""
    if not document.is_pdf:
        return {}
    facts: dict[str, Any] = {
        "carries_files": attempt(partial(carries_files, document)) is True,
        "is_portfolio": attempt(partial(is_portfolio, document)) is True,
    }
    form = attempt(partial(form_of, document))
    if isinstance(form, Failure):
        facts["form"] = {"rows": [], "problem": form.reason}
    elif form is not None:
        facts["form"] = {"rows": form.rows, "problem": form.problem}
    return facts
