"""Title, authors, date and tags: from the file itself, from its side file, from people, in this order."""

from __future__ import annotations

import json
import shutil
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pymupdf
import pytest

from api.services.wiring import Services
from indexer.base.document_properties import MAX_VALUE_CHARACTERS, properties_of
from indexer.base.errors import InvalidProperties
from indexer.catalog.collections import Collection
from indexer.ingest.sync.folder_scan import SyncedFolder
from indexer.ingest.sync.plan import ChangeKind
from indexer.inputs.kinds.office import stated_by
from indexer.inputs.pdf.document_metadata import of_xml
from indexer.inputs.sources import find_sources
from indexer.inputs.stated_properties import read_side_file, stated_properties
from retriever.query.filters import parse_filters
from tests.builders import document_of, fake_services
from tests.support.kind_files import docx_bytes

CORE = """<?xml version="1.0"?><cp:coreProperties xmlns:cp="a" xmlns:dc="b" xmlns:dcterms="c">
<dc:title>Budget</dc:title><dc:creator>Ida Ek</dc:creator><cp:keywords>money; plan</cp:keywords>
<dcterms:created>2025-07-01T08:00:00Z</dcterms:created></cp:coreProperties>"""
OPF = """<package><metadata><title>On Pumps</title><creator>A. Flow</creator><creator>B. Valve</creator>
<date>1999</date><subject>Water</subject><subject>Steel</subject></metadata></package>"""


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    return fake_services(tmp_path_factory.mktemp("stated") / "data")


@pytest.fixture(scope="module")
def collection(services: Services) -> Collection:
    return services.create_collection("c")


def write_report(path: Path, text: str = "report", **metadata: str) -> Path:
    document = document_of(text)
    document.set_metadata(metadata)
    document.save(path)
    return path


def properties(
    services: Services, collection: Collection, path: Path
) -> tuple[list[str], dict[str, str]]:
    (source,) = find_sources([path])
    outcome = services.pipeline.ingest(collection, source)
    assert outcome.verdict.searchable, outcome.error
    document = services.stores.catalog.documents.get(str(outcome.document_id))
    return list(document.properties.tags), dict(document.properties.metadata)


def test_people_say_more_than_side_files_and_these_more_than_files(
    services: Services, collection: Collection, tmp_path: Path
) -> None:
    path = write_report(
        tmp_path / "report.pdf", title="Quarterly report", author="Ann Lee",
        keywords="Finance, Q3", creationDate="D:20260301120000+01'00'",
    )  # fmt: skip
    metadata = {"title": "Quarterly report", "authors": "Ann Lee", "date": "2026-03-01"}
    assert properties(services, collection, path) == (["finance", "q3"], metadata)
    side = tmp_path / "report.pdf.json"
    side.write_text(
        json.dumps({"title": "Q3", "authors": ["B", "C"], "tags": ["Board"], "year": 2026})
    )
    metadata |= {"title": "Q3", "authors": "B; C", "year": "2026"}
    assert properties(services, collection, path) == (["board", "finance", "q3"], metadata)
    (hit,) = services.searcher.search("report", ["c"], 5, parse_filters(["meta.authors=B; C"])).hits
    document_id = hit.document.id
    documents = services.stores.catalog.documents
    documents.add_properties(document_id, properties_of(["mine"], {"title": "By hand"}))
    side.write_text(json.dumps({"title": "Q3 again", "year": 2027}))
    metadata = {"title": "By hand", "date": "2026-03-01", "year": "2027"}
    assert properties(services, collection, path) == (["finance", "mine", "q3"], metadata)
    documents.set_properties(document_id, tags=["only"])
    side.unlink()
    assert properties(services, collection, path) == (
        ["only"],
        {"title": "By hand", "date": "2026-03-01"},
    )
    document = documents.get(document_id)
    services.rereader.read(collection, document)
    assert documents.get(document_id).properties.metadata[-1] == ("title", "By hand")


def test_a_side_file_that_cannot_be_read_is_told_of_and_changes_nothing(
    services: Services, collection: Collection, tmp_path: Path
) -> None:
    path = write_report(tmp_path / "a.pdf", "other", title="Kept")
    side = tmp_path / "a.pdf.json"
    side.write_text('{"title": "Better"}')
    assert properties(services, collection, path)[1] == {"title": "Better"}
    for text in (
        "{",
        "[1]",
        '{"tags": "a"}',
        '{"date": "1 May"}',
        '{"title": null}',
        '{"a=b": "c"}',
    ):
        side.write_text(text)
        with pytest.raises(InvalidProperties):
            read_side_file(side)
        (source,) = find_sources([path])
        outcome = services.pipeline.ingest(collection, source)
        assert (
            outcome.verdict.searchable and "a.pdf.json" in outcome.warnings[-1]
        ) or "a=b" in text
    assert properties(services, collection, path)[1] == {"title": "Better"}


def test_a_folder_in_step_follows_side_files(
    services: Services, collection: Collection, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    write_report(folder / "b.pdf", "in step")
    target = services.create_collection("step")

    def step() -> list[ChangeKind]:
        plan = services.synchronizer.plan(target, [SyncedFolder(folder)])
        services.synchronizer.apply(target, plan, lambda *_: None, lambda _: lambda a, b: None)
        return [change.kind for change in plan.changes]

    assert step() == [ChangeKind.ADDED]
    (folder / "b.pdf.json").write_text('{"title": "Named later"}')
    assert step() == []
    (document,) = services.stores.catalog.documents.of_collection(target.id)
    assert dict(document.properties.metadata) == {"title": "Named later"}
    (folder / "b.pdf.json").unlink()
    assert step() == []
    (document,) = services.stores.catalog.documents.of_collection(target.id)
    assert not document.properties


def test_mail_books_and_office_files_say_who_wrote_them(
    services: Services, collection: Collection, tmp_path: Path
) -> None:
    message = EmailMessage()
    message["Subject"], message["From"] = "The roof leaks", "Eve Tenant <eve@example.org>"
    message["To"], message["Date"] = "x@example.org", "Mon, 02 Mar 2026 23:30:00 -0500"
    message.set_content("It leaks.")
    mail = tmp_path / "roof.eml"
    mail.write_bytes(bytes(message))
    metadata = {"title": "The roof leaks", "authors": "Eve Tenant", "date": "2026-03-02"}
    assert properties(services, collection, mail) == ([], metadata)

    book = tmp_path / "pumps.epub"
    page = "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>Pumps.</p></body></html>"
    spine = "<manifest><item id='p' href='p.xhtml' media-type='application/xhtml+xml'/></manifest>"
    package = OPF.replace("</package>", f"{spine}<spine><itemref idref='p'/></spine></package>")
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            "<container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles>"
            "<rootfile full-path='o.opf' media-type='application/oebps-package+xml'/>"
            "</rootfiles></container>",
        )
        archive.writestr("o.opf", package)
        archive.writestr("p.xhtml", page)
    metadata = {"title": "On Pumps", "authors": "A. Flow; B. Valve", "date": "1999"}
    assert properties(services, collection, book) == (["steel", "water"], metadata)

    sheet = tmp_path / "budget.xlsx"
    with zipfile.ZipFile(sheet, "w") as archive:
        archive.writestr("docProps/core.xml", CORE)
    office = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    stated = stated_properties(stated_by(str(sheet), office))
    assert stated.tags == ("money", "plan")
    assert dict(stated.metadata) == {"title": "Budget", "authors": "Ida Ek", "date": "2025-07-01"}


def test_what_a_file_says_is_cut_and_cleaned_and_never_an_error(tmp_path: Path) -> None:
    facts = {
        "title": "A\u0000 very\n" + "long " * 400, "authors": ["x", 7, "x", None], "date": "20260301",
        "tags": ["a" * 65, "b,c", "", 3, *map(str, range(99))],
    }  # fmt: skip
    stated = stated_properties(facts)
    assert len(dict(stated.metadata)["title"]) <= MAX_VALUE_CHARACTERS
    assert dict(stated.metadata)["authors"] == "x" and "date" not in dict(stated.metadata)
    assert len(stated.tags) == 32
    for nonsense in (
        None,
        3,
        "x",
        [],
        {"title": {}},
        {"tags": {"a": 1}},
        {"title": "Microsoft Word - a.doc"},
    ):
        assert not stated_properties(nonsense)
    for broken in (b"", b"<a", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"<a>" * 500):
        assert of_xml(broken, dates=(), tags=()) == {}
    bomb = tmp_path / "bomb.docx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("docProps/core.xml", b"<a>" + b" " * 50_000_000 + b"</a>")
    office = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    assert stated_by(str(bomb), office) == {}


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_printed_office_file_has_its_own_date_and_not_that_of_its_print(
    services: Services, collection: Collection, tmp_path: Path
) -> None:
    path = tmp_path / "letter.docx"
    path.write_bytes(docx_bytes("A letter about money."))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("docProps/core.xml", CORE)
    metadata = {"title": "Budget", "authors": "Ida Ek", "date": "2025-07-01"}
    assert properties(services, collection, path) == (["money", "plan"], metadata)


def test_xmp_speaks_where_the_information_of_a_pdf_is_silent(
    services: Services, collection: Collection, tmp_path: Path
) -> None:
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), "with xmp")
    document.set_metadata({"title": "Info wins"})
    document.set_xml_metadata(
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreateDate="2024-02-03T00:00:00Z">'
        "<dc:title><rdf:Alt><rdf:li>XMP</rdf:li></rdf:Alt></dc:title>"
        "<dc:creator><rdf:Seq><rdf:li>One</rdf:li><rdf:li>Two</rdf:li></rdf:Seq></dc:creator>"
        "<dc:subject><rdf:Bag><rdf:li>tagged</rdf:li></rdf:Bag></dc:subject>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    path = tmp_path / "xmp.pdf"
    document.save(path)
    metadata = {"title": "Info wins", "authors": "One; Two", "date": "2024-02-03"}
    assert properties(services, collection, path) == (["tagged"], metadata)
