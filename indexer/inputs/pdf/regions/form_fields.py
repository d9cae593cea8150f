"""Read the fields of a page's form, in the child: values that no drawing says, and labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from indexer.inputs.pdf.attempts import Failure, attempt
from indexer.inputs.sandbox.frames import MAX_FIELD_CHARACTERS, MAX_FIELDS

# Numbers of PyMuPDF (PDF_WIDGET_TYPE_...), and of ISO 32000 for the flags.
_PUSH_BUTTON, _CHECK_BOX, _COMBO_BOX, _LIST_BOX, _RADIO_BUTTON, _SIGNATURE = 1, 2, 3, 4, 5, 6
_IS_PASSWORD = 1 << 13
_NOT_DISPLAYED = (1, 3)  # hidden; not on the screen


def fields_of(document: Any, page: Any) -> list[dict[str, Any]]:
    """Return the fields that are displayed; boxes are points of the displayed page."""
    fields: list[dict[str, Any]] = []
    for widget in page.widgets():
        field = attempt(partial(_field, document, page, widget))
        if field is not None and not isinstance(field, Failure):
            fields.append(field)
        if len(fields) == MAX_FIELDS:
            break
    return fields


def _field(document: Any, page: Any, widget: Any) -> dict[str, Any] | None:
    kind = widget.field_type
    if kind == _PUSH_BUTTON or widget.field_display in _NOT_DISPLAYED:
        return None
    rect = widget.rect * page.rotation_matrix
    field: dict[str, Any] = {
        "box": tuple(rect.normalize()),
        "label": _text(widget.field_label),
        "value": "",
        "is_ticked": None,
        "is_drawn": True,
    }
    if kind in (_CHECK_BOX, _RADIO_BUTTON):
        state = document.xref_get_key(widget.xref, "AS")
        field["is_ticked"] = state[0] == "name" and state[1] != "/Off"
        field["is_drawn"] = False
    elif kind == _SIGNATURE:
        field["is_drawn"] = bool(widget.is_signed)
    elif kind in (_COMBO_BOX, _LIST_BOX):
        field["value"] = ", ".join(_choices(widget))
        field["is_drawn"] = kind == _COMBO_BOX
    elif not widget.field_flags & _IS_PASSWORD:
        field["value"] = _text(widget.field_value)
    return field


def _choices(widget: Any) -> Iterator[str]:
    """Yield the choices made, as the form displays them."""
    value = widget.field_value
    choices: Sequence[Any] = value if isinstance(value, list | tuple) else [value]
    names = {
        choice[0]: choice[1]
        for choice in widget.choice_values or ()
        if isinstance(choice, list | tuple) and len(choice) == 2
    }
    for choice in choices:
        if choice:
            yield _text(names.get(choice, choice))


def _text(raw: object) -> str:
    """Return a text for a frame: one line, no NULs, no lone surrogates."""
    if not isinstance(raw, str):
        return ""
    text = " ".join(raw.replace("\0", " ").split())
    return text.encode("utf-8", "ignore").decode()[:MAX_FIELD_CHARACTERS]
