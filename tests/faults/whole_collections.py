"""Workloads over a whole collection: new versions, a folder in step, a bundle, a move."""

from __future__ import annotations

from pathlib import Path

from api.services.wiring import Services
from indexer.base.errors import StorageError
from indexer.ingest.outcomes import IngestOutcome
from indexer.ingest.sync.folder_scan import SyncedFolder
from indexer.ingest.sync.plan import Brake, Change
from indexer.maintenance.bundles.bundle_file import BundleFile
from indexer.maintenance.bundles.making import BundleMaker
from indexer.maintenance.moving import Mover
from indexer.storage.durable import MOVED_NAME, DurableFolder
from tests.faults.facts import Facts
from tests.faults.papers import PAPERS
from tests.faults.places import Place

NAME = "terms.pdf"
VERSIONS = ("pump", "valve", "motor")  # oldest first
BUNDLE = "c.pagesight"


def new_versions(place: Place) -> None:
    """Ingest three files of one name: each is a version of the one before, which stays.

    It ends at one that is refused: what is given later is the newer version.
    """
    services = place.services()
    collection = services.collection_for_ingest("c")
    for stem in VERSIONS:
        if ("c", stem) in place.facts.of_kind("indexed"):
            continue
        outcome = services.pipeline.ingest(collection, PAPERS[stem].source(place.inbox, NAME))
        if not outcome.verdict.searchable and outcome.verdict.value != "unchanged":
            return
        place.facts.tell("indexed", "c", stem)


def one_is_newest(services: Services, facts: Facts) -> list[str]:
    newest = [document.sha256 for document in services.stores.catalog.snapshot("c").current]
    return [] if newest == [PAPERS[VERSIONS[-1]].sha256] else [f"I2 newest of its name: {newest}"]


def sync(place: Place) -> None:
    """Bring a folder in step twice: a file is added, one changed, one renamed, one gone in between."""
    folder = place.inbox / "files"
    if not place.facts.of_kind("deleting"):
        _fill(folder, {"pump.pdf": "pump", "valve.pdf": "valve", "gasket.pdf": "gasket"})
        _bring_in_step(place, folder)
        place.facts.tell("deleting", "c", "gasket")
    _fill(folder, {"pump.pdf": "flange", "tap.pdf": "valve", "gauge.pdf": "gauge"})
    _bring_in_step(place, folder)
    place.facts.tell("deleted", "c", "gasket")


def _fill(folder: Path, files: dict[str, str]) -> None:
    """Let a folder hold these files and no other: (name, stem of the paper)."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.name not in files:
            path.unlink()
    for name, stem in files.items():
        if not (folder / name).exists() or (folder / name).read_bytes() != PAPERS[stem].content:
            (folder / name).write_bytes(PAPERS[stem].content)


def _bring_in_step(place: Place, folder: Path) -> None:
    services = place.services()
    collection = services.collection_for_ingest("c")
    stem_of = {paper.sha256: stem for stem, paper in PAPERS.items()}

    def tell(change: Change, outcome: IngestOutcome | None) -> None:
        if outcome is not None and outcome.error is None:
            place.facts.tell("indexed", "c", stem_of[change.file.sha256])

    with services.synchronizer.alone(collection):
        plan = services.synchronizer.plan(collection, [SyncedFolder(folder)], Brake(is_off=True))
        services.synchronizer.apply(collection, plan, tell, lambda _: lambda n_done, n_pages: None)


def is_in_step(services: Services, facts: Facts) -> list[str]:
    collection = services.stores.catalog.collections.get("c")
    files = services.stores.catalog.synced_files.of_collection(collection.id)
    names = [file.name for file in files]
    current = sorted(document.name for document in services.stores.catalog.snapshot("c").current)
    right = ["gauge.pdf", "pump.pdf", "tap.pdf"]
    return [] if names == current == right else [f"I2 in step are {names}, searched is {current}"]


def bundle(place: Place) -> None:
    """Write a bundle beside the files that come in."""
    services, target = place.services(), place.inbox / BUNDLE
    try:
        BundleMaker(services.stores, services.database).make("c", target)
    except StorageError:
        if not target.exists():  # another process was faster, or the run of before
            raise
    with BundleFile(target) as bundle_file:
        assert bundle_file.check() == []


def move_there_and_back(place: Place) -> None:
    """Move everything to another folder, and back. What broke off goes on from the place that counts."""
    services = place.services()
    if not (place.data_dir / MOVED_NAME).exists():
        Mover(services.stores, services.database).move(
            DurableFolder(place.elsewhere), str(place.elsewhere)
        )
        services = place.services()
    Mover(services.stores, services.database).move(DurableFolder(place.data_dir), "folder")
