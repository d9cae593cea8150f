"""/v1/models and /v1/chat/completions, for programs that speak OpenAI's protocol."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from threading import Event
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from api.chat.completions import Chunks, Reply, completion
from api.chat.models import NO_RETRIEVAL, ModelBody, ModelsResponse, collections_of, model, models
from api.chat.requests import ChatQuestion, ChatRequest, read_messages
from api.http.deps import Calls, Running, Runs
from api.http.failures import EXPECTED, error_body, failure, openai_error
from api.http.inline_images import read_picture
from api.http.limits.bodies import PolicyRoute
from api.http.links import links_for
from api.http.policy import MAX_PICTURE_BYTES, policy
from api.http.streams.event_docs import chunks_of
from api.http.streams.event_streams import Events, EventStream, all_events, answering, relay
from api.http.streams.threaded_stream import ThreadedStream
from api.services.authorization import Caller
from api.services.keys import Scope
from generator.answering.answers import AnswerDone, AnswerEvent
from generator.answering.talk.side_tasks import is_side_task


class ChatRoute(PolicyRoute):
    """Errors as OpenAI's clients sort them: 400 for any bad request, their names for the types."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def translate_errors(request: Request) -> Response:
            try:
                return await handle(request)
            except EXPECTED as error:
                refusal = failure(error, request.app.state.running.data_dir)
                status = 400 if refusal.status == 422 else refusal.status
                body = {"error": openai_error(refusal.body.error.model_dump(), status)}
                return JSONResponse(body, status, refusal.headers)

        return translate_errors


router = APIRouter(tags=["chat"], route_class=ChatRoute)


@router.get("/models")
@policy(Scope.READ)
def list_models(caller: Calls) -> ModelsResponse:
    """A model for each collection, and one for all of them."""
    return ModelsResponse(data=models(caller))


@router.get("/models/{model_id:path}")
@policy(Scope.READ)
def get_model(model_id: str, caller: Calls) -> ModelBody:
    """One model."""
    return model(caller, model_id)


@router.post(
    "/chat/completions",
    response_model=None,
    responses=chunks_of("A chat.completion.chunk as JSON; [DONE] is the last."),
)
@policy(Scope.READ, "answers", max_body_bytes=MAX_PICTURE_BYTES, encoder=True)
async def complete_chat(
    body: ChatRequest, request: Request, running: Runs, caller: Calls
) -> Response:
    """Answer the last message from the model's collection, as OpenAI's chat completions do.

    The answer holds [n] and, below it, a link to each cited page; `annotations` and the field
    `pagesight` say the same for programs. System messages may shape the answer, not its rules. What
    Open WebUI asks for itself (`### Task:`) is answered without a search.
    """
    chat_question = read_messages(body.messages)
    if chat_question.images:
        chat_question = await run_in_threadpool(_with_image_if_searched, running, chat_question)
    # The search is awaited here, so that a question that cannot be asked has its status.
    pump = await answering(
        running, lambda cancellation: _start(running, caller, body, chat_question, cancellation)
    )
    reply = Reply(
        model=body.model,
        links=links_for(request.base_url, caller),
        events=body.pagesight.events or _from_open_webui(request),
        usage=body.stream_options is not None and body.stream_options.include_usage,
        unread_parts=chat_question.unread_parts,
    )
    if body.stream:
        return _stream_of(reply, pump, running.data_dir)
    events = await all_events(request, pump)
    if not events or not isinstance(events[-1], AnswerDone):
        return Response(status_code=499)  # nobody is there to read it
    return JSONResponse(completion(events, events[-1].answer, reply))


def _with_image_if_searched(running: Running, chat_question: ChatQuestion) -> ChatQuestion:
    """Leave out an image that the encoder cannot look at, where there are words to search for."""
    has_words = any(map(str.isalnum, chat_question.question))
    if not (has_words and running.services.encoder.get().reads_words):
        return chat_question
    return replace(
        chat_question, images=(), unread_parts=("image_url", *chat_question.unread_parts)
    )


def _start(
    running: Running,
    caller: Caller,
    body: ChatRequest,
    chat_question: ChatQuestion,
    cancellation: Event,
) -> Events:
    answerer = running.services.answerer
    if body.model == NO_RETRIEVAL or is_side_task(chat_question.question):
        return answerer.side_task(chat_question.question, cancellation.is_set)
    collections = collections_of(caller, body.model)
    options = body.pagesight
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
    )


def _stream_of(reply: Reply, pump: ThreadedStream[AnswerEvent], data_dir: str) -> Response:
    chunks = Chunks(reply)

    def error_chunk(error: Exception) -> bytes:
        body = error_body(error, data_dir).error.model_dump()
        return chunks.error_ending(openai_error(body, 500))

    return EventStream(relay(pump, chunks.of, error_chunk))


def _from_open_webui(request: Request) -> bool:
    return any(name.startswith("x-openwebui-") for name in request.headers)
