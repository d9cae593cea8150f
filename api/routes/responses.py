"""/v1/responses, for programs that speak OpenAI's newer protocol. Nothing is kept of a response."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from api.chat.asking import ChatCall, start, with_image_if_searched
from api.chat.completions import Reply
from api.chat.openai_route import OpenAiRoute
from api.chat.requests import read_messages
from api.chat.response_requests import ResponseRequest
from api.chat.responses import ResponseEvents, ResponseHead, whole_response
from api.http.deps import Calls, Runs
from api.http.failures import error_body, openai_error
from api.http.links import links_for
from api.http.policy import MAX_PICTURE_BYTES, policy
from api.http.streams.event_docs import chunks_of
from api.http.streams.event_streams import EventStream, all_events, answering, relay
from api.services.keys import Scope
from generator.answering.answers import AnswerDone

router = APIRouter(tags=["chat"], route_class=OpenAiRoute)


@router.post(
    "/responses",
    response_model=None,
    responses=chunks_of("An event of OpenAI's Responses as JSON; response.completed is the last."),
)
@policy(Scope.READ, "answers", max_body_bytes=MAX_PICTURE_BYTES, encoder=True)
async def create_response(
    body: ResponseRequest, request: Request, running: Runs, caller: Calls
) -> Response:
    """Answer the last message of the input from the model's collection, as OpenAI's Responses do.

    As `/v1/chat/completions`, in the other form. Nothing is kept: `previous_response_id` is refused.
    """
    chat_question, form = read_messages(body.messages()), body.form()
    if chat_question.images:
        chat_question = await run_in_threadpool(with_image_if_searched, running, chat_question)
    call = ChatCall(body.model, chat_question, form, body.pagesight)
    reply = Reply(
        model=body.model,
        links=links_for(request.base_url, caller),
        unread_parts=chat_question.unread_parts,
        as_json=form.json_schema is not None,
    )
    head = ResponseHead(
        reply, body.instructions, body.text_config(), body.temperature, body.top_p,
        body.max_output_tokens,
    )  # fmt: skip
    pump = await answering(running, lambda cancellation: start(running, caller, call, cancellation))
    if body.stream:
        stream = ResponseEvents(head)

        def error_event(error: Exception) -> bytes:
            json_error = error_body(error, running.data_dir).error.model_dump()
            return stream.error_ending(openai_error(json_error, 500))

        return EventStream(relay(pump, stream.of, error_event))
    events = await all_events(request, pump)
    if not events or not isinstance(events[-1], AnswerDone):
        return Response(status_code=499)  # nobody is there to read it
    return JSONResponse(whole_response(events, events[-1].answer, head))
