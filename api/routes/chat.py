"""/v1/models and /v1/chat/completions, for programs that speak OpenAI's protocol."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from api.chat.asking import ChatCall, start, with_image_if_searched
from api.chat.completions import Chunks, Reply, completion
from api.chat.models import ModelBody, ModelsResponse, model, models
from api.chat.openai_route import OpenAiRoute
from api.chat.requests import ChatRequest, read_messages
from api.http.deps import Calls, Runs
from api.http.failures import error_body, openai_error
from api.http.links import links_for
from api.http.policy import MAX_PICTURE_BYTES, policy
from api.http.streams.event_docs import chunks_of
from api.http.streams.event_streams import EventStream, all_events, answering, relay
from api.http.streams.threaded_stream import ThreadedStream
from api.services.keys import Scope
from generator.answering.answers import AnswerDone, AnswerEvent

router = APIRouter(tags=["chat"], route_class=OpenAiRoute)


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
    chat_question, form = read_messages(body.messages), body.form()
    if chat_question.images:
        chat_question = await run_in_threadpool(with_image_if_searched, running, chat_question)
    call = ChatCall(body.model, chat_question, form, body.pagesight)
    # The search is awaited here, so that a question that cannot be asked has its status.
    pump = await answering(running, lambda cancellation: start(running, caller, call, cancellation))
    reply = Reply(
        model=body.model,
        links=links_for(request.base_url, caller),
        events=body.pagesight.events or _from_open_webui(request),
        usage=body.stream_options is not None and body.stream_options.include_usage,
        n_sources=chat_question.n_sources,
        unread_parts=chat_question.unread_parts,
        as_json=form.json_schema is not None,
    )
    if body.stream:
        return _stream_of(reply, pump, running.data_dir)
    events = await all_events(request, pump)
    if not events or not isinstance(events[-1], AnswerDone):
        return Response(status_code=499)  # nobody is there to read it
    return JSONResponse(completion(events, events[-1].answer, reply))


def _stream_of(reply: Reply, pump: ThreadedStream[AnswerEvent], data_dir: str) -> Response:
    chunks = Chunks(reply)

    def error_chunk(error: Exception) -> bytes:
        body = error_body(error, data_dir).error.model_dump()
        return chunks.error_ending(openai_error(body, 500))

    return EventStream(relay(pump, chunks.of, error_chunk))


def _from_open_webui(request: Request) -> bool:
    return any(name.startswith("x-openwebui-") for name in request.headers)
