"""Answers what chat programs ask of their model on their own: a title, tags, follow-up questions.

Open WebUI begins such prompts with `### Task:` and wants one JSON object of a form that the prompt shows.
"""

from __future__ import annotations

import json
import re

SIDE_TASK_SYSTEM = "You carry out small tasks for a chat program. Answer in exactly the form asked."

_BEGINS = re.compile(r"\s*### Task:")
# The forms that Open WebUI shows, each with what means "nothing" there.
_NOTHING: dict[str, object] = {
    "title": "", "tags": ["General"], "follow_ups": [], "queries": [], "text": "", "prompt": "",
}  # fmt: skip
_FORM = re.compile(r'\{\s*"(' + "|".join(_NOTHING) + r')"\s*:')
_USER_SAYS = re.compile(r"^\s*(?:USER|Human)\s*:\s*(\S.*)$", re.IGNORECASE | re.MULTILINE)
_TITLE_WORDS = 6
_TITLE_CHARACTERS = 60


def is_side_task(text: str) -> bool:
    """Say whether a message is the chat program's own, and no question of its user."""
    return _BEGINS.match(text) is not None


def side_task_without_model(task: str) -> str:
    """Answer in the form asked for and say as little as possible; a title is the question's words."""
    title = title_of(_first_question(task))
    form = _FORM.search(task)
    if form is None:
        return "" if is_side_task(task) else title
    key = form[1]
    return json.dumps({key: title if key == "title" else _NOTHING[key]}, ensure_ascii=False)


def title_of(question: str) -> str:
    """Return the first words of a question, as the title of the conversation that it begins."""
    words = question.split()
    short = " ".join(words[:_TITLE_WORDS])
    if len(short) > _TITLE_CHARACTERS:
        return short[: _TITLE_CHARACTERS - 1].rstrip() + "…"
    return short + ("…" if len(words) > _TITLE_WORDS else "")


def _first_question(task: str) -> str:
    """Return what the user said first, where the prompt holds the conversation; else the prompt itself."""
    match = _USER_SAYS.search(task)
    if match is not None:
        return match[1]
    return "" if is_side_task(task) else task
