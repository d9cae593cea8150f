"""Links of answers open the page and its image without a key, until they end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from fastapi.testclient import TestClient

from api.serve.app import create_app
from api.services.keys import Scope
from api.services.link_secrets import FILE_NAME, LinkSecrets
from api.services.signed_links import SignedLinks
from tests.support.keyed_library import QUESTIONS, A, B, KeyedLibrary, keyed_library
from tests.support.small_library import library

DAY_S = 24 * 3600
ROLE = f"read {A}"


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> KeyedLibrary:
    return keyed_library(tmp_path_factory.mktemp("links"))


@pytest.fixture(scope="module")
def client(keyed: KeyedLibrary) -> Iterator[TestClient]:
    with TestClient(create_app(keyed.services), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def citation(keyed: KeyedLibrary, client: TestClient) -> dict[str, str]:
    body = {"question": QUESTIONS[A], "collections": [A]}
    answer = client.post("/v1/answers", json=body, headers=keyed.roles[ROLE].headers).json()
    first: dict[str, str] = answer["citations"][0]
    return {name: local(first[name]) for name in ("url", "image_url")}


def local(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def test_a_citation_opens_its_page_and_its_image_without_a_key(
    client: TestClient, citation: dict[str, str]
) -> None:
    page = client.get(citation["url"])
    assert page.status_code == 200 and "<rect" in page.text and "<nav>" not in page.text
    image = page.text.partition('<image href="')[2].partition('"')[0].replace("&amp;", "&")
    for address in (image, citation["image_url"], citation["image_url"] + "&width=100"):
        response = client.get(address)
        assert response.status_code == 200 and response.headers["content-type"] == "image/webp"
    assert "immutable" not in response.headers["cache-control"]


def test_an_agent_is_given_links_that_open(keyed: KeyedLibrary, client: TestClient) -> None:
    pytest.importorskip("mcp", reason="the extra mcp is not installed")
    params = {"name": "ask_documents", "arguments": {"question": QUESTIONS[A]}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = keyed.roles[ROLE].headers | {"accept": "application/json, text/event-stream"}
    told = client.post("/mcp", json=call, headers=headers).text
    message = next(line for line in told.splitlines() if line.startswith("data: {"))
    result = json.loads(message.removeprefix("data: "))["result"]
    first = result["structuredContent"]["citations"][0]
    for name in ("url", "image_url"):
        assert "signature=" in first[name]
        assert client.get(local(first[name])).status_code == 200


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/pages/", "/pages/1"), ("box=", "box=0,0,1,1&box="), ("expires=", "expires=9"),
        ("signature=", "signature=0"), ("signature=", "signature=&signature="),
        ("&signature=", "&box=0,0,1,1&signature="), ("&signature=", "&region=0,0,1,1&signature="), (".", ""),
    ],
)  # fmt: skip
def test_a_link_that_was_altered_opens_nothing(
    client: TestClient, citation: dict[str, str], old: str, new: str
) -> None:
    head, found, tail = citation["url"].rpartition(old)
    assert found
    refusal = client.get(head + new + tail)
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (404, "link_ended")


def test_what_a_chat_program_adds_to_a_link_does_not_close_it(
    client: TestClient, citation: dict[str, str]
) -> None:
    """As Open WebUI shows it in its side panel: written anew, with ids of its own at the end."""
    for name in ("url", "image_url"):
        link = urlsplit(citation[name])
        ids = [("chat_id", "1"), ("message_id", "2"), ("source_id", "3"), ("width", "200")]
        address = f"{link.path}?{urlencode(parse_qsl(link.query) + ids)}"
        assert client.get(address).status_code == 200
        assert client.get(address.replace("/pages/2", "/pages/1")).status_code == 404


def test_people_are_told_of_a_link_that_has_ended_on_a_page(
    client: TestClient, citation: dict[str, str]
) -> None:
    response = client.get(citation["url"] + "0", headers={"accept": "text/html"})
    assert response.status_code == 404 and "This link has expired" in response.text


def test_a_link_opens_what_it_is_for_and_no_more(
    keyed: KeyedLibrary, client: TestClient, citation: dict[str, str]
) -> None:
    page_id, query = (
        urlsplit(citation["url"]).path.rpartition("/")[2],
        citation["url"].partition("?")[2],
    )
    for path in (f"/v1/pages/{page_id}/image", f"/v1/pages/{page_id}/text", "/v1/collections"):
        assert client.get(f"{path}?{query}").status_code == 404
    assert client.post(f"/v1/search?{query}", json={}).status_code == 401
    key = keyed.roles[ROLE].key
    assert key is not None
    foreign = keyed.services.links.sign(f"/pages/{keyed.things[B].page_id}", key.id)
    refusal = client.get(foreign)
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (404, "page_not_found")


def test_a_link_ends_with_its_time_and_with_its_key(
    keyed: KeyedLibrary, client: TestClient
) -> None:
    services = keyed.services
    key, text = services.keys.create("for a while", Scope.ADMIN)
    page_id = keyed.things[A].page_id
    past = SignedLinks(
        services.links.secrets, services.settings, services.keys, lambda: time.time() - 31 * DAY_S
    )
    assert client.get(past.sign(f"/pages/{page_id}", key.id)).status_code == 404
    link = services.links.sign(f"/pages/{page_id}", key.id)
    assert client.get(link).status_code == 200
    assert client.get(link, headers={"Authorization": f"Bearer {text}"}).status_code == 200
    services.keys.revoke(key.id)
    assert client.get(link).status_code == 404


def test_after_two_rotations_a_link_has_ended(keyed: KeyedLibrary, client: TestClient) -> None:
    links = keyed.services.links
    key = keyed.roles[ROLE].key
    assert key is not None
    link = links.sign(f"/pages/{keyed.things[A].page_id}", key.id)
    other_process = LinkSecrets(keyed.services.stores.folder.root)
    other_process.rotate()
    assert client.get(link).status_code == 200
    other_process.rotate()
    assert client.get(link).status_code == 404


def test_the_secret_is_kept_where_only_its_owner_reads_it(tmp_path: Path) -> None:
    secrets = LinkSecrets(tmp_path).all()
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert LinkSecrets(tmp_path).all() == secrets
    assert LinkSecrets(tmp_path, ("own", "older")).all() == (b"own", b"older")
    missing = LinkSecrets(tmp_path / "nowhere")
    assert missing.all() == missing.all() != secrets  # a link is made all the same


def test_where_no_key_is_asked_for_links_are_plain(tmp_path: Path) -> None:
    plain, signed = (
        library(tmp_path / name, embedded_worker=False, signed_links=name)
        for name in ("auto", "always")
    )
    for services, is_signed in ((plain, False), (signed, True)):
        with TestClient(create_app(services)) as client:
            body = {"model": "pagesight", "messages": [{"role": "user", "content": QUESTIONS[A]}]}
            answer = client.post("/v1/chat/completions", json=body).json()
            url = answer["pagesight"]["citations"][0]["url"]
            assert ("signature=" in url) is is_signed
            assert client.get(local(url)).status_code == 200
            services.keys.create("the first", Scope.ADMIN)
            if is_signed:  # made by nobody: it ends with the first key
                assert client.get(local(url)).status_code == 404
