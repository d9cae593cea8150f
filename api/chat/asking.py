"""A question of a chat program, on its way to the pages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Event

from api.chat.models import NO_RETRIEVAL, collections_of
from api.chat.requests import ChatQuestion, PagesightOptions
from api.http.inline_images import read_picture
from api.http.running import Running
from api.http.streams.event_streams import Events
from api.services.authorization import Caller
from generator.answering.answer_form import AnswerForm
from generator.answering.talk.side_tasks import is_side_task


def with_image_if_searched(running: Running, chat_question: ChatQuestion) -> ChatQuestion:
    """Leave out an image that the encoder cannot look at, where there are words to search for."""
    has_words = any(map(str.isalnum, chat_question.question))
    if not (has_words and running.services.encoder.get().reads_words):
        return chat_question
    return replace(
        chat_question, images=(), unread_parts=("image_url", *chat_question.unread_parts)
    )


@dataclass(frozen=True, slots=True)
class ChatCall:
    """What one request asks: of which model, what, in which form, with which options."""

    model: str
    question: ChatQuestion
    form: AnswerForm
    options: PagesightOptions


def start(running: Running, caller: Caller, call: ChatCall, cancellation: Event) -> Events:
    """Search, and return the events of the answer. Raises ModelNotFound, and what a search raises."""
    answerer, chat_question = running.services.answerer, call.question
    if call.model == NO_RETRIEVAL or is_side_task(chat_question.question):
        return answerer.side_task(chat_question.question, cancellation.is_set)
    collections = collections_of(caller, call.model)
    options = call.options
    search_filter = caller.held_to(collections, options.filters.search_filter(options.versions))
    conversation = chat_question.conversation
    if chat_question.images:
        conversation = replace(conversation, image=read_picture(chat_question.images[0]))
    return answerer.stream(
        chat_question.question,
        collections,
        options.k,
        search_filter,
        cancellation.is_set,
        conversation,
        call.form,
    )
