"""Gives Arabic letters the forms in which they join: MuPDF writes some of its own into no text layer."""

from __future__ import annotations

import unicodedata

_KINDS = ("<isolated>", "<final>", "<initial>", "<medial>")
_FIRST, _LAST = 0xFE80, 0xFEFC  # Arabic Presentation Forms-B


def _forms() -> dict[str, dict[str, str]]:
    """Return the form of each letter, and of lam with alef, by kind."""
    forms: dict[str, dict[str, str]] = {}
    for code in range(_FIRST, _LAST + 1):
        kind, *letters = unicodedata.decomposition(chr(code)).split()
        forms.setdefault("".join(chr(int(letter, 16)) for letter in letters), {})[kind] = chr(code)
    return forms


_FORMS = _forms()


def joined(text: str) -> str:
    """Return the text with each letter in the form that its neighbours ask for."""
    units: list[str] = []
    for letter in text:
        if units and units[-1] + letter in _FORMS:
            units[-1] += letter
        else:
            units.append(letter)
    shaped = []
    for i, unit in enumerate(units):
        before = i > 0 and "<initial>" in _FORMS.get(units[i - 1], {})
        behind = i + 1 < len(units) and "<final>" in _FORMS.get(units[i + 1], {})
        own = _FORMS.get(unit, {})
        joins = before and "<final>" in own, behind and "<initial>" in own
        kind = _KINDS[joins[0] + 2 * joins[1]]
        shaped.append(own.get(kind, unit))
    return "".join(shaped)
