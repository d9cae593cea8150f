"""Files of the web, from real servers: what is fetched, what is drawn, and whom nobody may be sent to."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from typer.testing import CliRunner

from api.cli.main import app as command_line
from api.serve.app import create_app
from api.services.wiring import Services
from indexer.base.document_properties import NO_PROPERTIES
from indexer.base.errors import AddressRefused, WebPageUnavailable
from indexer.base.lazy import Lazy
from indexer.inputs.web.drawing import browser_program
from indexer.inputs.web.fetching import Fetcher
from indexer.inputs.web.guarded_network import AddressBook
from indexer.inputs.web.public_addresses import addresses_of
from indexer.inputs.web.web_files import WebFiles
from tests.builders import fake_services, pdf_bytes

PAGE = """<!doctype html><html><head><title>The guide</title><link rel="stylesheet" href="a.css">
<meta http-equiv="refresh" content="0; url=http://127.0.0.2:{port}/refresh"></head>
<body><h1>Tighten to 45 Nm</h1><p class="hidden">hidden by its style</p><img src="p.png" width="200">
<img src="http://127.0.0.2:{port}/image.png"><iframe src="http://127.0.0.2:{port}/frame"></iframe>
<img src="file:///etc/passwd"><script>document.body.innerHTML = "a script ran"</script></body></html>"""


class _Handler(BaseHTTPRequestHandler):
    """The site; what it is asked for is noted in `server.asked`."""

    def do_GET(self) -> None:
        server: Any = self.server
        server.asked.append((self.path, dict(self.headers)))
        port = server.server_port
        if self.path == "/slow":
            self._begin("text/plain")
            while not server.stop.wait(0.02):
                self.wfile.write(b".")
            return
        if self.path == "/endless":
            self._begin("text/plain")
            while True:
                self.wfile.write(bytes(1 << 16))
        redirects = {
            "/hop": "/report.pdf", "/loop": "/loop", "/inside": f"http://127.0.0.2:{port}/secret",
            "/mapped": f"http://[::ffff:127.0.0.2]:{port}/", "/decimal": f"http://2130706434:{port}/",
            "/file": "file:///etc/passwd", "/again": f"http://rebound.example:{port}/report.pdf",
        }  # fmt: skip
        if location := redirects.get(self.path):
            self.send_response(302)
            self.send_header("Location", location)
            self.end_headers()
            return
        content = {
            "/guide": ("text/html; charset=utf-8", PAGE.format(port=port).encode()),
            "/a.css": ("text/css", b".hidden { display: none } h1 { color: #f00 }"),
            "/p.png": ("image/png", _png()),
            "/report.pdf": (
                "text/html",
                pdf_bytes("the rent is 900"),
            ),  # a header lies; bytes do not
            "/lie.pdf": ("application/pdf", b"<html><body>not found</body></html>"),
            "/packed": ("text/plain", b"x"),
        }.get(self.path)
        if content is None:
            self.send_error(404)
            return
        self._begin(content[0])
        self.wfile.write(content[1])

    def _begin(self, content_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Set-Cookie", "a=b")
        if self.path == "/packed":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


def _png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (20, 20), (0, 0, 255)).save(file, "PNG")
    return file.getvalue()


class Site:
    """A server at one address of this machine, and one that nobody may reach at another."""

    def __init__(self) -> None:
        self.open = self._serve("127.0.0.1", 0)
        self.closed = self._serve("127.0.0.2", self.open.server_port)
        self.address = f"http://127.0.0.1:{self.open.server_port}"
        self.book = AddressBook(permits=lambda address: address == "127.0.0.1")

    def _serve(self, host: str, port: int) -> Any:
        server: Any = ThreadingHTTPServer((host, port), _Handler)
        server.asked, server.stop = [], threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def fetch(self, path: str, **options: Any) -> bytes:
        content = io.BytesIO()
        limits = {"max_bytes": 1 << 20, "within_s": 60.0} | options
        Fetcher("127.0.0.1 *.example", self.book).fetch(f"{self.address}{path}", content, **limits)
        return content.getvalue()

    def close(self) -> None:
        for server in (self.open, self.closed):
            server.stop.set()
            server.shutdown()
            server.server_close()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    site = Site()
    yield site
    assert site.closed.asked == [], "nobody was sent inside"
    site.close()


@pytest.fixture
def services(tmp_path: Path, site: Site) -> Services:
    services = fake_services(tmp_path / "data", page_dpi=48)
    services.create_collection("c")
    web_files = WebFiles(Fetcher("127.0.0.1", site.book), services.settings.max_file_bytes)
    return replace(services, web_files=Lazy(lambda: web_files))


def test_a_file_is_fetched_over_redirects_without_any_credential(site: Site) -> None:
    site.open.asked.clear()
    assert site.fetch("/hop") == pdf_bytes("the rent is 900")
    assert [path for path, _ in site.open.asked] == ["/hop", "/report.pdf"]
    assert not {"Cookie", "Authorization", "Referer"} & set(site.open.asked[1][1])


@pytest.mark.parametrize("path", ["/inside", "/mapped", "/decimal", "/file"])
def test_a_redirect_leads_nowhere_inside(site: Site, path: str) -> None:
    with pytest.raises(AddressRefused):
        site.fetch(path)


def test_a_limit_ends_what_does_not_end(site: Site) -> None:
    for path, words in (
        ("/loop", "more than 5 redirects"), ("/endless", "more than"), ("/nowhere", "answered 404"),
        ("/packed", "compressed"),
    ):  # fmt: skip
        with pytest.raises(WebPageUnavailable, match=words):
            site.fetch(path, within_s=600.0)
    with pytest.raises(WebPageUnavailable, match="in time"):
        site.fetch("/slow", within_s=0.3)


def test_only_public_hosts_that_are_named_are_asked(site: Site) -> None:
    port = site.open.server_port
    addresses = (
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
    )
    for host in addresses:
        with pytest.raises(AddressRefused, match="no public host"):
            Fetcher("*").fetch(f"http://{host}:{port}/guide", io.BytesIO(), 100, 60.0)
    for address, words in (
        (f"http://127.0.0.1:{port}/", "is not among the hosts"),
        (f"http://user:word@ok.example:{port}/", "password"), ("ftp://ok.example/", "https://"),
        ("https://", "https://"), ("http://ok.example:x/", "no address of the web"),
        (f"http://ok.example/{'a' * 500}", "500 characters"),
    ):  # fmt: skip
        with pytest.raises(AddressRefused, match=words):
            Fetcher("*.example", site.book).fetch(address, io.BytesIO(), 100, 60.0)
    with pytest.raises(AddressRefused, match="PAGESIGHT_WEB_HOSTS names"):
        Fetcher("").fetch("https://example.org/", io.BytesIO(), 100, 60.0)


def test_a_name_is_looked_up_once_and_its_address_is_connected_to(site: Site) -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"], ["127.0.0.1", "127.0.0.2"]])
    book = AddressBook(lambda host, port: next(answers), site.book.permits)
    fetcher = Fetcher("*.example", book)
    address = f"http://rebound.example:{site.open.server_port}/again"
    with pytest.raises(AddressRefused):  # the redirect leads to the same name, which has moved
        fetcher.fetch(address, io.BytesIO(), 1 << 20, 60.0)
    assert site.open.asked[-1][1]["Host"] == f"rebound.example:{site.open.server_port}"
    with pytest.raises(AddressRefused):  # one private address among others is enough
        fetcher.fetch(address, io.BytesIO(), 1 << 20, 60.0)
    assert addresses_of("127.0.0.1", 80) == ["127.0.0.1"]


@pytest.mark.skipif(browser_program() is None, reason="Chromium is not installed")
def test_a_page_is_drawn_as_it_looks_without_scripts_and_without_network(
    site: Site, services: Services, tmp_path: Path
) -> None:
    web_files = services.web_files.get()
    source, again = (
        web_files.source(f"{site.address}/guide", tmp_path, NO_PROPERTIES) for _ in range(2)
    )
    assert source.name == "127.0.0.1/guide.pdf"
    assert dict(source.properties.metadata) == {"source": f"{site.address}/guide"}
    assert source.path.read_bytes() == again.path.read_bytes(), (
        "unchanged pages are no new versions"
    )
    (page,) = pymupdf.open(stream=source.path.read_bytes(), filetype="pdf")
    words = page.get_text()
    assert "45 Nm" in words and "hidden by" not in words and "script ran" not in words
    sizes = {
        image[2:4] for image in page.get_images()
    }  # beside the sign for a picture that is missing
    assert (20, 20) in sizes and page.parent.metadata["title"] == "The guide"


def test_a_file_of_the_web_is_a_document_through_http(site: Site, services: Services) -> None:
    with TestClient(create_app(services)) as client:
        body = {"url": f"{site.address}/hop", "tags": ["lease"]}
        answer = client.post("/v1/collections/c/web", json=body)
        assert answer.status_code == 202, answer.text
        (job,) = answer.json()["jobs"]
        while job["state"] in ("queued", "running"):
            time.sleep(0.05)
            job = client.get(f"/v1/jobs/{job['id']}").json()
        (document,) = client.get("/v1/collections/c/documents").json()["documents"]
        assert (document["name"], document["media_type"]) == ("127.0.0.1/hop", "application/pdf")
        assert (document["tags"], document["metadata"]["source"]) == (["lease"], body["url"])
        lie = client.post("/v1/collections/c/web", json={"url": f"{site.address}/lie.pdf"})
        assert lie.json()["jobs"][0]["verdict"] == "unsupported"
        for url, status in ((f"{site.address}/inside", 422), (f"{site.address}/nowhere", 502)):
            assert client.post("/v1/collections/c/web", json={"url": url}).status_code == status


def test_the_command_fetches_nothing_unless_hosts_are_named(
    site: Site, services: Services, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("The rent is due.")
    env = {
        "PAGESIGHT_DATA_DIR": str(services.settings.data_dir), "PAGESIGHT_ENCODER": "fake",
        "PAGESIGHT_OCR": "never", "PAGESIGHT_RESERVE_BYTES": "0", "COLUMNS": "300",
    }  # fmt: skip
    command = ["ingest", str(tmp_path / "a.txt"), f"{site.address}/guide", "-c", "c"]
    n_asked = len(site.open.asked)
    off = CliRunner().invoke(command_line, command, env=env)
    assert off.exit_code == 1 and "PAGESIGHT_WEB_HOSTS names the hosts" in off.output
    private = CliRunner().invoke(command_line, command, env=env | {"PAGESIGHT_WEB_HOSTS": "*"})
    assert private.exit_code == 1 and "127.0.0.1 is no public host" in private.output
    assert "c: 1 of 2 files searchable" in private.output, "one bad file never stops the others"
    assert len(site.open.asked) == n_asked
