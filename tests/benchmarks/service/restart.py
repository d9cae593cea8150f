"""`python -m tests.benchmarks.service.restart [PAGES]`: from `kill -9` of a server that writes to an answer.

The collection has synthetic pages of 80 words, a vector of the fake encoder for each, an image file for each
page. The server is killed while files are uploaded and indexed; `cpu` is what its successor took until it
had answered a search. On a busy machine the seconds are those of the neighbours.
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import numpy as np

from api.services.wiring import Services
from indexer.base.pages import PageWords
from indexer.catalog.document_records import DocumentDraft
from tests.builders import fake_services, pdf_bytes
from tests.conftest import ROOT
from tests.support.factories import draft, words
from tests.support.searching import embed
from tests.support.served_process import free_port

PAGES_OF_A_DOCUMENT, WORDS_OF_A_PAGE = 200, 80
N_WORDS = 30_000
N_KILLS, N_UPLOADS = 5, 6
ENVIRONMENT = {"PAGESIGHT_ENCODER": "fake", "PAGESIGHT_OCR": "never", "PAGESIGHT_LAYOUT": "never",
               "PAGESIGHT_LOG_LEVEL": "error"}  # fmt: skip


def main(n_pages: int = 100_000) -> None:
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    with TemporaryDirectory() as folder:
        data_dir = Path(folder)
        _fill(fake_services(data_dir, upkeep_interval_s=0), n_pages // PAGES_OF_A_DOCUMENT)
        _kill_and_start(data_dir)


def _fill(services: Services, n_documents: int) -> None:
    """Put the documents straight into the stores, and merge them as the upkeep does."""
    services.create_collection("c")
    chance = np.random.default_rng(1)
    vocabulary = [f"w{number:x}" for number in range(N_WORDS)]
    odds = 1 / np.arange(1, N_WORDS + 1)
    for number in range(n_documents):
        texts = []
        for page_number in range(PAGES_OF_A_DOCUMENT):
            chosen = chance.choice(N_WORDS, WORDS_OF_A_PAGE, p=odds / odds.sum())
            page_words = [f"unique{number}x{page_number}", *(vocabulary[i] for i in chosen)]
            texts.append("\n".join(" ".join(page_words[i : i + 10]) for i in range(0, 81, 10)))
        with services.stores.folder.writing():
            assert services.stores.catalog.documents.commit(_draft(services, number, texts))
    services.compactor.run("c")
    services.database.engine.dispose()


def _draft(services: Services, number: int, texts: list[str]) -> DocumentDraft:
    stores = services.stores
    content = f"document {number}".encode()
    stores.originals.add(content)
    made = draft(
        stores.catalog, stores.vectors, stores.catalog.collections.get("c"),
        [embed(text) for text in texts], name=f"{number}.pdf",
        sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    pages = []
    for page, text in zip(made.pages, texts, strict=True):
        image = f"image {page.page.id}".encode() * 40
        sha256 = hashlib.sha256(image).hexdigest()
        path = stores.images.path(sha256)  # not synced: it is only to lie there
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(image)
        of_page: PageWords = words(text)
        pages.append(
            replace(page, page=replace(page.page, image_sha256=sha256), words=of_page.to_bytes())
        )
    return replace(made, pages=pages)


def _kill_and_start(data_dir: Path) -> None:
    address, server = _start(data_dir)
    chance = random.Random(1)
    for number in range(N_KILLS):
        _wait_for_answer(address, "unique0x0")
        for upload in range(N_UPLOADS):
            pages = [f"upload {number} {upload} {page}" for page in range(20)]
            files = {"files": (f"{number}-{upload}.pdf", pdf_bytes(*pages), "application/pdf")}
            url = f"{address}/v1/collections/c/documents"
            assert httpx2.post(url, files=files, timeout=600).status_code == 202
        time.sleep(chance.uniform(0.2, 2.0))
        server.send_signal(signal.SIGKILL)
        server.wait()
        began = time.perf_counter()
        address, server = _start(data_dir)
        _wait_for_answer(address, f"unique{number}x7")
        took_s = time.perf_counter() - began
        print(f"kill {number}: first answer after {took_s:.2f} s, cpu {_cpu_s(server.pid):.2f} s")
    server.terminate()
    server.wait()


def _start(data_dir: Path) -> tuple[str, subprocess.Popen[bytes]]:
    port = free_port()
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port)]
    environment = os.environ | ENVIRONMENT | {"PAGESIGHT_DATA_DIR": str(data_dir)}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    return f"http://127.0.0.1:{port}", server


def _wait_for_answer(address: str, word: str) -> None:
    """Search until there is an answer, and look whether it is the right one."""
    while True:
        try:
            body = {"query": word, "collections": ["c"], "k": 1}
            response = httpx2.post(f"{address}/v1/search", json=body, timeout=600)
        except httpx2.TransportError:
            time.sleep(0.01)
            continue
        assert response.status_code == 200 and word in response.json()["hits"][0]["snippet"]
        return


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
