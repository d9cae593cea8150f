"""What is at an address of the web, as a file to ingest."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import httpx2

from indexer.base.disk_errors import storage_error
from indexer.base.document_properties import SOURCE, DocumentProperties, properties_of
from indexer.inputs.kind import FileLook
from indexer.inputs.names import document_name
from indexer.inputs.registry import media_type_of
from indexer.inputs.sources import Source
from indexer.inputs.web.browser import BrowserFailed
from indexer.inputs.web.drawing import browser_program, draw
from indexer.inputs.web.fetching import FetchedFile, Fetcher

_FETCH_S = 60.0
_MOST_PAGE_BYTES = 16 * 1024**2  # of HTML that a browser is given
_HTML_ENDING = re.compile(r"(\.(html?|xhtml))?$", re.I)

_log = logging.getLogger(__name__)


class WebFiles:
    """Fetches files of the web, and draws those that are pages where Chromium is installed."""

    def __init__(self, fetcher: Fetcher, max_file_bytes: int) -> None:
        self._fetcher = fetcher
        self._max_file_bytes = max_file_bytes

    def source(self, address: str, folder: Path, properties: DocumentProperties) -> Source:
        """Fetch what is at an address into a folder; its address is the `source` of its metadata.

        Raises AddressRefused, WebPageUnavailable, StorageError.
        """
        path = folder / uuid4().hex
        try:
            with path.open("xb") as file:
                answer = self._fetcher.fetch(address, file, self._max_file_bytes, _FETCH_S)
            properties = properties.with_more(properties_of((), {SOURCE: address}))
            return self._as_drawn_page(
                Source(path, _name_of(address), properties=properties), answer
            )
        except OSError as error:
            raise storage_error(path, error) from error

    def _as_drawn_page(self, source: Source, answer: FetchedFile) -> Source:
        """Return a page as it looks; any other file, and a page that cannot be drawn, as it is."""
        program = browser_program()
        if program is None or not _is_page(source):
            return source
        content = source.path.read_bytes()
        try:
            pdf = draw(program, answer, content, self._fetcher, self._max_file_bytes)
        except BrowserFailed as error:
            _log.warning("%s: Chromium could not draw it (%s)", source.name, error)
            return source
        source.path.write_bytes(pdf)
        return replace(source, name=_HTML_ENDING.sub(".pdf", source.name, count=1))


def _is_page(source: Source) -> bool:
    with source.path.open("rb") as file:
        look = FileLook.of_descriptor(file.fileno(), source.name)
    return media_type_of(look) == "text/html" and look.n_bytes <= _MOST_PAGE_BYTES


def _name_of(address: str) -> str:
    """Return what a document is called: host, path and query of its address."""
    url = httpx2.URL(address)
    query = f"?{url.query.decode()}" if url.query else ""
    return document_name(f"{url.host}{url.path.rstrip('/') or '/index'}{query}")
