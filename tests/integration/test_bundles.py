"""A bundle shows elsewhere what it was made of, says no to changes, and is refused when it is not whole."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.cli.main import app as command_line
from api.serve.app import create_app
from api.services.bundles import bundle_services
from api.services.keys import Scope
from api.services.wiring import Services
from indexer.base.errors import (
    DamagedBundle,
    DamagedFile,
    DataFolderTooNew,
    EncoderMismatch,
    InvalidSigningKey,
    PagesightError,
    StorageError,
)
from indexer.catalog.tables import metadata
from indexer.maintenance.bundles.bundle_file import BundleFile
from indexer.maintenance.bundles.contents import MANIFEST, SIGNATURE, SUMS, BundleFacts
from indexer.maintenance.bundles.making import BundleMaker
from indexer.maintenance.bundles.signatures import Signer, read_private_key
from tests.builders import write_pdf
from tests.support.backups import add, hits
from tests.support.small_library import QUESTION, library

SECRET = (
    "zirconium"  # stands on a page that was deleted, in a conversation, and in another collection
)


@dataclass(frozen=True)
class Made:
    """A library, and the bundle of its collection `manuals`."""

    services: Services
    path: Path
    facts: BundleFacts
    key: str

    @property
    def client(self) -> TestClient:
        headers = {"Authorization": f"Bearer {self.key}"}
        return TestClient(create_app(self.services), headers=headers)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("bundles")
    services = library(folder)
    path = write_pdf(folder / "gone.pdf", f"The {SECRET} alloy.", "Nothing here.")
    services.stores.delete_document(add(services, "manuals", path))
    add(services, "garden", write_pdf(folder / "other.pdf", f"A {SECRET} pot."))
    with TestClient(create_app(services)) as client:
        client.post("/v1/conversations", json={"collections": ["manuals"], "title": SECRET})
    _, key = services.keys.create("somebody", Scope.READ)
    facts = maker(services).make("manuals", folder / "manuals.pagesight")
    return Made(services, folder / "manuals.pagesight", facts, key)


@pytest.fixture(scope="module")
def elsewhere(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The bundle moved to an empty folder and opened there."""
    path = Path(shutil.copy(made.path, tmp_path_factory.mktemp("elsewhere") / "b"))
    settings = made.services.settings.model_copy(update={"data_dir": Path("/nowhere")})
    with bundle_services(path, settings) as services:
        path.unlink()  # nothing is read from it any more
        yield services
        root = services.stores.folder.root
    assert not root.exists()


def maker(services: Services) -> BundleMaker:
    return BundleMaker(services.stores, services.database)


def test_a_moved_bundle_gives_the_same_pages_scores_answers_and_heat(
    made: Made, elsewhere: Services
) -> None:
    assert made.facts.n_documents == 1 and made.facts.n_pages == 3
    for query in (QUESTION, "spare parts", "manual"):
        assert hits(elsewhere, query, "manuals") == hits(made.services, query, "manuals")
    with TestClient(create_app(elsewhere)) as client, made.client as original:
        page_id = hits(elsewhere, QUESTION, "manuals")[0][0]
        for path in (
            f"/v1/pages/{page_id}",
            f"/v1/pages/{page_id}/text",
            f"/v1/pages/{page_id}/image",
            f"/v1/pages/{page_id}/heatmap?query=bolts",
        ):
            response = client.get(path)
            assert (response.status_code, response.content) == (200, original.get(path).content)
        [citations, original_citations] = [
            other.post(
                "/v1/answers", json={"question": QUESTION, "collections": ["manuals"]}
            ).json()["citations"]
            for other in (client, original)
        ]
        assert citations[0]["value"] == "45 Nm"
        links = {"url", "image_url"}  # signed where there are keys
        for row, original_row in zip(citations, original_citations, strict=True):
            assert all(row[key] == original_row[key] for key in row.keys() - links)
        document = client.get("/v1/collections/manuals/documents").json()["documents"][0]
        assert client.get(f"/v1/documents/{document['id']}/file").status_code == 200
        assert client.get("/").status_code == 200
        assert client.get("/v1/session").json()["read_only"]
        assert client.get("/readyz").json()["status"] != "failed"
        # The page asks within a conversation, which lasts as long as the process.
        asked = client.post("/v1/conversations", json={"collections": ["manuals"]}).json()
        told = client.post(f"/v1/conversations/{asked['id']}/messages", json={"question": QUESTION})
        assert told.status_code == 200


def test_nothing_that_was_deleted_or_is_of_others_is_in_a_bundle(
    made: Made, elsewhere: Services, tmp_path: Path
) -> None:
    assert [row.name for row in elsewhere.stores.catalog.collections.all()] == ["manuals"]
    assert not elsewhere.keys.exist()
    snapshot = elsewhere.stores.catalog.snapshot("manuals")
    assert sum(record.n_pages for record in snapshot.segments) == made.facts.n_pages
    with zipfile.ZipFile(made.path) as archive:
        catalog_path = archive.extract("catalog.sqlite3", tmp_path)
    assert SECRET.encode() not in Path(catalog_path).read_bytes().lower()
    n_rows = {"collections": 1, "segments": 1, "documents": 1, "pages": 3, "page_words": 3}
    n_rows |= {"document_names": 1, "pair_mark": 1}
    with closing(sqlite3.connect(catalog_path)) as catalog:
        for table in metadata.tables.keys() - {"counters"}:
            n = catalog.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            assert n == n_rows.get(table, 0), table


def test_every_writing_route_of_a_bundle_says_that_it_is_read_only(elsewhere: Services) -> None:
    app = create_app(elsewhere)
    own_business = ("/v1/conversations", "/v1/session", "/mcp", "/process")  # nothing of the bundle
    asking = ("/v1/search", "/v1/answers", "/v1/chat/completions", "/v1/responses", "/retrieval")
    n_refused = 0
    with TestClient(app) as client:
        for path, ways in app.openapi()["paths"].items():
            for method in ways.keys() - {"get", "head"}:
                if path.startswith(own_business + asking) or path.endswith("/extract"):
                    continue
                response = client.request(method, path.replace("{name}", "manuals"))
                error = response.json()["error"]
                assert (response.status_code, error["code"]) == (403, "read_only_bundle"), path
                assert "read-only" in error["message"]
                n_refused += 1
    assert n_refused >= 12


def rewritten(
    source: Path, target: Path, change: Callable[[dict[str, bytes]], None], packing: int = 0
) -> Path:
    """Write the members of a bundle anew, changed."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(target, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target


def in_manifest(**changes: object) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members[MANIFEST] = json.dumps(json.loads(members[MANIFEST]) | changes).encode()

    return change


def with_sums(change: Callable[[dict[str, bytes]], None]) -> Callable[[dict[str, bytes]], None]:
    """Change members, and the hash of the sums in the manifest with them: what a liar would do."""

    def change_all(members: dict[str, bytes]) -> None:
        change(members)
        in_manifest(sums_sha256=hashlib.sha256(members[SUMS]).hexdigest())(members)

    return change_all


def test_a_bundle_that_is_cut_damaged_newer_or_made_to_mislead_is_refused(
    made: Made, tmp_path: Path
) -> None:
    target, outside = tmp_path / "bad", tmp_path / "outside"
    whole = made.path.read_bytes()
    with zipfile.ZipFile(made.path) as archive:
        image = next(name for name in archive.namelist() if name.startswith("images/"))
        at = archive.getinfo(image).header_offset + 200

    def traversal(members: dict[str, bytes]) -> None:
        members["images/../../outside"] = b""
        members[SUMS] += f"{'0' * 64}  images/../../outside\n".encode()

    def absolute(members: dict[str, bytes]) -> None:
        members[str(outside)] = b""
        members[SUMS] += f"{'0' * 64}  {outside}\n".encode()

    def unnamed(members: dict[str, bytes]) -> None:
        sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        members[f"images/e3/{sha256}.webp"] = b""
        members[SUMS] += f"{sha256}  images/e3/{sha256}.webp\n".encode()

    bundles: dict[str, Callable[[], object]] = {
        "cut short": lambda: target.write_bytes(whole[: len(whole) // 2]),
        "cut short ": lambda: target.write_bytes(whole[:-30]),
        "no bundle": lambda: target.write_bytes(b""),
        "is no bundle": lambda: shutil.copy(write_pdf(tmp_path / "a.pdf", "text"), target),
        "not what was written": lambda: target.write_bytes(
            whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        ),
        "bundle format 2": lambda: rewritten(made.path, target, in_manifest(format=2)),
        "made by pagesight": lambda: rewritten(made.path, target, in_manifest(schema="9999")),
        "manifest cannot be read": lambda: rewritten(made.path, target, in_manifest(n_pages="3")),
        "lacks images": lambda: rewritten(made.path, target, lambda members: members.pop(image)),
        "do not name": lambda: rewritten(
            made.path, target, lambda members: members.update({"../outside": b"x"})
        ),
        "which no data folder holds": lambda: rewritten(made.path, target, with_sums(traversal)),
        "which no data folder": lambda: rewritten(made.path, target, with_sums(absolute)),
        "other files than its catalog": lambda: rewritten(made.path, target, with_sums(unnamed)),
        "packed or locked": lambda: rewritten(
            made.path, target, lambda members: None, zipfile.ZIP_DEFLATED
        ),
    }
    for reason, write in bundles.items():
        write()
        with (
            pytest.raises((DamagedBundle, DataFolderTooNew), match=reason.strip()) as refusal,
            bundle_services(target, made.services.settings),
        ):
            raise AssertionError(reason)
        assert str(target) in str(refusal.value), reason
        assert not outside.exists()
    with pytest.raises(PagesightError, match="cannot read"):
        BundleFile(tmp_path / "absent")
    other = made.services.settings.model_copy(update={"token_pooling": 3})
    with pytest.raises(EncoderMismatch), bundle_services(made.path, other):
        raise AssertionError


def test_a_signature_proves_who_made_a_bundle(made: Made, tmp_path: Path) -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    key_path, public_path = tmp_path / "key.pem", tmp_path / "public.pem"
    key_path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public_path.write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    path = tmp_path / "signed"
    maker(made.services).make("manuals", path, read_private_key(key_path))
    with BundleFile(path, Signer.read(public_path)) as bundle:
        assert bundle.is_signed and bundle.check() == []
    for bad_path, signer, reason in (
        (path, Signer(other.public_key()), "another key"),
        (made.path, Signer.read(public_path), "not signed"),
        (
            rewritten(path, tmp_path / "altered", in_manifest(title="another")),
            Signer.read(key_path),
            "altered",
        ),
        (
            rewritten(path, tmp_path / "x", lambda members: members.update({SIGNATURE: b"x"})),
            Signer.read(key_path),
            "altered",
        ),
    ):
        with pytest.raises(DamagedBundle, match=reason):
            BundleFile(bad_path, signer)
    for no_key in (made.path, tmp_path / "absent"):
        with pytest.raises(InvalidSigningKey):
            Signer.read(no_key)


def test_no_bundle_is_made_of_what_is_damaged_or_over_a_file_that_is_there(
    made: Made, tmp_path: Path
) -> None:
    with pytest.raises(StorageError, match="is there already"):
        maker(made.services).make("manuals", made.path)
    path = write_pdf(tmp_path / "rotten.pdf", "It will rot.")
    services = made.services
    document_id = add(services, "rotten", path)
    page = services.stores.catalog.pages.of_document(document_id)[0]
    services.stores.images.path(page.image_sha256).write_bytes(b"rotten")
    with pytest.raises(DamagedFile, match="--repair"):
        maker(services).make("rotten", tmp_path / "b")
    assert not list(tmp_path.glob(".bundle-*")) and not (tmp_path / "b").exists()


def test_the_command_line_makes_and_verifies_a_bundle(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = made.services.settings
    monkeypatch.setenv("PAGESIGHT_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("PAGESIGHT_ENCODER", "fake")
    path = tmp_path / "b"
    run = CliRunner().invoke
    assert run(command_line, ["bundle", "-c", "manuals", str(path)]).exit_code == 0
    assert run(command_line, ["bundle", "verify", str(path)]).exit_code == 0
    body = json.loads(run(command_line, ["bundle", "verify", str(path), "--json"]).stdout)
    assert (body["collection"], body["n_pages"], body["damaged"]) == ("manuals", 3, [])
    assert body["n_files"] == made.facts.n_files and not body["signed"]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert run(command_line, ["bundle", "verify", str(path)]).exit_code == 1
