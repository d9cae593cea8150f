"""Puts the commands together and runs the one that is asked for."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import Annotated

import typer

from api.base.version import version_of_this
from api.cli import (
    backups,
    bundles,
    diff,
    encoder,
    export,
    extract,
    keys,
    kinds,
    listing,
    maintenance,
    migrate,
    models,
    move,
    quarantine,
    reencode,
    serve,
    status,
    train,
)
from api.cli.asking import conversations, evaluate, heatmap, question, questions, why_not
from api.cli.ingesting import ingest, jobs, reread, sync
from api.cli.output import FAILED, report_error
from indexer.base.errors import PagesightError

_CANNOT_TAKE = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG)

app = typer.Typer(
    name="pagesight",
    help="Answers questions over pages of documents by looking at them, and shows the page that proves it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        sys.stdout.write(f"pagesight {version_of_this()}\n")
        raise typer.Exit


_Version = Annotated[
    bool,
    typer.Option(
        "--version", help="Print the version and exit.", is_eager=True, callback=_print_version
    ),
]


@app.callback()
def _pagesight(version: _Version = False) -> None:
    pass


app.command("ingest")(ingest.ingest)
app.command("sync")(sync.sync)
app.command("reread")(reread.reread)
app.command("search")(question.search)
app.command("ask")(question.ask)
app.command("heatmap")(heatmap.heatmap)
app.command("why-not")(why_not.why_not)
app.command("diff")(diff.diff)
app.command("kinds")(kinds.kinds)
app.command("export")(export.export)
app.command("extract")(extract.extract)
app.command("serve")(serve.serve)
app.command("worker")(jobs.worker)
app.command("encoder")(encoder.encoder)
app.command("mcp")(serve.mcp)
app.command("verify")(maintenance.verify)
app.command("compact")(maintenance.compact)
app.command("backup")(backups.backup)
app.command("restore")(backups.restore)
app.command("migrate")(migrate.migrate)
app.command("move")(move.move)
app.command("reencode")(reencode.reencode)
app.command("train")(train.train)
app.command("status")(status.status)
app.command("eval")(evaluate.evaluate)
app.command("doctor")(maintenance.doctor)
app.add_typer(bundles.bundle, name="bundle")
app.add_typer(listing.collections, name="collections")
app.add_typer(listing.documents, name="documents")
app.add_typer(jobs.jobs, name="jobs")
app.add_typer(quarantine.quarantine, name="quarantine")
app.add_typer(keys.keys, name="keys")
app.add_typer(models.models, name="models")
app.add_typer(questions.questions, name="questions")
app.add_typer(conversations.conversations, name="conversations")


def main() -> None:
    """Run the command line; an error of ours is one line and an exit code, never a traceback."""
    for stream in (sys.stdout, sys.stderr):  # no file name and no locale ends a command
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # what it cannot take is an error of ours, not of the interpreter's end
    except PagesightError as error:
        sys.exit(report_error(error, as_json="--json" in sys.argv))
    except KeyboardInterrupt:
        sys.stderr.write("stopped; what was indexed so far is kept\n")
        sys.exit(FAILED)
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        sys.stderr.close()
        sys.exit(FAILED)
    except OSError as error:
        if error.errno not in _CANNOT_TAKE:
            raise
        _give_up_output()
        sys.stderr.write(f"error: the output cannot be written: {error.strerror}\n")
        sys.exit(FAILED)


def _give_up_output() -> None:
    """Drop what standard output still holds: the interpreter would try to write it once more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
