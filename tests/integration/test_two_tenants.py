"""Two tenants with the same file, each with a key for its own collection: nobody meets the other's copy."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from fastapi.testclient import TestClient

from api.serve.app import create_app
from api.services.authorization import Caller
from api.services.keys import ApiKey, Scope
from indexer.base.errors import CollectionNotFound
from indexer.inputs.sources import Source
from retriever.query.filters import SearchFilter
from tests.builders import fake_services, write_pdf
from tests.conftest import DrawPdf
from tests.support.real_server import serving

TENANTS = ("acme", "bolt")
WORDS = [
    "pump",
    "valve",
    "motor",
    "relay",
    "flange",
    "gasket",
    "torque",
    "seal",
    "bearing",
    "shaft",
]
N_QUERIES, N_OVER_HTTP = 2_000, 200


class Tenants:
    """`acme` and `bolt`: each has the shared file and one of its own."""

    def __init__(self, folder: Path, draw_pdf: DrawPdf) -> None:
        self.services = fake_services(folder / "data", page_dpi=48, embedded_worker=False)
        rng = random.Random(7)
        shared = draw_pdf("shared.pdf", [" ".join(rng.sample(WORDS, 6)) for _ in range(3)])
        self.keys: dict[str, tuple[ApiKey, str]] = {}
        self.collection_ids, self.document_ids, self.page_ids = {}, {}, {}
        for name in TENANTS:
            collection = self.services.create_collection(name)
            own = draw_pdf(f"{name}.pdf", [f"{name}secret {' '.join(WORDS)}"])
            for path in (shared, own):
                outcome = self.services.pipeline.ingest(collection, Source(path, path.name))
                assert outcome.verdict.searchable and outcome.verdict.new, outcome
            documents = self.services.stores.catalog.documents.of_collection(collection.id)
            self.collection_ids[name] = collection.id
            self.document_ids[name] = {one.id for one in documents}
            self.page_ids[name] = {
                page.id
                for one in documents
                for page in self.services.stores.catalog.pages.of_document(one.id)
            }
            self.keys[name] = self.services.keys.create(name, Scope.WRITE, [collection.id])

    def caller(self, name: str) -> Caller:
        return Caller(self.services, self.keys[name][0])

    def headers(self, name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[name][1]}"}


@pytest.fixture(scope="module")
def tenants(tmp_path_factory: pytest.TempPathFactory) -> Tenants:
    folder = tmp_path_factory.mktemp("tenants")
    return Tenants(folder, drawn_below(folder))


@pytest.fixture(scope="module")
def client(tenants: Tenants) -> Iterator[TestClient]:
    with TestClient(create_app(tenants.services), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def address(tenants: Tenants) -> Iterator[str]:
    with serving(create_app(tenants.services)) as address:
        yield address


def drawn_below(folder: Path) -> DrawPdf:
    return lambda name, pages: write_pdf(folder / name, *pages)


def other(name: str) -> str:
    return TENANTS[1 - TENANTS.index(name)]


def questions(n: int) -> list[tuple[str, str]]:
    """(who asks, for what); every fifth asks for the other's own words."""
    rng = random.Random(11)
    return [
        (
            who := TENANTS[i % 2],
            f"{other(who)}secret" if i % 5 == 0 else " ".join(rng.sample(WORDS, rng.randint(1, 3))),
        )
        for i in range(n)
    ]


def test_both_hold_the_same_bytes(tenants: Tenants) -> None:
    held = [
        {
            one.name: one.sha256
            for one in tenants.services.stores.catalog.documents.of_collection(collection_id)
        }
        for collection_id in tenants.collection_ids.values()
    ]
    assert held[0]["shared.pdf"] == held[1]["shared.pdf"]
    assert not tenants.document_ids["acme"] & tenants.document_ids["bolt"]


def test_no_cross_hit_in_thousands_of_queries(tenants: Tenants) -> None:
    """In turns of fifty queries, the tenants alternately."""
    asked = questions(N_QUERIES)
    n_hits = 0
    for begin in range(0, N_QUERIES, 100):
        for who in TENANTS:
            queries = [query for name, query in asked[begin : begin + 100] if name == who]
            caller = tenants.caller(who)
            names = caller.askable()
            wanted = caller.held_to(names, SearchFilter())
            for result in tenants.services.searcher.search_many(queries, names, 10, wanted):
                assert {hit.document.id for hit in result.hits} <= tenants.document_ids[who]
                assert {hit.page.id for hit in result.hits} <= tenants.page_ids[who]
                n_hits += len(result.hits)
    assert n_hits > 2 * N_QUERIES  # it was really looked for


def test_the_search_itself_refuses_what_is_out_of_reach(tenants: Tenants) -> None:
    """Also where a name came to mean somebody else's collection after it had been looked up."""
    wanted = tenants.caller("acme").held_to(["acme"], SearchFilter())
    for names in (["bolt"], ["acme", "bolt"]):
        with pytest.raises(CollectionNotFound):
            tenants.services.searcher.search("pump", names, 5, wanted)
        with pytest.raises(CollectionNotFound):
            list(tenants.services.answerer.stream("pump?", names, 5, wanted))


def test_keys_of_one_reach_share_passes_and_others_never_do(tenants: Tenants) -> None:
    """Searches with equal filters are scored together."""
    second, _ = tenants.services.keys.create("second", Scope.READ, [tenants.collection_ids["acme"]])
    both, _ = tenants.services.keys.create("both", Scope.READ, [*tenants.collection_ids.values()])
    acme, again, wide = (
        Caller(tenants.services, key).held_to(["acme"], SearchFilter())
        for key in (tenants.keys["acme"][0], second, both)
    )
    assert acme == again == wide
    assert tenants.caller("bolt").held_to(["bolt"], SearchFilter()) != acme


def test_no_cross_hit_over_http(tenants: Tenants, client: TestClient) -> None:
    for i, (who, query) in enumerate(questions(N_OVER_HTTP)):
        headers = tenants.headers(who)
        body = {"query": query, "collections": [who], "k": 20}
        told = client.post("/v1/search", json=body, headers=headers)
        hits = told.json()["hits"]
        assert {hit["page_id"] for hit in hits} <= tenants.page_ids[who]
        assert (
            client.post(
                "/v1/search", json=body | {"collections": [who, other(who)]}, headers=headers
            ).status_code
            == 404
        )
        if i % 10 == 0:
            asked = {
                "model": "pagesight",
                "messages": [{"role": "user", "content": f"where is the {query}?"}],
            }
            said = client.post("/v1/chat/completions", json=asked, headers=headers).json()
            read = said["pagesight"]["pages"]
            assert {page["page_id"] for page in read} <= tenants.page_ids[who]


def test_each_page_of_the_same_file_is_one_tenants_own(
    tenants: Tenants, client: TestClient
) -> None:
    """The image is stored once for both, by its content; that gives nobody a way to it."""
    catalog = tenants.services.stores.catalog
    for who in TENANTS:
        mine, theirs = tenants.headers(who), tenants.headers(other(who))
        for page_id in sorted(tenants.page_ids[who]):
            image = client.get(f"/v1/pages/{page_id}/image", headers=mine)
            known = {"If-None-Match": image.headers["etag"]}
            assert client.get(f"/v1/pages/{page_id}/image", headers=mine | known).status_code == 304
            for path in (
                f"/v1/pages/{page_id}", f"/v1/pages/{page_id}/image", f"/v1/pages/{page_id}/text",
                f"/v1/pages/{page_id}/image?width=64", f"/v1/pages/{page_id}/heatmap?query=pump",
                f"/pages/{page_id}",
            ):  # fmt: skip
                assert client.get(path, headers=mine).status_code == 200, path
                assert client.get(path, headers=theirs | known).status_code == 404, path
        for document_id in tenants.document_ids[who]:
            path = f"/v1/documents/{document_id}/file"
            etag = {"If-None-Match": f'"{catalog.documents.get(document_id).sha256}"'}
            assert client.get(path, headers=mine | {"Range": "bytes=0-3"}).status_code == 206
            for more in ({}, etag, {"Range": "bytes=0-3"}):
                assert client.get(path, headers=theirs | more).status_code == 404


def test_models_are_those_of_the_key(tenants: Tenants, client: TestClient) -> None:
    for who in TENANTS:
        listed = client.get("/v1/models", headers=tenants.headers(who)).json()["data"]
        named = [one["id"] for one in listed if "/" in one["id"]]
        assert named == [f"pagesight/{who}"]


def test_deleting_ones_copy_leaves_the_others(
    tenants: Tenants, client: TestClient, tmp_path: Path
) -> None:
    """An upload of bytes that the other has is new here; its deletion takes nothing from the other."""
    rest = Tenants(tmp_path, drawn_below(tmp_path))
    client = TestClient(create_app(rest.services))
    listed = client.get("/v1/collections/acme/documents", headers=rest.headers("acme")).json()
    (gone,) = [one for one in listed["documents"] if one["name"] == "shared.pdf"]
    path = f"/v1/documents/{gone['id']}"
    assert client.delete(path, headers=rest.headers("bolt")).status_code == 404
    assert client.delete(path, headers=rest.headers("acme")).status_code == 204
    for page_id in rest.page_ids["bolt"]:
        told = client.get(f"/v1/pages/{page_id}/image", headers=rest.headers("bolt"))
        assert told.status_code == 200
    assert rest.services.repairer.verify(deep=True).clean


def test_agents_see_what_their_key_reaches(tenants: Tenants, address: str) -> None:
    mcp = pytest.importorskip("mcp", reason="the extra mcp is not installed")
    transport = pytest.importorskip("mcp.client.streamable_http")

    async def called(who: str, tool: str, **arguments: Any) -> Any:
        async with httpx2.AsyncClient(headers=tenants.headers(who)) as http:
            over = transport.streamable_http_client(f"{address}/mcp", http_client=http)
            async with mcp.Client(over) as agent:
                return await agent.call_tool(tool, arguments)

    def call(who: str, tool: str, **arguments: Any) -> Any:
        return anyio.run(lambda: called(who, tool, **arguments))

    for who in TENANTS:
        found = call(who, "list_collections").structured_content["collections"]
        assert [one["name"] for one in found] == [who]
        for arguments in ({}, {"collections": [who]}):
            pages = call(who, "search_pages", query="pump relay", top_k=20, **arguments)
            ids = {one["page_id"] for one in pages.structured_content["hits"]}
            assert ids and ids <= tenants.page_ids[who]
        answered = call(who, "ask_documents", question=f"what is {other(who)}secret?")
        assert f"{other(who)}secret pump" not in str(answered)
        foreign = min(tenants.page_ids[other(who)])
        for tool, arguments in (
            ("get_page", {"page_id": foreign}),
            ("get_page_text", {"page_id": foreign}),
            ("get_page_tables", {"page_id": foreign}),
            ("list_documents", {"collection": other(who)}),
            ("search_pages", {"query": "pump", "collections": [other(who)]}),
            ("ask_documents", {"question": "pump?", "collections": [other(who)]}),
        ):
            refused = call(who, tool, **arguments)
            assert refused.is_error and "no " in refused.content[0].text, tool
            assert other(who) not in str(refused).replace(f"'{other(who)}'", ""), tool
