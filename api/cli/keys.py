"""`pagesight keys ...`: API keys, made by whoever may read the data folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.text import Text

from api.base.errors import InvalidSettings
from api.cli.output import AsJson, console, load_services, print_json, table_of, to_stderr
from api.schemas.keys import KeyResponse, key_bodies, key_body
from api.services.keys import Quota, Scope
from indexer.base.errors import StorageError

keys = typer.Typer(
    help="Make, list and revoke API keys. The first one closes the service to requests without a key.",
    no_args_is_help=True,
)

_MAX_DAYS = 36_500


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="Whose key it is, or what for.")],
    scope: Annotated[
        Scope,
        typer.Option(
            help="read, write, admin: each allows what stands before it; metrics: those alone."
        ),
    ] = Scope.READ,
    collections: Annotated[
        list[str] | None,
        typer.Option(
            "--collection", "-c", help="One that it reaches; may be repeated. Left out: every one."
        ),
    ] = None,
    expires_days: Annotated[
        float | None, typer.Option(min=0, max=_MAX_DAYS, help="Left out: it does not expire.")
    ] = None,
    max_bytes_per_day: Annotated[
        int | None, typer.Option(min=0, help="Bytes of files it may upload a day; left out: any.")
    ] = None,
    max_documents_per_day: Annotated[
        int | None, typer.Option(min=0, help="Files it may upload a day; left out: any.")
    ] = None,
    max_questions_per_day: Annotated[
        int | None, typer.Option(min=0, help="Searches and answers a day; left out: any.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it on standard output. It is shown this once."""
    services = load_services()
    reach = services.ids_of(collections) if collections else None
    ends = None if expires_days is None else datetime.now(UTC) + timedelta(days=expires_days)
    first = not services.keys_required()
    quota = Quota(max_bytes_per_day, max_documents_per_day, max_questions_per_day)
    key, text = services.keys.create(name, scope, reach, ends, quota)
    if as_json:
        print_json(key_body(services, key).model_dump(mode="json") | {"key": text})
    else:
        print(text)
        to_stderr.print("keep it: it is shown this once", style="dim")
    if first:
        to_stderr.print("from now on every request over HTTP needs a key", style="dim")


@keys.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """List all keys, revoked keys too, the newest first."""
    bodies = key_bodies(load_services())
    if as_json:
        print_json({"keys": [body.model_dump(mode="json") for body in bodies]})
        return
    table = table_of("id", "name", "scope", "collections", "state", "last used")
    for body in bodies:
        reach = "all" if body.collections is None else ", ".join(body.collections) or "none left"
        last_used = f"{body.last_used_at:%Y-%m-%d %H:%M}" if body.last_used_at else "never"
        table.add_row(body.id, Text(body.name), body.scope, reach, _state(body), last_used)
    console.print(table if bodies else "no key yet: pagesight keys create NAME")


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="Id of the key; `pagesight keys list` shows it.")],
    as_json: AsJson = False,
) -> None:
    """Revoke a key: it opens nothing from the next request on."""
    key = load_services().keys.revoke(key_id)
    if as_json:
        print_json({"revoked": key_id})
    else:
        console.print(f"revoked {key.name}", markup=False)


@keys.command("rotate-links")
def rotate_links(as_json: AsJson = False) -> None:
    """Sign links in answers with a new secret; twice in a row ends every link that is out."""
    services = load_services()
    if services.settings.link_secrets is not None:
        raise InvalidSettings(
            "PAGESIGHT_LINK_SECRETS gives the secrets: put a new one before the others there"
        )
    try:
        services.links.secrets.rotate()
    except OSError as error:
        raise StorageError(f"the new secret cannot be written: {error.strerror}") from error
    if as_json:
        print_json({"rotated": True})
    else:
        console.print("links are signed anew; those that are out stay valid until the next time")


def _state(body: KeyResponse) -> str:
    if body.revoked_at is not None:
        return "revoked"
    if body.expires_at is None:
        return "valid"
    return (
        "expired" if body.expires_at <= datetime.now(UTC) else f"until {body.expires_at:%Y-%m-%d}"
    )
