"""Answers what chat programs ask of their model on their own: a title, tags, follow-up questions.

Open WebUI's prompts for them hold the talk so far and show the form of one JSON object. Its prompt with the
text of attached files begins with the same words (`### Task:`), but shows no such form: it is a question.
"""

from __future__ import annotations

import json
import re

from generator.answering.talk.user_words import CONTEXT

SIDE_TASK_SYSTEM = "You carry out small tasks for a chat program. Answer in exactly the form asked."
_NO_DOCUMENTS = (
    "This model reads no documents: it names talks for chat programs. Ask `pagesight` or one of the "
    "`pagesight/` models."
)

_BEGINS = re.compile(r"\s*### Task:")
# Where the talk begins in such a prompt: what stands there may be anything, and shows no form.
_TALK = re.compile(r"<chat_history>|^#+ Chat History", re.IGNORECASE | re.MULTILINE)
# The forms that Open WebUI shows, each with what means "nothing" there.
_NOTHING: dict[str, object] = {
    "title": "", "tags": ["General"], "follow_ups": [], "queries": [], "text": "", "prompt": "",
}  # fmt: skip
_FORM = re.compile(r'\{\s*"(' + "|".join(_NOTHING) + r')"\s*:')
_USER_SAYS = re.compile(r"^\s*(?:USER|Human)\s*:\s*(\S.*)$", re.IGNORECASE | re.MULTILINE)
# LibreChat and others ask for a title in words; the talk stands below.
_ASKS_TITLE = re.compile(r"\btitle\b.{0,80}\bconversation\b|\bconversation\b.{0,80}\btitle\b", re.I)
_HEAD_CHARACTERS = 400
_TITLE_WORDS = 6
_TITLE_CHARACTERS = 60


def is_side_task(text: str) -> bool:
    """Say whether a message is the chat program's own, and no question of its user."""
    signs = (
        _BEGINS.match(text) is not None,
        _form_of(text) is not None,
        _TALK.search(CONTEXT.sub("", text)) is not None,
    )
    if sum(signs) >= 2:
        return True
    head = text[:_HEAD_CHARACTERS]
    return _ASKS_TITLE.search(head) is not None and _USER_SAYS.search(text) is not None


def side_task_without_model(task: str) -> str:
    """Answer in the form asked for and say as little as possible; a title is the question's words."""
    title = title_of(_first_question(task))
    form = _form_of(task)
    if form is None:
        return "" if is_side_task(task) and _BEGINS.match(task) else title or _NO_DOCUMENTS
    return json.dumps({form: title if form == "title" else _NOTHING[form]}, ensure_ascii=False)


def title_of(question: str) -> str:
    """Return the first words of a question, as the title of the conversation that it begins."""
    words = question.split()
    short = " ".join(words[:_TITLE_WORDS])
    if len(short) > _TITLE_CHARACTERS:
        return short[: _TITLE_CHARACTERS - 1].rstrip() + "…"
    return short + ("…" if len(words) > _TITLE_WORDS else "")


def _form_of(task: str) -> str | None:
    """Return the key of the JSON object that a prompt shows, above the talk and outside of any file."""
    own_words = CONTEXT.sub("", task)
    talk = _TALK.search(own_words)
    form = _FORM.search(own_words, 0, talk.start() if talk else len(own_words))
    return None if form is None else form[1]


def _first_question(task: str) -> str:
    """Return what the user said first; empty where the prompt does not hold the conversation."""
    match = _USER_SAYS.search(task)
    return "" if match is None else match[1]
