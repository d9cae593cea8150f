"""Escapes in JSON what a terminal or a Markdown renderer would act on. Its values stay the same."""

from __future__ import annotations

import re

# JSON itself escapes the control characters of ASCII.
_UNSEEN = "\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f"
_CONTROL = re.compile(f"[{_UNSEEN}]")
_CONTROL_OR_MARKUP = re.compile(rf"[{_UNSEEN}<`~]|(?<=\])\(|(?<=::):")


def without_controls(json_text: str) -> str:
    """Return the same JSON for a terminal."""
    return _CONTROL.sub(_escape, json_text)


def without_markup(json_text: str) -> str:
    """Return the same JSON, on one line, for programs that show it as Markdown."""
    return _CONTROL_OR_MARKUP.sub(_escape, json_text)


def _escape(match: re.Match[str]) -> str:
    """Return a character as JSON's escapes of its UTF-16 units: all of these stand inside of strings."""
    units = match[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
