"""`make image-commands`: what the images do, without Docker.

The Dockerfile's commands run in a clean folder; then those containers of the profiles `lite` and `cluster`
that hold pagesight run as processes of a user without rights, each with its command, settings and health
check, over a PostgreSQL and an S3 server (moto). A document is uploaded and found. Not run: what is no
pagesight (nginx, MinIO, Qdrant, vLLM, Grafana), so candidates come from FAISS, and what an engine does
(accounts, limits, networks).
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import httpx2

from tests.builders import pdf_bytes
from tests.smoke.images.containers import containers_of
from tests.smoke.images.image_folder import ImageFolder
from tests.support.postgres import new_database, running_server
from tests.support.s3 import KEYS, new_prefix, running_s3


def main() -> int:
    if os.geteuid() != 0:
        print("run it as root: the containers are run as another user", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="pagesight-image-") as folder:
        Path(folder).chmod(0o755)
        image = ImageFolder(Path(folder))
        image.build()
        _one_container(image)
        _cluster(image)
    return 0


def _one_container(image: ImageFolder) -> None:
    (container,) = containers_of("lite", image).values()
    with container.running({}) as address:
        _upload_and_find(address, [address])
    print("lite: healthy, a document was uploaded and found", flush=True)


def _cluster(image: ImageFolder) -> None:
    containers = containers_of("cluster", image)
    with ExitStack() as running:
        postgres = running.enter_context(running_server())
        s3 = running.enter_context(running_s3())
        encoder = running.enter_context(containers.pop("encoder").running({}))
        places = KEYS | {
            "PAGESIGHT_ENCODER_URL": encoder,
            "PAGESIGHT_DATABASE_URL": new_database(postgres),
            "PAGESIGHT_S3_ENDPOINT": s3,
            "PAGESIGHT_STORAGE": new_prefix(),
            "PAGESIGHT_VECTORS": "faiss",
        }
        addresses = {
            name: running.enter_context(container.running(places))
            for name, container in containers.items()
        }
        apis = [address for name, address in addresses.items() if name.startswith("api")]
        _upload_and_find(apis[0], apis)
        print(
            f"cluster: encoder, {', '.join(addresses)} are healthy; a document was found",
            flush=True,
        )


def _upload_and_find(address: str, asked_addresses: list[str]) -> None:
    with httpx2.Client(timeout=600) as client:
        file = {"files": ("a.pdf", pdf_bytes("Tighten the bolts to 45 Nm"))}
        client.post(f"{address}/v1/collections", json={"name": "a"}).raise_for_status()
        client.post(f"{address}/v1/collections/a/documents", files=file).raise_for_status()
        while not client.get(f"{address}/v1/collections/a/documents").json()["documents"]:
            time.sleep(0.5)
        for asked_address in asked_addresses:
            search = {"query": "How tight are the bolts?", "collections": ["a"]}
            answer = client.post(f"{asked_address}/v1/search", json=search).raise_for_status()
            assert answer.json()["hits"], answer.text


if __name__ == "__main__":
    sys.exit(main())
