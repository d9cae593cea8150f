"""A question inside a conversation: what came before it, and what that means for the search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.answering.follow_ups import completed_question
from generator.prompts import Turn

if TYPE_CHECKING:
    from PIL.Image import Image


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
    """Return what to search for: the question, completed from the talk before it where it needs that."""
    if not conversation.history or conversation.image is not None:
        return question
    return completed_question(question, conversation.history)
