"""Finds what a user asked in a message to which a chat program or the user added much more.

Open WebUI puts the text of attached files and of web searches before the user's words. People paste a whole
e-mail and ask about it. Only the question is searched for.
"""

from __future__ import annotations

import re

from indexer.base.language.sentence_ends import BETWEEN, QUESTION_MARKS

# Greedy: a file may hold the closing tag itself, and the user's words stand behind the last one.
CONTEXT = re.compile(r"<context>.*</context>", re.DOTALL)
# A list of what is attached, of names and ids; whether its text comes along or not.
_ATTACHED = re.compile(r"<attached_files>.*?</attached_files>", re.DOTALL)
_SOURCE = re.compile(r'<source id="(\d{1,3})"')
_USER_QUERY = re.compile(r"<user_query>\s*(.*?)\s*</user_query>", re.DOTALL)
_NAMED_QUERY = re.compile(
    r"^(?:user )?(?:query|question)\s*:\s*(\S.*)", re.IGNORECASE | re.MULTILINE
)
_TEMPLATE = re.compile(r"\s*### Task:")

_PARAGRAPHS = re.compile(r"\n\s*\n")
_ASKS = re.compile(
    r"(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could|may|must|has|have"
    r"|should|will|would|find|list|name|give|show|tell|explain|compare|check|say)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^\s*>.*$", re.MULTILINE)
_MAX_PARAGRAPH_CHARACTERS = 600


def user_words(message: str) -> str:
    """Return the user's own words of a message to which a chat program added files or search results."""
    queries = _USER_QUERY.findall(message)
    if queries:
        return str(queries[-1])
    whole_message = message
    message = _ATTACHED.sub("", message).strip() if _ATTACHED.search(message) else message
    if not CONTEXT.search(message):
        return message or whole_message
    before, _, behind = CONTEXT.sub("\0", message).partition("\0")
    query_lines = _NAMED_QUERY.findall(behind)
    words = query_lines[-1] if query_lines else behind.strip()
    if not words and not _TEMPLATE.match(before):
        words = before.strip()
    return str(words) or whole_message


def n_sources(message: str) -> int:
    """Return how many sources of its own a chat program numbers in a message, before those of an answer."""
    context = CONTEXT.search(message)
    numbers = _SOURCE.findall(context[0]) if context else []
    return max(map(int, numbers), default=0)


def question_within(text: str, max_characters: int) -> str:
    """Return the question of a text that is too long to be searched; empty where none can be told.

    It stands at the end or at the beginning, around what was pasted, in a paragraph of its own; else it is
    the last sentence that asks, outside of lines that quote (`> `).
    """
    paragraphs = [part.strip() for part in _PARAGRAPHS.split(text) if part.strip()]
    for paragraph in (paragraphs[-1], paragraphs[0]) if paragraphs else ():
        if len(paragraph) <= min(_MAX_PARAGRAPH_CHARACTERS, max_characters) and (
            paragraph.endswith(QUESTION_MARKS) or _ASKS.match(paragraph)
        ):
            return paragraph
    sentences = [part.strip() for part in BETWEEN.split(_QUOTED.sub("", text))]
    questions = [
        part for part in sentences if part.endswith(QUESTION_MARKS) and len(part) <= max_characters
    ]
    return questions[-1] if questions else ""
