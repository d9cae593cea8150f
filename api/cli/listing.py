"""`pagesight collections ...` and `pagesight documents ...`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.text import Text

from api.cli.ingesting.properties import MetadataEntries, metadata_of
from api.cli.output import (
    AsJson,
    InCollection,
    console,
    count_of,
    load_services,
    print_facts,
    print_json,
    table_of,
)
from api.http.document_lists import DocumentSort, listing_of
from api.schemas.collections import collection_body
from api.schemas.documents import DocumentResponse, document_body
from indexer.base.document_properties import AUTHORS, DATE, TITLE, clean_tag

collections = typer.Typer(help="List, create, show and delete collections.", no_args_is_help=True)
documents = typer.Typer(help="List, show and delete documents.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of the collection.")]
DocumentId = Annotated[str, typer.Argument(help="Id of the document.")]


@collections.command("list")
def list_collections(as_json: AsJson = False) -> None:
    """List all collections with what they hold."""
    catalog = load_services().stores.catalog
    bodies = [
        collection_body(collection, catalog.collections.totals(collection.id))
        for collection in catalog.collections.all()
    ]
    if as_json:
        print_json({"collections": [body.model_dump(mode="json") for body in bodies]})
        return
    table = table_of("collection", "documents", "pages", "refused", "encoder", "title")
    for body in bodies:
        counts = (str(body.documents), str(body.pages), str(body.n_rejected))
        title = Text("" if body.title == body.name else body.title)
        table.add_row(body.name, *counts, body.encoder, title)
    console.print(table if bodies else "no collection yet: pagesight ingest PATH -c NAME")


@collections.command("create")
def create_collection(name: Name, as_json: AsJson = False) -> None:
    """Make an empty collection for the configured encoder."""
    services = load_services()
    collection = services.create_collection(name)
    body = collection_body(collection, services.stores.catalog.collections.totals(collection.id))
    print_json(body.model_dump(mode="json")) if as_json else console.print(f"created {name}")


@collections.command("show")
def show_collection(name: Name, as_json: AsJson = False) -> None:
    """Show one collection."""
    catalog = load_services().stores.catalog
    collection = catalog.collections.get(name)
    body = collection_body(collection, catalog.collections.totals(collection.id)).model_dump(
        mode="json"
    )
    if as_json:
        print_json(body)
        return
    print_facts(body)


@collections.command("delete")
def delete_collection(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a collection and all its documents."""
    services = load_services()
    collection = services.stores.catalog.collections.get(name)
    if not yes:
        totals = services.stores.catalog.collections.totals(collection.id)
        typer.confirm(f"delete {name} with {count_of(totals.n_documents, 'document')}?", abort=True)
    services.stores.delete_collection(name)
    services.reclaimer.remove_deleted()
    print_json({"deleted": name}) if as_json else console.print(f"deleted {name}")


@documents.command("list")
def list_documents(
    collection: InCollection,
    search: Annotated[str, typer.Option("--search", help="Only names that hold this.")] = "",
    tag: Annotated[str | None, typer.Option("--tag", help="Only documents with this tag.")] = None,
    sort: Annotated[
        DocumentSort,
        typer.Option("--sort", help="name, pages, bytes or created_at; `-` before it turns it."),
    ] = "name",
    as_json: AsJson = False,
) -> None:
    """List the documents of a collection; a refused document with the reason."""
    catalog = load_services().stores.catalog
    listing = listing_of(search, tag, sort)
    collection_id = catalog.collections.get(collection).id
    bodies = [
        document_body(document)
        for document in catalog.documents.of_collection(collection_id, listing)
    ]
    if as_json:
        print_json({"documents": [body.model_dump(mode="json") for body in bodies]})
        return
    table = table_of("id", "document", "pages", "verdict", "also", "tags", "degraded")
    for body in bodies:
        counts = str(body.pages), body.verdict
        also = Text("; ".join(_also(body)))
        tags = Text(", ".join(body.tags))
        table.add_row(body.id, Text(body.name), *counts, also, tags, Text(body.degraded or ""))
    console.print(table)


def _also(body: DocumentResponse) -> Iterator[str]:
    """Yield what is to be known of a document's names."""
    if body.attachment_of is not None:
        yield f"attachment of {body.attachment_of}"
    if body.version is not None:
        yield f"version {body.version.number} of {body.version.n_versions}"
    facts = (body.metadata.get(name, "") for name in (TITLE, AUTHORS, DATE))
    if line := " · ".join(filter(None, facts)):
        yield line
    yield from (f"also {name}" for name in body.aliases)


@documents.command("show")
def show_document(document_id: DocumentId, as_json: AsJson = False) -> None:
    """Show one document."""
    body = document_body(load_services().stores.catalog.documents.get(document_id)).model_dump(
        mode="json"
    )
    if as_json:
        print_json(body)
        return
    print_facts(body)


@documents.command("tag")
def tag_document(
    document_id: DocumentId,
    tags: Annotated[
        list[str] | None, typer.Argument(help="Tags to give it, beside those it has.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", help="Take this tag away (repeatable).")
    ] = None,
    metadata: MetadataEntries = None,
    as_json: AsJson = False,
) -> None:
    """Give a document tags and metadata; `--remove WORD` and `--meta NAME=` take them away.

    Without any of them, show what it has.
    """
    documents_there = load_services().stores.catalog.documents
    document = documents_there.get(document_id)
    if tags or remove or metadata:
        lost_tags = {clean_tag(tag) for tag in remove or ()}
        entries = dict(document.properties.metadata) | metadata_of(metadata or [])
        documents_there.set_properties(
            document_id,
            tags=[*(set(document.properties.tags) - lost_tags), *(tags or ())],
            metadata={name: value for name, value in entries.items() if value},
        )
    body = document_body(documents_there.get(document_id))
    if as_json:
        print_json(body.model_dump(mode="json"))
        return
    console.print(f"{body.name}: {', '.join(body.tags) or 'no tags'}", markup=False)
    for name, value in body.metadata.items():
        console.print(f"{name:<12} {value}", markup=False)


@documents.command("delete")
def delete_document(
    document_id: DocumentId,
    name: Annotated[
        str | None, typer.Option("--name", help="Take only this name of several from it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Delete a document and its attachments: in no answer from now on, their files are removed."""
    services = load_services()
    if name is None:
        services.stores.delete_document(document_id)
    else:
        services.stores.delete_name(document_id, name)
    services.reclaimer.remove_deleted()
    print_json({"deleted": document_id}) if as_json else console.print(f"deleted {document_id}")
