"""A collection in step with folders: what is planned, what is done, and what is never removed."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from api.services.wiring import Services
from indexer.base.errors import DataFolderBusy, NothingToIngest
from indexer.catalog.collections import Collection
from indexer.ingest.outcomes import IngestOutcome, PageProgress
from indexer.ingest.sync import folder_scan
from indexer.ingest.sync.folder_scan import SyncedFolder
from indexer.ingest.sync.plan import Brake, Change, ChangeKind, SyncPlan
from indexer.ingest.sync.watching import changes_in
from indexer.inputs.sources import Source
from retriever.query.filters import SearchFilter
from tests.builders import fake_services, write_pdf
from tests.support.kill_points import kill_everywhere

ADDED, CHANGED, RENAMED, GONE = ChangeKind


class Step:
    """A collection and a folder, and what the last run did."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "files"
        self.folder.mkdir()
        self.services: Services = fake_services(root / "data")
        self.collection: Collection = self.services.create_collection("c")

    def write(self, name: str, *pages: str) -> Path:
        return write_pdf(self.folder / name, *pages)

    def plan(self, *more: Path, is_off: bool = False) -> SyncPlan:
        places = [SyncedFolder(folder) for folder in (self.folder, *more)]
        return self.services.synchronizer.plan(self.collection, places, Brake(is_off=is_off))

    def run(self, *more: Path, is_off: bool = False) -> list[tuple[ChangeKind, str]]:
        plan = self.plan(*more, is_off=is_off)
        self.outcomes: dict[str, IngestOutcome] = {}
        done: list[tuple[ChangeKind, str]] = []

        def note(change: Change, outcome: IngestOutcome | None) -> None:
            done.append((change.kind, change.file.name))
            if outcome is not None:
                self.outcomes[change.file.name] = outcome

        self.services.synchronizer.apply(
            self.collection, plan, note, lambda _: lambda n_done, n_pages: None
        )
        assert not self.plan(*more, is_off=is_off).changes, "what was done is in step"
        return done

    def names(self) -> list[str]:
        snapshot = self.services.stores.catalog.snapshot("c")
        return sorted(
            name for document in snapshot.current for name in (document.name, *document.aliases)
        )

    def snippets(self, versions: str = "newest") -> set[str]:
        search_filter = SearchFilter(versions=versions)  # type: ignore[arg-type]
        hits = self.services.searcher.search("rent", ["c"], 20, search_filter).hits
        return {hit.snippet for hit in hits}


@pytest.fixture
def step(tmp_path: Path) -> Step:
    return Step(tmp_path)


def test_a_folder_is_followed_through_additions_changes_renamings_and_removals(step: Step) -> None:
    for i in range(5):
        step.write(f"{i}.pdf", f"rent {i}", "the same annex")
    (step.folder / "notes.xyz").write_text("of no kind")
    (step.folder / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    assert step.run() == [(ADDED, f"{name}.pdf") for name in (*range(5), "broken")]
    assert not step.outcomes["broken.pdf"].verdict.searchable
    ids = {row.name: row.id for row in step.services.stores.catalog.snapshot("c").documents}

    step.write("0.pdf", "rent 0 anew", "the same annex")
    (step.folder / "old").mkdir()
    (step.folder / "1.pdf").rename(step.folder / "old" / "1.pdf")
    (step.folder / "2.pdf").unlink()
    shutil.copy(step.folder / "3.pdf", step.folder / "copy.pdf")
    os.utime(step.folder / "4.pdf", ns=(1, 1))
    assert step.plan().n_unchanged == 3
    assert step.run() == [
        (RENAMED, "old/1.pdf"), (ADDED, "copy.pdf"), (CHANGED, "0.pdf"), (GONE, "2.pdf"),
    ]  # fmt: skip
    assert step.outcomes["0.pdf"].n_copied_pages == 1
    assert step.names() == ["0.pdf", "3.pdf", "4.pdf", "copy.pdf", "old/1.pdf"]
    assert step.snippets() >= {"rent 0 anew", "rent 1", "rent 3", "rent 4"}
    assert "rent 0" not in step.snippets() and "rent 0" in step.snippets("all")
    renamed = step.services.stores.catalog.documents.get(ids["1.pdf"])
    assert (renamed.name, renamed.aliases) == ("old/1.pdf", ())

    # A renamed document takes its versions along, and with its file all of them go.
    (step.folder / "0.pdf").rename(step.folder / "zero.pdf")
    assert step.run() == [(RENAMED, "zero.pdf")]
    assert {"rent 0", "rent 0 anew"} <= step.snippets("all")
    (step.folder / "zero.pdf").unlink()
    (step.folder / "broken.pdf").unlink()
    assert step.run() == [(GONE, "broken.pdf"), (GONE, "zero.pdf")]
    assert not {"rent 0", "rent 0 anew"} & step.snippets("all")
    (step.folder / "3.pdf").rename(step.folder / "4.pdf")  # over another
    assert step.run() == [(CHANGED, "4.pdf"), (GONE, "3.pdf")]
    assert step.names() == ["4.pdf", "copy.pdf", "old/1.pdf"]
    assert "rent 4" in step.snippets("all")
    step.services.reclaimer.remove_deleted()
    assert step.services.repairer.verify(deep=True).clean


def test_what_was_ingested_before_is_in_step_and_what_others_uploaded_stays(step: Step) -> None:
    path = step.write("a.pdf", "rent a")
    other = write_pdf(step.root / "upload.pdf", "rent upload")
    for source in (Source(path, "a.pdf"), Source(other, "upload.pdf")):
        step.services.pipeline.ingest(step.collection, source)
    assert step.run() == []
    # A document that somebody deleted comes back with the next run: the folder says what there is.
    (document,) = [
        row for row in step.services.stores.catalog.snapshot("c").documents if row.name == "a.pdf"
    ]
    step.services.stores.delete_document(document.id)
    assert step.run() == [(ADDED, "a.pdf")]
    path.unlink()
    assert step.plan().reasons and step.run(is_off=True) == [(GONE, "a.pdf")]
    assert step.names() == ["upload.pdf"]


def test_files_of_several_folders_with_one_name_are_documents_of_their_own(step: Step) -> None:
    step.write("a.pdf", "rent one")
    more = step.root / "more"
    write_pdf(more / "a.pdf", "rent two")
    assert step.run(more) == [(ADDED, "a.pdf"), (ADDED, "more/a.pdf")]
    assert step.snippets() == {"rent one", "rent two"}
    with pytest.raises(NothingToIngest, match="lie in each other"):
        step.plan(step.folder / ".." / "files")


def test_nothing_is_removed_because_a_folder_cannot_be_seen(step: Step) -> None:
    for i in range(7):
        step.write(f"{'part' if i < 5 else 'rest'}/{i}.pdf", f"rent {i}")
    step.run()
    names = step.names()
    away = step.folder.rename(step.root / "away")
    with pytest.raises(NothingToIngest, match="not there"):
        step.plan()
    step.folder.mkdir()  # where a mount was
    assert "as if it were not there" in step.plan().reasons[0] and step.run() == []
    step.folder.rmdir()
    away.rename(step.folder)
    (step.folder / "part").rename(step.root / "part")
    plan = step.plan()
    assert (len(plan.held_back), plan.changes) == (5, ())
    assert "5 of the 7 files" in plan.reasons[0]
    assert step.run() == [] and step.names() == names
    assert len(step.plan(is_off=True).of_kind(GONE)) == 5


def test_a_folder_that_may_not_be_looked_into_and_a_file_system_that_went_hold_their_documents(
    step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(4):
        step.write(f"{'closed' if i < 2 else 'open'}/{i}.pdf", f"rent {i}")
    step.run()
    scandir = os.scandir

    def refuse(path: os.PathLike[str] | str) -> object:
        if Path(os.fspath(path)).name == "closed":
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scandir(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        plan = step.plan()
    assert (plan.changes, plan.unknown_paths, plan.n_unchanged) == ((), ("closed",), 2)
    # What two files stood on is another file system now, and they are gone with it.
    synced_files = step.services.stores.catalog.synced_files
    lost = [f for f in synced_files.of_collection(step.collection.id) if "closed" in f.path]
    for file in lost:
        values = {name: getattr(file, name) for name in file.__dataclass_fields__}
        synced_files.keep(step.collection.id, [type(file)(**values | {"device": 12345})])
    shutil.rmtree(step.folder / "closed")
    plan = step.plan()
    assert (plan.changes, len(plan.held_back)) == ((), 2) and "mounted" in plan.reasons[0]


def test_a_file_that_is_being_written_is_left_for_the_next_run(
    step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = step.write("a.pdf", "rent a")
    sha256_of = folder_scan.sha256_of

    def written_meanwhile(source: Path) -> str:
        path.write_bytes(path.read_bytes() + b"\n")
        return sha256_of(source)

    with monkeypatch.context() as patch:
        patch.setattr(folder_scan, "sha256_of", written_meanwhile)
        plan = step.plan()
    assert (plan.changes, plan.unsettled_paths) == ((), ("a.pdf",))
    plan = step.services.synchronizer.plan(
        step.collection, [SyncedFolder(step.folder)], settle_s=3600.0
    )
    assert plan.unsettled_paths == ("a.pdf",)
    assert step.run() == [(ADDED, "a.pdf")]


def test_a_file_that_was_not_read_to_its_end_may_be_renamed_or_go(step: Step) -> None:
    for name in ("a", "b"):
        step.write(f"{name}.pdf", f"rent {name}")

    def break_off(change: Change) -> PageProgress:
        if change.file.name == "b.pdf":
            raise KeyboardInterrupt
        return lambda n_done, n_pages: None

    with pytest.raises(KeyboardInterrupt):
        step.services.synchronizer.apply(step.collection, step.plan(), lambda *_: None, break_off)
    outcome = step.services.pipeline.ingest(step.collection, Source(step.folder / "b.pdf", "b.pdf"))
    assert outcome.verdict.searchable
    (step.folder / "b.pdf").rename(step.folder / "c.pdf")
    assert step.run() == [(RENAMED, "c.pdf")]
    assert step.names() == ["a.pdf", "c.pdf"]

    step.write("d.pdf", "rent d")
    plan = step.plan()
    with pytest.raises(KeyboardInterrupt):
        step.services.synchronizer.apply(step.collection, plan, lambda *_: None, _interrupt)
    (step.folder / "d.pdf").unlink()
    upload = write_pdf(step.root / "d.pdf", "rent of another")
    step.services.pipeline.ingest(step.collection, Source(upload, "d.pdf"))
    assert step.run() == [(GONE, "d.pdf")]
    assert step.names() == ["a.pdf", "c.pdf", "d.pdf"], "what somebody else has uploaded stays"


def _interrupt(_: Change) -> PageProgress:
    raise KeyboardInterrupt


def test_killed_anywhere_the_next_run_ends_what_was_begun(tmp_path: Path) -> None:
    first = Step(tmp_path)
    for i in range(3):
        first.write(f"{i}.pdf", f"rent {i}")
    first.run()
    first.write("0.pdf", "rent 0 anew")
    (first.folder / "1.pdf").rename(first.folder / "one.pdf")
    (first.folder / "2.pdf").unlink()
    first.write("3.pdf", "rent 3")
    first.services.database.engine.dispose()
    shutil.copytree(tmp_path, tmp_path.parent / "kept", symlinks=True)

    def work() -> None:
        services = fake_services(first.root / "data")
        plan = services.synchronizer.plan(first.collection, [SyncedFolder(first.folder)])
        services.synchronizer.apply(
            first.collection, plan, lambda *_: None, lambda _: lambda n_done, n_pages: None
        )

    n_kills = 0
    for _ in kill_everywhere(work, step=23):
        n_kills += 1
        first.services = fake_services(first.root / "data")
        assert {"rent 1", "rent 0"} <= first.snippets("all"), "nothing that was there is lost"
        first.services.repairer.sweep()
        first.run()
        assert first.names() == ["0.pdf", "3.pdf", "one.pdf"]
        assert first.snippets("all") == {"rent 0", "rent 0 anew", "rent 1", "rent 3"}
        assert first.services.repairer.verify(deep=True).clean
        first.services.database.engine.dispose()
        shutil.rmtree(first.root / "data")
        shutil.copytree(tmp_path.parent / "kept" / "data", first.root / "data")
    assert n_kills > 8


def test_two_runs_do_not_mix_and_a_change_wakes_the_watch(step: Step) -> None:
    synchronizer = step.services.synchronizer
    with (
        synchronizer.alone(step.collection),
        pytest.raises(DataFolderBusy),
        synchronizer.alone(step.collection),
    ):
        pass
    stop = threading.Event()
    looks = changes_in([step.folder], 0.1, stop, look_again_s=0.2)
    next(looks)  # it is watching now
    step.write("a.pdf", "rent a")
    next(looks)
    assert step.run() == [(ADDED, "a.pdf")]
    step.folder.rename(step.root / "away")
    step.folder.mkdir()
    assert list(looks) == [], "the folder is another one: whoever watches begins anew"
