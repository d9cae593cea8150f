"""Candidates from Qdrant (its local mode), over PostgreSQL and a bucket: the same as over a folder."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.services.authorization import Caller
from api.services.keys import Scope
from api.services.wiring import Services
from indexer.base.errors import CollectionNotFound, StorageUnavailable
from indexer.indexes import qdrant_source
from indexer.indexes.qdrant_points import collection_name
from indexer.indexes.qdrant_source import QdrantIndex, QdrantSource
from indexer.inputs.sources import Source
from retriever.hits import SearchResult
from retriever.query.filters import SearchFilter
from tests.builders import fake_services, write_pdf
from tests.support.postgres import new_database
from tests.support.s3 import new_prefix

pytestmark = pytest.mark.skipif(
    not find_spec("qdrant_client"), reason="the extra `qdrant` is not installed"
)
QUESTIONS = ("bolts of the pump", "oil of machine5", "valve number7", "shared words")
SMALL: dict[str, Any] = {"page_dpi": 48, "candidates_from_pages": 4, "recall_sampling": 0.0}


def fill(services: Services, folder: Path, name: str = "c") -> None:
    collection = services.create_collection(name)
    for i in range(8):
        text = [f"the bolts of the pump{i}", f"shared words, oil of machine{i}", f"valve number{i}"]
        path = write_pdf(folder / f"{i}.pdf", *text)
        assert services.pipeline.ingest(collection, Source(path, path.name)).verdict.searchable
    services.compactor.run(name, eager=True)


@pytest.fixture(scope="module")
def pair(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: str, s3_server: str
) -> tuple[Services, Services]:
    """Services over SQLite, FAISS and a folder, and over PostgreSQL, Qdrant and a bucket."""
    root = tmp_path_factory.mktemp("pair")
    at_home = fake_services(root / "home", **SMALL)
    cluster = fake_services(
        root / "cluster",
        vectors="qdrant",
        qdrant_url=":memory:",
        database_url=new_database(postgres_server),
        storage=new_prefix(),
        s3_endpoint=s3_server,
        **SMALL,
    )
    for services in (at_home, cluster):
        fill(services, root)
    return at_home, cluster


def searched(services: Services, filter: SearchFilter = SearchFilter()) -> list[SearchResult]:  # noqa: B008
    return [services.searcher.search(question, ["c"], 5, filter) for question in QUESTIONS]


def pages(results: list[SearchResult]) -> list[list[tuple[str, int]]]:
    return [[(h.document.name, h.page.page_number) for h in result.hits] for result in results]


def same(ours: list[SearchResult], theirs: list[SearchResult]) -> None:
    assert pages(ours) == pages(theirs)
    values = [[hit.score for result in side for hit in result.hits] for side in (ours, theirs)]
    np.testing.assert_allclose(values[0], values[1], atol=1e-3)


def test_the_cluster_layout_finds_the_same_pages_with_the_same_scores(
    pair: tuple[Services, Services],
) -> None:
    at_home, cluster = pair
    (record,) = cluster.stores.catalog.segments.all()
    assert isinstance(cluster.stores.derived_data.tokens(record), QdrantIndex)
    found = searched(cluster)
    assert all(result.candidates is not None for result in found)
    same(found, searched(at_home))
    document = at_home.stores.catalog.snapshot("c").documents[5].name
    for services in pair:
        (one,) = [d for d in services.stores.catalog.snapshot("c").documents if d.name == document]
        held = searched(services, SearchFilter(documents=(one.id,)))
        assert {hit.document.name for result in held for hit in result.hits} == {document}
    assert cluster.repairer.verify(deep=True).clean


def test_a_server_that_does_not_answer_makes_searches_slower_and_no_other(
    pair: tuple[Services, Services], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_home, cluster = pair

    def down(_: QdrantSource) -> None:
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setattr(qdrant_source, "_DOWN_S", 0.0)
    monkeypatch.setattr(QdrantSource, "_client", down)
    same(searched(cluster), searched(at_home))
    source = QdrantSource(qdrant_source.QdrantOptions(":memory:"))
    assert list(source.entries()) == []
    with pytest.raises(StorageUnavailable, match="PAGESIGHT_QDRANT_URL"):
        source.drop("c", "s")


def test_a_key_of_one_tenant_sees_no_page_of_another(pair: tuple[Services, Services]) -> None:
    _, cluster = pair
    other = cluster.create_collection("theirs")
    path = write_pdf(
        cluster.settings.data_dir / "secret.pdf", "shared words and a secret of theirs"
    )
    cluster.pipeline.ingest(other, Source(path, path.name))
    own = cluster.stores.catalog.collections.get("c")
    key, _ = cluster.keys.create("k", Scope.READ, [own.id])
    caller = Caller(cluster, key)
    held_to = caller.held_to(["c"], SearchFilter())
    hits = cluster.searcher.search("secret of theirs", ["c"], 50, held_to).hits
    assert hits and {hit.document.collection_id for hit in hits} == {own.id}
    with pytest.raises(CollectionNotFound):
        cluster.searcher.search("secret", ["c", "theirs"], 5, held_to)


def test_what_is_half_made_is_made_whole_and_what_nobody_needs_is_removed(
    pair: tuple[Services, Services],
) -> None:
    _, cluster = pair
    derived = cluster.stores.derived_data
    (record,) = [r for r in cluster.stores.catalog.segments.all() if r.n_pages > 4]
    source = derived._candidates
    assert isinstance(source, QdrantSource) and derived.kinds(record).count("tokens") == 1
    with source.asking() as client:
        name = collection_name(record)
        client.delete(name, points_selector=[p.id for p in client.scroll(name, limit=3)[0]])
    assert derived.tokens(record) is None
    assert cluster.compactor.run("c").n_candidate_indexes == 1
    assert derived.tokens(record) is not None
    assert "tokens" in derived.kinds(record)
    assert (record.collection_id, record.name) in list(source.entries())
    cluster.stores.delete_collection("c")
    assert list(source.entries()) == [] and list(source.collections()) == []
