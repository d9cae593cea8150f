"""What is done to a data folder while it is killed, refused or cut off from power. Each may be run again."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from contextlib import suppress

from api.services.wiring import Services
from api.worker.worker import Worker
from indexer.base.errors import CollectionNotFound
from indexer.maintenance.compaction import Compactor
from tests.conftest import ROOT
from tests.faults import oracle, whole_collections
from tests.faults.facts import Facts
from tests.faults.papers import PAPERS
from tests.faults.places import Place, Workload, ingest_papers

FIRST_PAPERS = ("pump", "valve")
MORE_PAPERS = ("motor", "gauge")
LARGE_PAPERS = ("report1x30", "report2x30", "report3x30", "report4x30")


def _ingest_two(*stems: str) -> Callable[[Place], None]:
    def run(place: Place) -> None:
        services = place.services()
        services.repairer.sweep()
        ingest_papers(place, services, "c", *stems)

    return run


def _prepare_papers(*stems: str) -> Callable[[Place], None]:
    return lambda place: ingest_papers(place, place.services(), "c", *stems)


def _compact(place: Place) -> None:
    stores = place.services().stores
    Compactor(stores, min_copied=1, min_indexed=1).run("c", eager=True)


def _prepare_compaction(place: Place) -> None:
    ingest_papers(place, place.services(), "c", *PAPERS)
    _delete(place, place.services(), "gasket")


def _is_compact(services: Services, facts: Facts) -> list[str]:
    segments = services.stores.catalog.segments.all()
    derived = [services.stores.derived_data.int8(record) for record in segments]
    return [] if len(segments) == 1 and all(derived) else ["the collection is not compact"]


def _delete(place: Place, services: Services, stem: str) -> None:
    place.facts.tell("deleting", "c", stem)
    documents = services.stores.catalog.documents
    document = documents.find(services.stores.catalog.collections.get("c").id, PAPERS[stem].sha256)
    if document is not None:
        services.stores.delete_document(document.id)
    place.facts.tell("deleted", "c", stem)


def _prepare_deletion(place: Place) -> None:
    ingest_papers(place, place.services(), "c", *FIRST_PAPERS, "flange")
    _compact(place)
    ingest_papers(place, place.services(), "c", *MORE_PAPERS)
    ingest_papers(place, place.services(), "other", "lease")


def _run_deletion(place: Place) -> None:
    services = place.services()
    _delete(place, services, "pump")  # shares its segment
    _delete(place, services, "motor")  # has one of its own
    place.facts.tell("deleting", "other", "lease")
    with suppress(CollectionNotFound):
        services.stores.delete_collection("other")
    place.facts.tell("deleted", "other", "lease")


def _run_jobs(place: Place) -> None:
    services = place.services()
    services.repairer.sweep()
    queued = place.facts.of_kind("queued")
    target = services.collection_for_ingest("c", queue_only=True)
    for stem in MORE_PAPERS:
        if ("c", stem) not in queued:
            services.intake.copy_in(target, [PAPERS[stem].source(place.inbox)])
            place.facts.tell("queued", "c", stem)
    worker = Worker(services)
    while worker.work_once():
        pass
    for job in services.queue.jobs(limit=100):
        if job.state.value == "done":
            place.facts.tell("indexed", "c", job.name.removesuffix(".pdf"))


def _jobs_are_done(services: Services, facts: Facts) -> list[str]:
    return oracle.unfinished_jobs(services) + [
        f"I1 {stem} was queued and is not indexed"
        for _, stem in sorted(facts.of_kind("queued") - facts.of_kind("indexed"))
    ]


def _prepare_damage(place: Place) -> None:
    ingest_papers(place, place.services(), "c", *FIRST_PAPERS, *MORE_PAPERS)
    vectors = sorted(place.data_dir.glob("collections/*/*/vectors.npy"))[0]
    content = vectors.read_bytes()
    vectors.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    sorted(place.data_dir.glob("images/*/*.webp"))[0].unlink()


def _repair(place: Place) -> None:
    services = place.services()
    repairer = services.repairer
    for task in repairer.repair(repairer.verify(deep=True)):
        services.pipeline.ingest(task.collection, task.source)


def _prepare_old_folder(place: Place) -> None:
    with tarfile.open(ROOT / "tests/fixtures/data-0.1.0.tar.gz") as archive:
        archive.extractall(place.data_dir.parent, filter="data")


def _old_folder_is_whole(services: Services, facts: Facts) -> list[str]:
    report = services.repairer.verify(deep=True)
    figures = (report.n_documents, report.n_pages, report.n_vectors)
    return [] if figures == (3, 6, 52) else [f"I1 of 3 documents, 6 pages, 52 vectors: {figures}"]


WORKLOADS = {
    "ingest-new": Workload(_ingest_two(*FIRST_PAPERS)),
    "ingest": Workload(_ingest_two(*MORE_PAPERS), _prepare_papers(*FIRST_PAPERS)),
    "compaction": Workload(_compact, _prepare_compaction, final=_is_compact),
    "deletion": Workload(_run_deletion, _prepare_deletion),
    "jobs": Workload(_run_jobs, _prepare_papers("pump"), final=_jobs_are_done),
    "repair": Workload(_repair, _prepare_damage, damaged=True),
    "migration": Workload(
        lambda place: place.services().database.engine.dispose(),
        _prepare_old_folder,
        final=_old_folder_is_whole,
    ),
    "versions": Workload(whole_collections.new_versions, final=whole_collections.one_is_newest),
    "sync": Workload(whole_collections.sync, final=whole_collections.is_in_step),
    "bundle": Workload(whole_collections.bundle, _prepare_compaction),
    "move": Workload(whole_collections.move_there_and_back, _prepare_papers(*FIRST_PAPERS)),
}
# Not killed at every call: it is large enough that its arrays take more room than all else.
LARGE_WORKLOADS = {
    "large-compaction": Workload(_compact, _prepare_papers(*LARGE_PAPERS), final=_is_compact)
}
EVERY_WORKLOAD = WORKLOADS | LARGE_WORKLOADS
