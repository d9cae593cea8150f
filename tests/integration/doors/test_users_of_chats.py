"""Users of a chat program: what each of them may read, whoever says who they are."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.base.errors import InvalidSettings
from api.serve.app import create_app
from api.services.keys import Scope
from api.services.wiring import Services, wire
from tests.support.small_library import library

SECRET = "a secret that both sides know, of 32 bytes or more"
USERS = {"ann@example.org": ["manuals"], "BOB@example.org": ["*"], "*": []}


def seen(client: TestClient, **headers: str) -> set[str]:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    response = client.get("/v1/collections", headers=names)
    assert response.status_code == 200, response.text
    return {row["name"] for row in response.json()["collections"]}


def token(**claims: Any) -> str:
    claims = {"email": "ann@example.org", "exp": int(time.time()) + 60} | claims
    return jwt.encode(claims, SECRET, algorithm="HS256")


class Program:
    """A service and the key of a chat program, with settings that name the key."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        services = library(folder, embedded_worker=False)
        self.users = folder / "users.json"
        self.users.write_text(json.dumps(USERS))
        key, text = services.keys.create("chat", Scope.WRITE)
        self.other_key = services.keys.create("script", Scope.READ)[1]
        update = {"trusted_keys": key.id, "users_file": self.users, **settings}
        self.services: Services = wire(services.settings.model_copy(update=update))
        self.client = TestClient(create_app(self.services))
        self.bearer = f"Bearer {text}"

    def seen_by(self, user: str, **headers: str) -> set[str]:
        named = {"x-openwebui-user-email": user} if user else {}
        return seen(self.client, authorization=self.bearer, **named, **headers)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def test_a_user_that_a_trusted_key_names_sees_their_own_collections(program: Program) -> None:
    assert program.seen_by("Ann@example.org") == {"manuals"}
    assert program.seen_by("bob@example.org") == {"manuals", "garden"}
    assert program.seen_by("eve@example.org") == program.seen_by("") == set()
    foreign = program.client.get(
        "/v1/collections/garden",
        headers={"authorization": program.bearer, "x-openwebui-user-email": "ann@example.org"},
    )
    assert foreign.status_code == 404


def test_a_user_only_reads_whatever_the_key_may(program: Program) -> None:
    response = program.client.post(
        "/v1/collections",
        json={"name": "made"},
        headers={"authorization": program.bearer, "x-openwebui-user-email": "bob@example.org"},
    )
    assert response.status_code == 403


def test_a_key_that_is_not_trusted_speaks_for_nobody_but_itself(program: Program) -> None:
    other = f"Bearer {program.other_key}"
    names = seen(program.client, authorization=other, **{"x-openwebui-user-email": "x"})
    assert names == {"manuals", "garden"}


def test_a_change_of_the_file_counts_from_the_next_request_on(program: Program) -> None:
    program.users.write_text(json.dumps({"*": ["garden"]}))
    assert program.seen_by("ann@example.org") == {"garden"}
    program.users.write_text("no JSON")
    assert program.seen_by("ann@example.org") == {"garden"}
    with pytest.raises(InvalidSettings, match="USERS_FILE"):
        wire(program.services.settings)


def test_conversations_belong_to_the_user_and_not_to_the_key(program: Program) -> None:
    def conversations(user: str, method: str = "GET", **body: Any) -> Any:
        headers = {"authorization": program.bearer, "x-openwebui-user-email": user}
        return program.client.request(method, "/v1/conversations", headers=headers, **body).json()

    conversations("bob@example.org", "POST", json={"collections": ["manuals"]})
    assert len(conversations("bob@example.org")["conversations"]) == 1
    assert conversations("ann@example.org")["conversations"] == []


def test_where_tokens_are_signed_a_plain_header_is_not_believed(tmp_path: Path) -> None:
    program = Program(tmp_path, jwt_secret=SecretStr(SECRET), jwt_issuer="open-webui")
    assert program.seen_by("bob@example.org") == set()
    signed = {"x_openwebui_user_jwt": token(iss="open-webui")}
    assert program.seen_by("bob@example.org", **signed) == {"manuals"}
    forged = [
        token(iss="somebody"), token(iss="open-webui", exp=1), token(iss="open-webui") + "x",
        jwt.encode({"email": "bob@example.org", "exp": 2**33, "iss": "open-webui"}, None, "none"),
    ]  # fmt: skip
    for text in forged:
        response = program.client.get(
            "/v1/collections",
            headers={"authorization": program.bearer, "x-openwebui-user-jwt": text},
        )
        assert response.status_code == 401, text


def test_a_token_is_a_key_of_its_own(tmp_path: Path) -> None:
    program = Program(tmp_path, jwt_secret=SecretStr(SECRET), jwt_audience="pagesight")
    client = program.client
    bearer = {"authorization": f"Bearer {token(aud='pagesight')}"}
    assert seen(client, **bearer) == {"manuals"}
    claimed = token(aud="pagesight", email="eve@example.org", collections=["garden"])
    assert seen(client, authorization=f"Bearer {claimed}") == {"garden"}
    body = {"question": "How tight must the housing bolts be?", "collections": ["manuals"]}
    answer = client.post("/v1/answers", json=body, headers=bearer).json()
    assert client.get(answer["citations"][0]["url"]).status_code == 200
    for text in (token(aud="another"), token()):
        refusal = client.get("/v1/collections", headers={"authorization": f"Bearer {text}"})
        assert refusal.status_code == 401


def test_a_service_that_reads_tokens_is_never_open(tmp_path: Path) -> None:
    services = library(tmp_path, embedded_worker=False, jwt_secret=SECRET)
    assert TestClient(create_app(services)).get("/v1/collections").status_code == 401
