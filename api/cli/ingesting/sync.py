"""`pagesight sync`: keep a collection in step with folders and buckets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Event
from typing import Annotated

import typer

from api.cli.ingesting.ingest import tidy_up
from api.cli.ingesting.plan_lines import show_plan
from api.cli.ingesting.progress import page_progress, print_outcome, show_pages
from api.cli.ingesting.properties import MetadataEntries, Tags, metadata_of
from api.cli.output import (
    FAILED,
    OK,
    AsJson,
    InCollection,
    load_services,
    print_json_line,
    to_stderr,
)
from api.schemas.sync import synced_body
from api.services.places import synced_places
from api.services.wiring import Services
from generator.answering.inert_text import printable
from indexer.base.document_properties import DocumentProperties, properties_of
from indexer.base.errors import CollectionNotFound, NothingToIngest, Unreadable
from indexer.catalog.collections import Collection
from indexer.catalog.synced_files import SyncedFile
from indexer.ingest.outcomes import IngestOutcome, PageProgress
from indexer.ingest.sync.folder_scan import SyncedFolder
from indexer.ingest.sync.place import SyncedPlace
from indexer.ingest.sync.plan import Brake, Change, SyncPlan
from indexer.ingest.sync.watching import LOOK_AGAIN_S, changes_in

_AWAY_S = 5.0  # between looks for a place that is not there

_MaxGone = Annotated[
    int,
    typer.Option(
        min=0,
        max=100,
        metavar="PERCENT",
        help="Most files of a place that may be gone at a time; if more are, all stay.",
    ),
]
_Settle = Annotated[
    float, typer.Option(min=0.1, max=60, help="With --watch: seconds without a change in a file.")
]
_Poll = Annotated[
    float, typer.Option(min=1, help="With --watch: seconds between two looks at a bucket.")
]


def sync(
    places: Annotated[
        list[str],
        typer.Argument(help="Folders, read recursively, and buckets, as `s3://bucket/prefix`."),
    ],
    collection: InCollection,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what is out of step; change nothing.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on: follow every change until stopped.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Remove also more than --max-gone allows.")
    ] = False,
    max_gone: _MaxGone = 25,
    settle: _Settle = 1.0,
    poll: _Poll = 30.0,
    tags: Tags = None,
    metadata: MetadataEntries = None,
    as_json: AsJson = False,
) -> None:
    """Keep a collection in step with folders or buckets: add, read what changed, rename, remove what is gone.

    What is out of step is shown first. The versions of before stay and answer when they are asked for
    (`--filter as-of=DATE`); documents of files that are gone go with all their versions.
    """
    if watch and dry_run:
        raise typer.BadParameter("--watch changes what --dry-run leaves", param_hint="--dry-run")
    services = load_services()
    brake = Brake(max_gone / 100, is_off=force)
    targets = synced_places(services.settings, services.stores.folder, places)
    if dry_run:
        plan = services.synchronizer.plan(_existing(services, collection), targets, brake)
        show_plan(plan, collection, as_json=as_json)
        return
    properties = properties_of(tags or (), metadata_of(metadata or ()))
    services.synchronizer.plan(_existing(services, collection), targets, brake)  # before it is made
    target = services.collection_for_ingest(collection)
    services.pipeline.check_encoder(target)
    with services.synchronizer.alone(target):
        services.repairer.sweep()
        run = _Run(services, target, targets, brake, properties, as_json)
        if not watch:
            run.once()
            raise typer.Exit(FAILED if run.problems.total() else OK)
        run.follow(settle, poll)


def _existing(services: Services, name: str) -> Collection | None:
    try:
        return services.stores.catalog.collections.get(name)
    except CollectionNotFound:
        return None


@dataclass
class _Run:
    """One run of the command.

    problems  counts by kind what is not in step at its end
    reasons   why documents were held back when it last looked: told once, not at every look
    refused_files  that no row of the catalog remembers, as they are too large: told once, too
    """

    services: Services
    target: Collection
    places: Sequence[SyncedPlace]
    brake: Brake
    properties: DocumentProperties
    as_json: bool
    problems: Counter[str] = field(default_factory=Counter)
    reasons: tuple[str, ...] = ()
    refused_files: set[SyncedFile] = field(default_factory=set)

    def once(self, settle_s: float = 0.0, *, is_quiet: bool = False) -> SyncPlan:
        """Bring the places in step; `is_quiet`: say nothing where nothing is out of step."""
        services = self.services
        plan = services.synchronizer.plan(self.target, self.places, self.brake, settle_s)
        changes = tuple(change for change in plan.changes if change.file not in self.refused_files)
        plan = replace(plan, changes=changes)
        if not is_quiet or plan.changes or plan.reasons != self.reasons:
            show_plan(plan, self.target.name, as_json=self.as_json)
        self.reasons = plan.reasons
        self.problems = Counter(
            held_back=len(plan.held_back),
            unknown=len(plan.unknown_paths),
            unsettled=len(plan.unsettled_paths),
        )
        with page_progress() as progress:
            task = progress.add_task("", total=None)

            def pages_of(change: Change) -> PageProgress:
                progress.reset(task, total=None, description=printable(change.file.name))
                return partial(show_pages, progress, task)

            services.synchronizer.apply(
                self.target, plan, self._show_outcome, pages_of, self.properties
            )
        if plan.changes:
            with to_stderr.status("compacting"):
                services.compactor.run(self.target.name)
                tidy_up(services)
        return plan

    def follow(self, settle_s: float, poll_s: float) -> None:
        """Bring the places in step, and again after every change, until the process is stopped."""
        stop = Event()
        is_quiet = False
        problem = ""
        folders = [place.folder for place in self.places if isinstance(place, SyncedFolder)]
        look_again_s = LOOK_AGAIN_S if len(folders) == len(self.places) else poll_s
        while True:
            try:
                for _ in changes_in(folders, settle_s, stop, look_again_s):
                    self._sync_until_settled(settle_s, stop, is_quiet=is_quiet)
                    is_quiet, problem = True, ""
            except (NothingToIngest, Unreadable) as error:
                if str(error) != problem:
                    problem = str(error)
                    line = f"waiting: {problem}"
                    to_stderr.print(line, style="yellow", markup=False, soft_wrap=True)
                stop.wait(_AWAY_S)
            while not all(folder.is_dir() for folder in folders):  # their mounts may come back
                stop.wait(_AWAY_S)

    def _sync_until_settled(self, settle_s: float, stop: Event, *, is_quiet: bool) -> None:
        plan = self.once(settle_s, is_quiet=is_quiet)
        while plan.unsettled_paths:
            stop.wait(settle_s)
            plan = self.once(settle_s, is_quiet=True)

    def _show_outcome(self, change: Change, outcome: IngestOutcome | None) -> None:
        if outcome is not None and not outcome.verdict.searchable:
            self.problems["refused"] += 1
            if outcome.document_id is None and not outcome.try_again:
                self.refused_files.add(change.file)
        if self.as_json:
            print_json_line(synced_body(change, outcome).model_dump(mode="json"))
        elif outcome is not None:
            print_outcome(outcome)
