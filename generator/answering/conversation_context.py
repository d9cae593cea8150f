"""A question inside a conversation: what came before it, and what that means for the search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.passages.questions import read_question
from generator.prompts import Turn

if TYPE_CHECKING:
    from PIL.Image import Image

# A question with fewer words of its own than this leans on the one before it: "and the other one?".
_OWN_WORDS = 3
_MAX_CHARACTERS = 500  # of an earlier question that is searched once more


@dataclass(frozen=True, slots=True)
class ConversationContext:
    """What surrounds a question.

    history              earlier turns, oldest first
    client_instructions  what the client asks of every answer, such as its language; below the rules of citing
    image                what the question is about: pages are searched with it, too
    """

    history: tuple[Turn, ...] = ()
    client_instructions: str = ""
    image: Image | None = None


def search_text(question: str, conversation: ConversationContext) -> str:
    """Return what to search for: the question, behind the one before it where it says little by itself."""
    if not conversation.history or conversation.image is not None or not question.strip():
        return question
    previous = conversation.history[-1].question
    if len(read_question(question).terms) >= _OWN_WORDS or len(previous) > _MAX_CHARACTERS:
        return question
    return f"{previous} {question}"
