"""`pagesight conversations ...`: stored conversations, and what people said of the answers."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from api.cli.output import AsJson, console, load_services, print_json, print_json_line, table_of
from api.services.conversation_records import JudgedAnswer, Judgement

conversations = typer.Typer(
    help="List, delete and evaluate stored conversations.", no_args_is_help=True
)

ConversationId = Annotated[str, typer.Argument(help="Id of the conversation.")]
_LISTED = 1000


@conversations.command("list")
def list_conversations(as_json: AsJson = False) -> None:
    """List the stored conversations, the latest first."""
    listing = load_services().conversations.latest(_LISTED)
    if as_json:
        bodies = [
            {
                "id": conversation.id,
                "title": conversation.title,
                "collections": list(conversation.collections),
                "messages": conversation.n_messages,
                "updated_at": conversation.updated_at.isoformat(),
            }
            for conversation in listing
        ]
        print_json({"conversations": bodies})
        return
    table = table_of("id", "title", "messages", "collections")
    for conversation in listing:
        title = Text(conversation.title)
        names = ", ".join(conversation.collections)
        table.add_row(conversation.id, title, str(conversation.n_messages), names)
    console.print(table if listing else "no conversation yet: POST /v1/conversations begins one")


@conversations.command("delete")
def delete_conversation(conversation_id: ConversationId, as_json: AsJson = False) -> None:
    """Delete a conversation with its messages and their feedback."""
    load_services().conversations.delete(conversation_id)
    print_json({"deleted": conversation_id}) if as_json else console.print("deleted")


@conversations.command("feedback")
def export_feedback(
    questions: Annotated[
        bool,
        typer.Option(
            "--questions",
            help="Only helpful answers, as JSON lines that `pagesight eval` reads.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Export what people said of the answers, the oldest first."""
    answers = load_services().conversations.judged_answers()
    if questions:
        for answer in answers:
            if (line := _question_line(answer)) is not None:
                print_json_line(line)
        return
    if as_json:
        print_json({"feedback": [_feedback_body(answer) for answer in answers]})
        return
    for answer in answers:
        feedback = answer.message.feedback
        assert feedback is not None, "only answers with feedback are listed"
        console.print(f"{feedback.verdict:<15}{answer.question}", markup=False, soft_wrap=True)
        if feedback.comment:
            comment = f"{'':<15}{feedback.comment}"
            console.print(comment, style="dim", markup=False, soft_wrap=True)
    if not answers:
        console.print("no feedback yet")


def _feedback_body(answer: JudgedAnswer) -> dict[str, Any]:
    body, feedback = answer.message.answer or {}, answer.message.feedback
    assert feedback is not None, "only answers with feedback are exported"
    return {
        "verdict": feedback.verdict.value,
        "comment": feedback.comment,
        "judged_at": feedback.created_at.isoformat(),
        "question": answer.question,
        "answer": answer.message.text,
        "grounded": body.get("grounded", False),
        "collections": list(answer.conversation.collections),
        "citations": body.get("citations", []),
        "conversation_id": answer.conversation.id,
        "message_id": answer.message.id,
    }


def _question_line(answer: JudgedAnswer) -> dict[str, Any] | None:
    """Return a line of a questions file: a helpful answer stands in its first cited document."""
    feedback, citations = (
        answer.message.feedback,
        (answer.message.answer or {}).get("citations", []),
    )
    if feedback is None or feedback.verdict is not Judgement.HELPFUL or not citations:
        return None
    document = citations[0]["document"]
    pages = sorted(
        {source["page_number"] for source in citations if source["document"] == document}
    )
    return {"question": answer.question, "document": document, "evidence_pages": pages}
