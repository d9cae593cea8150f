"""Markdown that is still being written: what can be shown without a sign that waits for its end."""

from __future__ import annotations

import re

_BEGUN_NUMBER = re.compile(r"\s*\[[^\[\]]{0,12}$")
_BARE_SIGN = re.compile(r"\s*(?:[-+*>]|#{1,6}|\d{1,3}[.)]?|[-=]{2,}|`{3,}\w*)?\s*$")
_SIGNS_AT_THE_END = re.compile(r"[*_`]+$")
_SINGLE_STAR = re.compile(r"(?<![*\s])\*(?!\*)|(?<!\*)\*(?![*\s])")
_ROW = "|"


def shown_part(text: str) -> str:
    """Return what can be shown of a text: its emphasis closed, rows of tables once they are whole."""
    head, newline, line = text.rpartition("\n")
    lines = head.split("\n") if newline else []
    if sum(part.lstrip().startswith("```") for part in lines) % 2:
        return text  # inside a block of code
    line = _shown_line(line)
    if not line and lines and _is_row(lines[-1]) and not (len(lines) > 1 and _is_row(lines[-2])):
        lines.pop()  # the heads of a table, until it is one
    return "\n".join([*lines, line])


def _is_row(line: str) -> bool:
    return line.lstrip().startswith(_ROW)


def _shown_line(line: str) -> str:
    """Return the last line without what waits, and with its emphasis closed."""
    line = _BEGUN_NUMBER.sub("", line)
    if _is_row(line) or _BARE_SIGN.match(line):
        return ""
    line = _SIGNS_AT_THE_END.sub("", line)
    if line.count("`") % 2:
        return f"{line}`"
    if line.count("**") % 2:
        line = f"{line.rstrip()}**"
    body = re.sub(r"^\s*[*]\s", "", line).replace("**", "")
    return f"{line.rstrip()}*" if len(_SINGLE_STAR.findall(body)) % 2 else line
