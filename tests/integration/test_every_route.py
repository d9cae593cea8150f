"""Every route of the OpenAPI document, asked with what the document allows and with what it does not.

Once without keys, once with the key of an administrator. Half of the questions that fit the document
name things that exist; the others find nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.python.asgi import shutdown_lifespans
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from api.serve.app import create_app
from api.services.keys import Scope
from api.services.wiring import Services
from indexer.catalog.jobs.records import JobDraft
from tests.conftest import ROOT
from tests.support.small_library import QUESTION, library

N_EXAMPLES = 6
DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
# What deletes comes last, so that the others find something.
ROUTES = sorted(
    (f"{method.upper()} {path}" for path, ways in DOCUMENT["paths"].items() for method in ways),
    key=lambda route: route.startswith("DELETE"),
)
# Whether a name exists, or a cursor was given out, is more than a schema can say.
UNFIT = [positive_data_acceptance]
OFF = ("/v1/collections/{name}/web",)  # unless the settings name hosts
ABOUT_KEYS = ("/v1/keys", "/v1/session")  # tested in tests/unit/api/http/test_authentication.py
NO_KEYS, KEYS = "no keys", "keys"


@dataclass(frozen=True)
class Service:
    """`headers` are those of an administrator; `known` an existing value for each parameter of a path."""

    services: Services
    operations: dict[str, Any]
    headers: dict[str, str]
    known: dict[str, Any]
    unfit: list[Any]


@pytest.fixture(scope="module", params=[NO_KEYS, KEYS])
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    services = library(tmp_path_factory.mktemp("routes"), upkeep_interval_s=0)
    headers, known, unfit = {}, known_in(services), list(UNFIT)
    if request.param == KEYS:
        headers = administrator(services)
        known["key_id"] = services.keys.create("spare", Scope.READ)[0].id
    else:
        unfit.append(ignored_auth)  # without keys nobody is asked for one
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(services))
    found = {one.ok().label: one.ok() for one in schema.get_all_operations()}
    yield Service(services, found, headers, known, unfit)
    shutdown_lifespans()


def administrator(services: Services) -> dict[str, str]:
    """The headers of one; from now on nobody comes in without a key."""
    _, text = services.keys.create("operator", Scope.ADMIN)
    return {"Authorization": f"Bearer {text}"}


def known_in(services: Services) -> dict[str, Any]:
    catalog = services.stores.catalog
    collection = catalog.collections.get("manuals")
    document = catalog.documents.of_collection(collection.id)[0]
    talk = services.conversations.create(["manuals"], "A talk")
    said = services.conversations.add_turn(talk.id, QUESTION, "45 Nm", {}, "A talk")
    job = services.queue.submit(collection.id, [JobDraft("pump.pdf", document.sha256, 1)])[0]
    return {
        "name": "manuals", "document_id": document.id, "page_id": document.first_page_id,
        "job_id": job.id, "conversation_id": talk.id, "message_id": said.id,
        "model_id": "pagesight/manuals", "key_id": "0" * 32,
    }  # fmt: skip


def test_the_document_names_every_route(service: Service) -> None:
    assert set(service.operations) == set(ROUTES)


@pytest.mark.parametrize("keys", [NO_KEYS, KEYS])
def test_every_body_of_the_document_has_an_example_that_the_service_takes(
    tmp_path: Path, keys: str
) -> None:
    taken = []
    services = library(tmp_path, upkeep_interval_s=0)
    known = known_in(services)
    headers = administrator(services) if keys == KEYS else {}
    with TestClient(create_app(services), headers=headers) as client:
        for path, ways in DOCUMENT["paths"].items():
            for method, way in ways.items():
                kinds = way.get("requestBody", {}).get("content", {})
                if "application/json" not in kinds or path in {*ABOUT_KEYS, *OFF}:
                    continue
                name = kinds["application/json"]["schema"]["$ref"].rpartition("/")[2]
                for example in DOCUMENT["components"]["schemas"][name]["examples"]:
                    answer = client.request(method, path.format(**known), json=example)
                    assert answer.is_success, (path, answer.text)
                    taken.append(path)
    assert len(taken) >= 7


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_answers_as_its_document_says(service: Service, route: str) -> None:
    operation = service.operations[route]

    @settings(
        max_examples=N_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), exists=st.booleans())
    def ask(case: schemathesis.Case, exists: bool) -> None:
        if exists and case.meta is not None and case.meta.generation.mode.is_positive:
            name_what_exists(case, service.known)
        answer = case.call(headers=service.headers)
        case.validate_response(answer, excluded_checks=service.unfit, headers=service.headers)

    ask()


def name_what_exists(case: schemathesis.Case, known: dict[str, Any]) -> None:
    for name in case.path_parameters or {}:
        case.path_parameters[name] = known[name]
    body = case.body
    if isinstance(body, dict):
        if "collections" in body:
            body["collections"] = ["manuals", "garden"]
        if "messages" in body:
            body["model"] = "pagesight"
            body["messages"] += [{"role": "user", "content": QUESTION}]
