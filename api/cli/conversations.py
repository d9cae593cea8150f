"""`pagesight conversations ...`: stored talks, and what people said of the answers."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from api.cli.output import AsJson, console, print_json, services, table_of
from api.services.conversations import JudgedAnswer, Judgement

conversations = typer.Typer(help="List, delete and evaluate stored talks.", no_args_is_help=True)

ConversationId = Annotated[str, typer.Argument(help="Id of the conversation.")]
_LISTED = 1000


@conversations.command("list")
def list_conversations(as_json: AsJson = False) -> None:
    """Stored talks, the latest first."""
    found = services().conversations.conversations(_LISTED)
    if as_json:
        told = [
            {
                "id": one.id,
                "title": one.title,
                "collections": list(one.collections),
                "messages": one.n_messages,
                "updated_at": one.updated_at.isoformat(),
            }
            for one in found
        ]
        print_json({"conversations": told})
        return
    table = table_of("id", "title", "messages", "collections")
    for one in found:
        title = one.title.replace("[", r"\[")
        table.add_row(one.id, title, str(one.n_messages), ", ".join(one.collections))
    console.print(table if found else "no conversation yet: POST /v1/conversations begins one")


@conversations.command("delete")
def delete_conversation(conversation_id: ConversationId, as_json: AsJson = False) -> None:
    """Delete a talk with its messages and their feedback."""
    services().conversations.delete(conversation_id)
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
    """What people said of the answers, the oldest first."""
    judged = services().conversations.judged()
    if questions:
        for one in judged:
            if (line := _question(one)) is not None:
                sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        return
    if as_json:
        print_json({"feedback": [_exported(one) for one in judged]})
        return
    for one in judged:
        said = one.message.feedback
        assert said is not None, "only answers with feedback are listed"
        console.print(f"{said.verdict:<15}{one.question}", markup=False, soft_wrap=True)
        if said.comment:
            console.print(f"{'':<15}{said.comment}", style="dim", markup=False, soft_wrap=True)
    if not judged:
        console.print("no feedback yet")


def _exported(one: JudgedAnswer) -> dict[str, Any]:
    answer, said = one.message.answer or {}, one.message.feedback
    assert said is not None, "only answers with feedback are exported"
    return {
        "verdict": said.verdict.value,
        "comment": said.comment,
        "judged_at": said.created_at.isoformat(),
        "question": one.question,
        "answer": one.message.text,
        "grounded": answer.get("grounded", False),
        "collections": list(one.conversation.collections),
        "citations": answer.get("citations", []),
        "conversation_id": one.conversation.id,
        "message_id": one.message.id,
    }


def _question(one: JudgedAnswer) -> dict[str, Any] | None:
    """A line of a questions file: a helpful answer's first cited document is where the answer stands."""
    said, cited = one.message.feedback, (one.message.answer or {}).get("citations", [])
    if said is None or said.verdict is not Judgement.HELPFUL or not cited:
        return None
    document = cited[0]["document"]
    pages = sorted({each["page_number"] for each in cited if each["document"] == document})
    return {"question": one.question, "document": document, "evidence_pages": pages}
