"""Fills a small disk under a running service and tells, as JSON, what the service did.

Run as `python -m tests.support.full_disk DATA_DIR`, with DATA_DIR on a file system of 24 MB.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from api.serve.app import create_app
from api.services.wiring import Services
from api.worker.worker import Worker
from indexer.base.errors import PagesightError
from tests.builders import fake_services, pdf_bytes

MIB = 1024**2


def main(data_dir: Path) -> dict[str, Any]:
    outcomes: dict[str, Any] = {}
    ballast = data_dir.parent / "ballast"
    with serving(data_dir) as (client, services):
        client.post("/v1/collections", json={"name": "c"})
        for name in ("a.pdf", "b.pdf", "d.pdf"):
            outcomes[f"upload {name}"] = upload(client, name)
        drain(services)
        outcomes["reserve"] = (data_dir / "reserve").stat().st_size
        fill(ballast)
        outcomes |= {f"full: {key}": value for key, value in ask(client).items()}
        outcomes["full: upload"] = upload(client, "e.pdf")
        outcomes["full: compact"] = error_of(lambda: services.compactor.run("c", eager=True))
        outcomes["full: delete"] = client.delete(
            f"/v1/documents/{id_of(client, 'b.pdf')}"
        ).status_code
        outcomes["full: ready"] = disk_check(client)
        outcomes["full: metrics"] = "pagesight_read_only 1.0" in client.get("/metrics").text
        ballast.unlink()
        outcomes["freed: ready"] = disk_check(client)
    fill(ballast)
    with serving(data_dir) as (client, services):
        outcomes |= {f"started full: {key}": value for key, value in ask(client).items()}
        outcomes["started full: delete"] = client.delete(
            f"/v1/documents/{id_of(client, 'd.pdf')}"
        ).status_code
        outcomes["started full: upload"] = upload(client, "e.pdf")
        ballast.unlink()
        outcomes["freed: upload"] = upload(client, "e.pdf")
        drain(services)
        outcomes["freed: documents"] = sorted(
            row["name"] for row in client.get("/v1/collections/c/documents").json()["documents"]
        )
        outcomes["freed again: ready"] = disk_check(client)
        outcomes["freed: reserve"] = (data_dir / "reserve").stat().st_size
        outcomes["freed: clean"] = services.repairer.verify(deep=True).faults == []
    return outcomes


@contextmanager
def serving(data_dir: Path) -> Iterator[tuple[TestClient, Services]]:
    """A service without background work, ended as a process ends."""
    services = fake_services(data_dir, embedded_worker=False, reserve_bytes=64 * MIB)
    try:
        with TestClient(create_app(services), base_url="http://127.0.0.1") as client:
            services.stores.folder.space.make_reserve()
            yield client, services
    finally:
        services.database.engine.dispose()


def upload(client: TestClient, name: str) -> list[Any]:
    files = {"files": (name, pdf_bytes(f"alpha {name}"), "application/pdf")}
    response = client.post("/v1/collections/c/documents", files=files)
    return [response.status_code, response.json().get("error", {}).get("code")]


def ask(client: TestClient) -> dict[str, Any]:
    response = client.post("/v1/search", json={"query": "alpha", "collections": ["c"]})
    return {"search": [response.status_code, len(response.json().get("hits", ()))]}


def drain(services: Services) -> None:
    worker = Worker(services)
    while worker.work_once():
        pass


def disk_check(client: TestClient) -> list[str]:
    checks = client.get("/readyz").json()["checks"]
    (check,) = (check for check in checks if check["name"] == "disk")
    return [check["state"], check["detail"].partition(":")[0]]


def id_of(client: TestClient, name: str) -> str:
    documents = client.get("/v1/collections/c/documents").json()["documents"]
    return str(next(row["id"] for row in documents if row["name"] == name))


def error_of(work: Callable[[], object]) -> str:
    try:
        work()
    except PagesightError as error:
        return error.code
    return ""


def fill(path: Path) -> None:
    """Leave not one byte free."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    n_bytes = MIB
    while n_bytes:
        try:
            os.write(fd, bytes(n_bytes))
        except OSError as error:
            assert error.errno == errno.ENOSPC
            n_bytes //= 2
    os.close(fd)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
