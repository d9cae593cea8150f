"""PDFs that come inside a PDF are documents of their own, gone with it; what else comes is named."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.services.wiring import Services
from api.worker.worker import Worker
from indexer.base.document_properties import properties_of
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import Collection
from indexer.catalog.document_records import Document
from indexer.ingest.outcomes import IngestOutcome
from indexer.inputs.sources import Source
from retriever.query.filters import SearchFilter
from tests.builders import document_of, fake_services, pdf_bytes
from tests.support.kill_points import kill_everywhere


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    wired = fake_services(tmp_path / "data")
    yield wired
    wired.database.engine.dispose()


@pytest.fixture
def collection(services: Services) -> Collection:
    return services.create_collection("c")


def carrier(text: str, files: dict[str, bytes], *, on_page: bool = False) -> bytes:
    """A PDF of one page that carries files; `on_page` as annotations of the page."""
    document = document_of(text)
    for name, data in files.items():
        if on_page:
            document[0].add_file_annot((72, 300), data, name)
        else:
            document.embfile_add(name, data, filename=name)
    return bytes(document.tobytes())


def ingest(
    services: Services, collection: Collection, data: bytes, name: str, folder: Path
) -> IngestOutcome:
    path = folder / "incoming.pdf"
    path.write_bytes(data)
    return services.pipeline.ingest(collection, Source(path, name))


def listing(services: Services, collection: Collection) -> dict[str, Document]:
    documents = services.stores.catalog.documents.of_collection(collection.id)
    return {document.name: document for document in documents}


def snippets(services: Services, *names: str, versions: str = "newest") -> set[str]:
    wanted = SearchFilter(names, versions=versions)  # type: ignore[arg-type]
    return {hit.snippet for hit in services.searcher.search("alpha", ["c"], 20, wanted).hits}


def test_attached_pdfs_are_documents_and_other_files_are_named(
    services: Services, collection: Collection, tmp_path: Path
) -> None:
    files = {"bill.pdf": pdf_bytes("alpha bill"), "data.xlsx": b"PK" + 11_998 * b"x"}
    outcome = ingest(services, collection, carrier("alpha cover", files), "mail.pdf", tmp_path)
    assert outcome.verdict is Verdict.INDEXED_WITH_WARNINGS
    assert outcome.warnings == ("attachment data.xlsx (12.0 kB) is of no kind that can be read",)
    assert [child.verdict for child in outcome.attachments] == [Verdict.INDEXED]
    assert listing(services, collection)["bill.pdf"].attachment_of == "mail.pdf"
    assert snippets(services, "bill.pdf") == {"alpha bill"}
    assert snippets(services, "mail.pdf") == {"alpha cover", "alpha bill"}
    assert snippets(services, str(outcome.document_id)) == {"alpha cover", "alpha bill"}
    (hit,) = services.searcher.search("alpha", ["c"], 5, SearchFilter(("bill.pdf",))).hits
    assert hit.document.attachment_of == "mail.pdf"


def test_attachments_of_pages_and_in_subtrees_of_names_are_found(
    services: Services, collection: Collection, tmp_path: Path
) -> None:
    data = carrier("alpha cover", {"note.pdf": pdf_bytes("alpha note")}, on_page=True)
    outcome = ingest(services, collection, data, "annotated.pdf", tmp_path)
    assert [child.name for child in outcome.attachments] == ["note.pdf"]
    document = document_of("alpha tree")
    document.embfile_add("deep.pdf", pdf_bytes("alpha deep"), filename="deep.pdf")
    catalog = document.pdf_catalog()
    _, names = document.xref_get_key(catalog, "Names/EmbeddedFiles/Names")
    leaf = document.get_new_xref()
    document.update_object(leaf, f"<</Limits[(deep.pdf)(deep.pdf)]/Names{names}>>")
    document.xref_set_key(catalog, "Names/EmbeddedFiles", f"<</Kids[{leaf} 0 R]>>")
    outcome = ingest(services, collection, bytes(document.tobytes()), "tree.pdf", tmp_path)
    assert [child.name for child in outcome.attachments] == ["deep.pdf"]


def test_a_portfolio_says_what_became_of_its_files(
    services: Services, collection: Collection, shared_data: Path
) -> None:
    path = shared_data / "reports" / "portfolio-two-files.pdf"
    outcome = services.pipeline.ingest(collection, Source(path, path.name))
    assert outcome.warnings == ("is a portfolio: 2 of its 2 files are documents of their own",)
    assert [child.name for child in outcome.attachments] == ["invoice-2291.pdf", "contract.pdf"]


def test_a_refused_attachment_is_a_warning_and_a_verdict(
    services: Services, collection: Collection, tmp_path: Path
) -> None:
    files = {"bad.pdf": b"%PDF-1.7 nothing", "good.pdf": pdf_bytes("alpha good")}
    outcome = ingest(services, collection, carrier("alpha cover", files), "mail.pdf", tmp_path)
    assert {child.name: child.verdict.value for child in outcome.attachments} == {
        "bad.pdf": "corrupt",
        "good.pdf": "indexed",
    }
    assert outcome.warnings[0].startswith("attachment bad.pdf: cannot be opened")
    bad = listing(services, collection)["bad.pdf"]
    assert (bad.verdict, bad.attachment_of) == (Verdict.CORRUPT, "mail.pdf")


def test_attachments_go_with_what_they_are_attached_to(
    services: Services, collection: Collection, tmp_path: Path
) -> None:
    inner = carrier("alpha inner", {"deep.pdf": pdf_bytes("alpha deep")})
    shared = pdf_bytes("alpha shared")
    mail = carrier("alpha mail", {"inner.pdf": inner, "shared.pdf": shared})
    first = ingest(services, collection, mail, "mail.pdf", tmp_path)
    ingest(services, collection, carrier("alpha twin", {"same.pdf": shared}), "twin.pdf", tmp_path)
    own = ingest(services, collection, pdf_bytes("alpha deep"), "deep by itself.pdf", tmp_path)
    assert own.note == "known as deep.pdf, an attachment of inner.pdf"
    services.stores.delete_document(str(first.document_id))
    assert snippets(services) == {"alpha twin", "alpha shared", "alpha deep"}
    documents = listing(services, collection)
    assert {name: row.attachment_of for name, row in documents.items()} == {
        "deep by itself.pdf": None, "same.pdf": "twin.pdf", "twin.pdf": None,
    }  # fmt: skip
    services.reclaimer.remove_deleted()
    report = services.repairer.verify(deep=True)
    assert report.clean and report.n_documents == 3


def test_a_new_version_brings_its_own_attachments(
    services: Services, collection: Collection, tmp_path: Path
) -> None:
    for n in ("one", "two"):
        files = {"bill.pdf": pdf_bytes(f"alpha bill {n}"), "terms.pdf": pdf_bytes("alpha terms")}
        ingest(services, collection, carrier(f"alpha mail {n}", files), "mail.pdf", tmp_path)
    assert snippets(services) == {"alpha mail two", "alpha bill two", "alpha terms"}
    assert len(snippets(services, "mail.pdf", versions="all")) == 5
    (hit,) = services.searcher.search("bill", ["c"], 1).hits
    assert hit.document.version is not None and hit.document.version.number == 2


def test_what_lies_too_deep_is_not_read_and_said(
    services: Services, collection: Collection, tmp_path: Path
) -> None:
    data = pdf_bytes("alpha level 4")
    for level in (3, 2, 1, 0):
        data = carrier(f"alpha level {level}", {f"level {level + 1}.pdf": data})
    outcome = ingest(services, collection, data, "level 0.pdf", tmp_path)
    assert snippets(services) == {"alpha level 0", "alpha level 1", "alpha level 2"}
    deepest = outcome.attachments[0].attachments[0]
    assert deepest.warnings == (
        "its own attachments were not read: they lie too deep inside of each other",
    )


def test_bombs_are_bounded_in_number_and_bytes_over_all_levels(tmp_path: Path) -> None:
    services = fake_services(tmp_path / "data", max_attachments=4, max_file_bytes=60_000)
    collection = services.create_collection("c")
    inner = carrier("alpha inner", {f"{n}.pdf": pdf_bytes(f"alpha {n}") for n in range(9)})
    outcome = ingest(services, collection, carrier("alpha", {"i.pdf": inner}), "a.pdf", tmp_path)
    (child,) = outcome.attachments
    assert len(child.attachments) == 3
    assert child.warnings == (
        "6 more attached files were not looked at: raise PAGESIGHT_MAX_ATTACHMENTS",
    )
    large = pdf_bytes("alpha large") + bytes(70_000)  # compresses to nothing
    document = document_of("alpha packed")
    document.embfile_add("large.pdf", large, filename="large.pdf")
    packed = ingest(services, collection, bytes(document.tobytes()), "b.pdf", tmp_path)
    assert packed.attachments == () and "more than PAGESIGHT_MAX_FILE_BYTES" in packed.warnings[0]
    none = fake_services(tmp_path / "none", max_attachments=0)
    other = ingest(
        none, none.create_collection("c"), carrier("x", {"i.pdf": inner}), "a.pdf", tmp_path
    )
    assert other.attachments == () and "PAGESIGHT_MAX_ATTACHMENTS" in other.warnings[0]


def test_a_decompression_bomb_costs_a_warning(
    services: Services, collection: Collection, tmp_path: Path
) -> None:
    document = document_of("alpha bomb")
    document.embfile_add("bomb.pdf", b"%PDF-1.7" + bytes(600 * 10**6), filename="bomb.pdf")
    data = io.BytesIO()
    document.save(data, deflate=True)
    outcome = ingest(services, collection, data.getvalue(), "bomb-carrier.pdf", tmp_path)
    assert outcome.verdict is Verdict.INDEXED_WITH_WARNINGS and snippets(services) == {"alpha bomb"}
    assert "bomb.pdf" in outcome.warnings[0]


def test_a_document_that_is_refused_takes_its_attachments_along(
    services: Services, collection: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = carrier("alpha cover", {"bill.pdf": pdf_bytes("alpha bill")})

    with monkeypatch.context() as patch:
        patch.setattr(
            "indexer.ingest.partial_document.PartialDocument.commit", _fails_for("mail.pdf")
        )
        outcome = ingest(services, collection, data, "mail.pdf", tmp_path)
    assert outcome.verdict is Verdict.FAILED
    assert list(listing(services, collection)) == ["mail.pdf"] and snippets(services) == set()
    again = ingest(services, collection, data, "mail.pdf", tmp_path)
    assert again.verdict is Verdict.INDEXED
    assert snippets(services) == {"alpha cover", "alpha bill"}


def test_a_job_brings_the_attachments_and_ends_with_its_own_document(
    services: Services, collection: Collection, tmp_path: Path
) -> None:
    path = tmp_path / "mail.pdf"
    path.write_bytes(
        carrier("alpha cover", {"bill.pdf": pdf_bytes("alpha bill"), "b.pdf": b"%PDF-"})
    )
    (job,) = services.intake.copy_in(collection, [Source(path, "mail.pdf")])
    Worker(services).run(drain=True)
    job = services.queue.job(job.id)
    assert (job.state.value, job.attempts) == ("done", 1)
    assert job.document_id == listing(services, collection)["mail.pdf"].id
    assert snippets(services) == {"alpha cover", "alpha bill"}


def test_a_kill_at_any_change_shows_all_or_nothing_and_the_next_ingest_completes_it(
    tmp_path: Path,
) -> None:
    data_dir, incoming = tmp_path / "data", tmp_path / "mail.pdf"
    incoming.write_bytes(carrier("alpha cover", {"bill.pdf": pdf_bytes("alpha bill")}))
    fake_services(data_dir).create_collection("c")

    def add() -> None:
        own = fake_services(data_dir)
        own.pipeline.ingest(own.stores.catalog.collections.get("c"), Source(incoming, "mail.pdf"))

    n_orphaned = 0
    for n_kills, _ in enumerate(kill_everywhere(add, step=5)):
        after = fake_services(data_dir)
        collection = after.stores.catalog.collections.get("c")
        assert snippets(after) in (set(), {"alpha cover", "alpha bill"})
        n_orphaned += list(listing(after, collection)) == ["bill.pdf"]
        if n_kills % 3 == 0:  # one that nobody repeats is cleared away
            after.repairer.repair(after.repairer.verify())
            assert list(listing(after, collection)) in ([], ["bill.pdf", "mail.pdf"])
        after.database.engine.dispose()
    last = fake_services(data_dir)
    add()
    assert n_orphaned and snippets(last) == {"alpha cover", "alpha bill"}
    assert last.repairer.verify(deep=True).clean
    last.database.engine.dispose()


def _fails_for(name: str) -> object:
    from indexer.ingest.partial_document import PartialDocument

    commit = PartialDocument.commit

    def commit_or_fail(self: PartialDocument, warnings: tuple[str, ...]) -> Document | None:
        if self._source.name == name:
            raise ValueError("a fault of ours")
        return commit(self, warnings)

    return commit_or_fail


def test_what_is_attached_to_a_tagged_document_is_found_with_it(
    services: Services, collection: Collection, tmp_path: Path
) -> None:
    ingest(services, collection, pdf_bytes("a bill that nobody has tagged"), "other.pdf", tmp_path)
    mail = carrier("a mail with a bill", {"bill.pdf": pdf_bytes("the bill of May")})
    outcome = ingest(services, collection, mail, "mail.pdf", tmp_path)
    assert outcome.document_id is not None
    services.stores.catalog.documents.set_properties(outcome.document_id, ["mail"])
    tagged = SearchFilter(properties=properties_of(["mail"]))
    result = services.searcher.search("the bill", ["c"], 10, tagged)
    assert {hit.document.name for hit in result.hits} == {"mail.pdf", "bill.pdf"}
