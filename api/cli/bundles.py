"""`pagesight bundle`: a collection in one file; `pagesight serve --bundle` opens it elsewhere."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from api.cli.output import (
    FAILED,
    OK,
    AsJson,
    InCollection,
    console,
    count_of,
    load_services,
    print_json,
)
from indexer.maintenance.bundles.bundle_file import BundleFile
from indexer.maintenance.bundles.contents import BundleFacts
from indexer.maintenance.bundles.making import BundleMaker
from indexer.maintenance.bundles.signatures import Signer, read_private_key

SignerKey = Annotated[
    Path | None,
    typer.Option("--signer", metavar="PEM", help="Public key whose signature it must have."),
]


class _MakesByDefault(TyperGroup):
    """Takes `bundle -c NAME FILE` for `bundle make -c NAME FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["make", *args]
        return super().parse_args(ctx, args)


bundle = typer.Typer(
    cls=_MakesByDefault,
    help="A collection in one file, which `pagesight serve --bundle` opens elsewhere, read-only.",
    no_args_is_help=True,
)


@bundle.command("make")
def make(
    collection: InCollection,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="New file.")],
    sign: Annotated[
        Path | None,
        typer.Option("--sign", metavar="PEM", help="Private key (Ed25519) that signs it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the searchable documents of a collection into FILE; the word `make` may be left out."""
    key = read_private_key(sign) if sign else None
    services = load_services()
    facts = BundleMaker(services.stores, services.database).make(collection, file, key)
    signature = "signed" if key else "not signed"
    if as_json:
        print_json({"file": str(file), **asdict(facts), "signed": key is not None})
    else:
        _print_facts(file, facts, signature)


@bundle.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A bundle.")],
    signer: SignerKey = None,
    as_json: AsJson = False,
) -> None:
    """Read a bundle and compare every file in it with its hash. Exit code 1 when something is damaged."""
    with BundleFile(file, Signer.read(signer) if signer else None) as archive:
        damaged_files = archive.check()
        facts, is_signed = archive.facts, archive.is_signed
    if as_json:
        body = {"file": str(file), **asdict(facts), "signed": is_signed, "damaged": damaged_files}
        print_json(body)
    else:
        for path in damaged_files:
            console.print(f"damaged  {path}", style="red", markup=False, soft_wrap=True)
        by_whom = "this key" if signer else "a key that was not compared (`--signer`)"
        _print_facts(file, facts, f"signed with {by_whom}" if is_signed else "not signed")
    raise typer.Exit(FAILED if damaged_files else OK)


def _print_facts(file: Path, facts: BundleFacts, signature: str) -> None:
    console.print(
        f"{file}: {facts.title}, {count_of(facts.n_documents, 'document')}, "
        f"{count_of(facts.n_pages, 'page')}, {count_of(facts.n_files, 'file')} "
        f"({facts.n_bytes / 1e6:.1f} MB), encoder {facts.encoder.get('name')}, made {facts.made_at} by "
        f"pagesight {facts.version}, {signature}",
        markup=False,
        soft_wrap=True,
    )
