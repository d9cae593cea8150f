"""A collection in step with a prefix of a bucket, over a real S3 server: what is fetched, what is kept."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

from api.cli.main import app
from api.services.places import synced_places
from api.services.wiring import Services
from indexer.base.errors import NothingToIngest, Unreadable
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import Collection
from indexer.ingest.outcomes import IngestOutcome
from indexer.ingest.sync.bucket_scan import SyncedPrefix
from indexer.ingest.sync.folder_scan import SyncedFolder
from indexer.ingest.sync.plan import Change, ChangeKind, SyncPlan
from indexer.ingest.sync.watching import changes_in
from indexer.storage.bucket.objects import Bucket
from tests.builders import fake_services, write_pdf
from tests.support.s3 import new_prefix

pytest.importorskip("moto")
ADDED, CHANGED, RENAMED, GONE = ChangeKind
Made = list[tuple[ChangeKind, str]]


class CountingBucket(Bucket):
    """A bucket that notes which objects are fetched."""

    def __init__(self, address: str, server: str) -> None:
        super().__init__(address, endpoint_url=server)
        self.fetched_keys: list[str] = []

    def blocks(self, key: str) -> Iterator[bytes]:
        self.fetched_keys.append(key)
        return super().blocks(key)


class Place:
    """A collection and a prefix of a bucket."""

    def __init__(self, root: Path, server: str, **options: Any) -> None:
        self.root, self.address = root, new_prefix()
        self.services: Services = fake_services(
            root / "data", s3_endpoint=server, page_dpi=48, **options
        )
        self.collection: Collection = self.services.create_collection("c")
        self.bucket = CountingBucket(self.address, server)
        self.client = boto3.client("s3", endpoint_url=server)
        self._name, self._prefix = self.address.removeprefix("s3://").split("/")
        self.outcomes: dict[str, IngestOutcome] = {}

    @property
    def prefix(self) -> SyncedPrefix:
        lend = partial(self.services.stores.folder.staging_folder, "sync-")
        return SyncedPrefix(self.bucket, lend, self.services.settings.max_file_bytes)

    def put(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=self._name, Key=f"{self._prefix}/{key}", Body=content)

    def put_in_parts(self, key: str, content: bytes) -> None:
        """Store an object whose entity tag is no sum of its bytes."""
        config = boto3.s3.transfer.TransferConfig(multipart_threshold=1, multipart_chunksize=1)
        self.client.upload_fileobj(
            io.BytesIO(content), self._name, f"{self._prefix}/{key}", Config=config
        )

    def put_pdf(self, key: str, *pages: str) -> bytes:
        content = write_pdf(self.root / "one.pdf", *pages).read_bytes()
        self.put(key, content)
        return content

    def remove(self, *keys: str) -> None:
        for key in keys:
            self.client.delete_object(Bucket=self._name, Key=f"{self._prefix}/{key}")

    def plan(self) -> SyncPlan:
        return self.services.synchronizer.plan(self.collection, [self.prefix])

    def run(self) -> Made:
        made: Made = []

        def note(change: Change, outcome: IngestOutcome | None) -> None:
            made.append((change.kind, change.file.name))
            if outcome is not None:
                self.outcomes[change.file.name] = outcome

        self.bucket.fetched_keys.clear()
        plan = self.plan()
        self.services.synchronizer.apply(self.collection, plan, note, lambda _: lambda *_: None)
        return made

    def names(self) -> list[str]:
        snapshot = self.services.stores.catalog.snapshot("c")
        return sorted(
            n for document in snapshot.current for n in (document.name, *document.aliases)
        )


@pytest.fixture
def place(tmp_path: Path, s3_server: str) -> Place:
    return Place(tmp_path, s3_server)


def test_a_prefix_is_followed_and_an_object_is_fetched_once(place: Place) -> None:
    contents = {key: place.put_pdf(f"{key}.pdf", f"rent {key}") for key in "abcdef"}
    place.put("notes.xyz", b"of no kind")
    place.put(".hidden/h.pdf", contents["a"])
    place.put("drafts/d.pdf", contents["a"])
    place.put(".pagesightignore", b"drafts/\n")
    place.put("a.pdf.json", b'{"title": "Lease A"}')
    assert place.run() == [(ADDED, f"{key}.pdf") for key in "abcdef"]
    assert sorted(place.bucket.fetched_keys) == sorted(
        ["a.pdf.json", *(f"{key}.pdf" for key in "abcdef")]
    )
    assert place.run() == [] and place.bucket.fetched_keys == []

    place.put_pdf("a.pdf", "rent a anew")  # another version
    place.put("b.pdf", contents["b"])  # the same bytes again, at another time
    place.put("moved/c.pdf", contents["c"])  # under another name, with the same entity tag
    place.put_in_parts("moved/d.pdf", contents["d"])  # with another tag: its bytes tell
    place.remove("c.pdf", "d.pdf", "e.pdf")
    assert place.plan().n_unchanged == 2
    assert place.run() == [
        (RENAMED, "moved/c.pdf"), (RENAMED, "moved/d.pdf"), (CHANGED, "a.pdf"), (GONE, "e.pdf"),
    ]  # fmt: skip
    # `d` to know its bytes, `a` to read it, and nothing of what was only moved.
    assert place.bucket.fetched_keys == ["moved/d.pdf", "a.pdf", "a.pdf.json"]
    assert place.names() == ["a.pdf", "b.pdf", "f.pdf", "moved/c.pdf", "moved/d.pdf"]
    assert place.run() == []
    snapshot = place.services.stores.catalog.snapshot("c")
    assert {dict(d.properties.metadata).get("title") for d in snapshot.current} == {"Lease A", None}


def test_a_prefix_that_lists_nothing_and_a_bucket_that_is_gone_remove_nothing(
    place: Place, s3_server: str
) -> None:
    keys = [f"{i}.pdf" for i in range(6)]
    for key in keys:
        place.put_pdf(key, f"rent {key}")
    place.run()
    place.remove(*keys)
    plan = place.plan()
    assert (plan.changes, len(plan.held_back)) == ((), 6) and "none of its 6" in plan.reasons[0]
    assert place.run() == [] and len(place.names()) == 6

    place.bucket = CountingBucket("s3://nobody-made-it/docs", s3_server)
    with pytest.raises(
        Unreadable, match=r"NoSuchBucket.*check PAGESIGHT_STORAGE or the address given"
    ):
        place.plan()


def test_objects_that_go_or_are_too_large_cost_no_run(tmp_path: Path, s3_server: str) -> None:
    place = Place(tmp_path, s3_server, max_file_bytes=50_000)
    place.put("large.pdf", b"%PDF-1.4" + bytes(60_000))
    place.put_pdf("b.pdf", "rent b")
    place.put_pdf("c.pdf", "rent c")
    plan = place.plan()
    place.remove("b.pdf")
    outcomes: dict[str, IngestOutcome | None] = {}
    place.services.synchronizer.apply(
        place.collection,
        plan,
        lambda change, outcome: outcomes.update({change.file.name: outcome}),
        lambda _: lambda *_: None,
    )
    verdicts = {name: outcome.verdict for name, outcome in outcomes.items() if outcome}
    assert verdicts == {
        "b.pdf": Verdict.FAILED, "c.pdf": Verdict.INDEXED, "large.pdf": Verdict.TOO_LARGE,
    }  # fmt: skip
    assert "large.pdf" not in place.bucket.fetched_keys
    assert [change.file.name for change in place.plan().changes] == ["large.pdf", "b.pdf"]


def test_the_command_follows_a_bucket_by_the_settings_of_the_storage(
    place: Place, s3_server: str
) -> None:
    place.put_pdf("a.pdf", "rent a")
    env = {
        "PAGESIGHT_DATA_DIR": str(place.services.settings.data_dir), "PAGESIGHT_ENCODER": "fake",
        "PAGESIGHT_OCR": "never", "PAGESIGHT_RESERVE_BYTES": "0", "PAGESIGHT_S3_ENDPOINT": s3_server,
    }  # fmt: skip
    command = ["sync", place.address, "-c", "c", "--json"]
    plan = json.loads(CliRunner().invoke(app, [*command, "--dry-run"], env=env).stdout)
    assert [change["path"] for change in plan["changes"]] == ["a.pdf"] and place.names() == []
    run = CliRunner().invoke(app, command, env=env)
    assert (run.exit_code, place.names()) == (0, ["a.pdf"]), run.output
    assert json.loads(run.stdout.splitlines()[1])["folder"] == place.address
    refusal = CliRunner().invoke(app, ["sync", "s3://Bad_Name", "-c", "c"], env=env)
    assert "write s3://bucket/prefix" in str(refusal.exception)


def test_places_in_each_other_and_the_services_own_files_are_refused(
    place: Place, tmp_path: Path
) -> None:
    settings, folder = place.services.settings, place.services.stores.folder
    (tmp_path / "files").mkdir()
    apart = synced_places(settings, folder, [f"{place.address}/a", str(tmp_path / "files")])
    assert [type(each) for each in apart] == [SyncedPrefix, SyncedFolder]
    assert not place.services.synchronizer.plan(None, apart).changes
    nested = synced_places(settings, folder, [place.address, f"{place.address}/a"])
    with pytest.raises(NothingToIngest, match="lie in each other"):
        place.services.synchronizer.plan(None, nested)
    own = settings.model_copy(update={"storage": f"{place.address}/own"})
    with pytest.raises(NothingToIngest, match="PAGESIGHT_STORAGE"):
        synced_places(own, folder, [place.address])


def test_a_bucket_is_looked_at_again_and_again_until_the_end() -> None:
    stop = threading.Event()
    looks = changes_in([], 1.0, stop, look_again_s=0.01)
    assert next(looks) is None and next(looks) is None
    stop.set()
    assert list(looks) == []
