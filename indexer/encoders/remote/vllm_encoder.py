"""A page encoder whose model runs in vLLM, as a pooling model. Nothing here loads torch or a tokenizer.

vLLM says which checkpoint it was started with, and nobody can verify it: two servers with the same name for
different weights look alike. Each request names the model. Dimension key: T query tokens, D dim.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import EncoderAway, EncoderUnavailable
from indexer.base.pages import PageEmbedding, QueryEmbedding, RenderedPage
from indexer.base.reading import encodable
from indexer.encoders.base import EncoderFingerprint
from indexer.encoders.remote.connection import Patience
from indexer.encoders.remote.encoder import AT_ONCE, FOR_A_QUESTION, FOR_PAGES
from indexer.encoders.remote.vllm_page_cells import PageCells, measure_cells
from indexer.encoders.remote.vllm_server import TextTokens, VllmServer
from indexer.encoders.visual.facts import MAX_VISUAL_TOKENS, QueryFormat
from indexer.encoders.visual.families import VISUAL_MODELS

VLLM = "vllm"  # the name of this encoder
_AS_IT_IS = QueryFormat(prefix="", augmentation="", n_augmentation=0)  # ColQwen3, ColQwen3.5
_FORMATS = {facts.checkpoint: facts.query for facts in VISUAL_MODELS.values()}
_WINDOW = 16
_AT_A_TIME = 8  # pages: vLLM makes batches of what is there
_MAX_QUESTION_TOKENS = 512
_MAX_QUESTION_LETTERS = 32 * _MAX_QUESTION_TOKENS
_SPECIAL = re.compile(r"<(?=[^\s<>]+>)")  # what begins as the spelling of a special token does
_SPACES = "Ġ▁ "  # the ways in which vocabularies spell the space before a word


class VllmEncoder:
    """Implements PageEncoder; `connect_vllm` makes it. Safe to use from several threads."""

    def __init__(
        self,
        server: VllmServer,
        fingerprint: EncoderFingerprint,
        query: QueryFormat,
        cells: PageCells,
        around: TextTokens,
        for_pages: Patience | None = None,
    ) -> None:
        """`around`: the tokens of an empty question, which are around those of every other."""
        self._server = server
        self._fingerprint = fingerprint
        self._query = query
        self._cells = cells
        self._around = around
        self._for_pages = for_pages or FOR_PAGES

    @property
    def fingerprint(self) -> EncoderFingerprint:
        return self._fingerprint

    @property
    def reads_words(self) -> bool:
        return False

    @property
    def window(self) -> int:
        return _WINDOW

    def for_questions(self) -> VllmEncoder:
        """Return the same encoder for questions that are images: somebody waits for those, too."""
        parts = (self._server, self._fingerprint, self._query, self._cells, self._around)
        return VllmEncoder(*parts, FOR_A_QUESTION)

    def require(self) -> None:
        """Raise EncoderAway unless the server answers, and serves what it served."""
        names = (self._server.model, self._fingerprint.checkpoint)
        if names not in self._server.served_models(AT_ONCE):
            raise EncoderAway(f"{self._server.where} no longer serves {self._server.model}")

    def encode_pages(self, pages: Sequence[RenderedPage]) -> list[PageEmbedding]:
        """Return one embedding per page, in order. Raises EncoderAway, EncoderUnavailable."""
        with ThreadPoolExecutor(_AT_A_TIME, "vllm") as threads:
            return list(threads.map(self._encode_page, pages))

    def _encode_page(self, page: RenderedPage) -> PageEmbedding:
        image = self._cells.in_whole_cells(page.image)
        rows = self._server.vectors_of_image(image, self.fingerprint.dim, self._for_pages)
        cells = self._cells.of_page(image, rows)
        if cells is None:
            raise EncoderUnavailable(
                f"{self._server.where} gave {len(rows)} vectors for a page of {image.width} x "
                f"{image.height} pixels: does its processor take fewer than PAGESIGHT_MAX_VISUAL_TOKENS?"
            )
        vectors, boxes = cells
        return PageEmbedding(vectors.astype(np.float16), boxes)

    def encode_queries(self, texts: Sequence[str]) -> list[QueryEmbedding]:
        """Return a multi-vector for each text, in order. Raises EncoderAway, EncoderUnavailable."""
        queries = [self._tokens_of(text) for text in texts]
        if not queries:
            return []
        ids, dim = [tokens.ids for tokens, _ in queries], self.fingerprint.dim
        vectors = self._server.vectors_of_tokens(ids, dim, FOR_A_QUESTION)
        return [
            QueryEmbedding(rows, tuple(map(_piece, tokens.spellings)), content)
            for rows, (tokens, content) in zip(vectors, queries, strict=True)
        ]

    def _tokens_of(self, text: str) -> tuple[TextTokens, NDArray[np.bool_]]:
        """Return the tokens of a question as the model reads it, and which are of its words."""
        question = _SPECIAL.sub("< ", encodable(text)[:_MAX_QUESTION_LETTERS]).strip()
        whole = self._query.wrap(question) or " "  # of nothing there would be no vector
        tokens = self._server.tokens_of(whole, FOR_A_QUESTION)
        start, stop = _differing(tokens.ids, self._around.ids)
        if stop - start > _MAX_QUESTION_TOKENS:
            excess = slice(start + _MAX_QUESTION_TOKENS, stop)
            del tokens.ids[excess], tokens.spellings[excess]
            stop = excess.start
        inside = np.zeros(len(tokens.ids), np.bool_)
        inside[start:stop] = True
        words = [spelling.strip(_SPACES) for spelling in tokens.spellings]
        has_letters = np.array([any(map(str.isalnum, word)) for word in words], np.bool_)
        content = has_letters & inside
        return tokens, content if content.any() else inside


def connect_vllm(address: str, key: str | None, max_visual_tokens: int | None) -> VllmEncoder:
    """Ask a vLLM server what it serves, and measure how its model sees pages.

    Raises EncoderAway where nothing answers, EncoderUnavailable where it serves no model of page images.
    """
    server = VllmServer(address, key)
    models = server.served_models(FOR_A_QUESTION)
    if len(models) != 1:
        raise EncoderUnavailable(f"{server.where} serves {len(models)} models instead of one")
    ((server.model, checkpoint),) = models
    query = _FORMATS.get(checkpoint, _AS_IT_IS)
    probe = server.tokens_of(query.wrap("What is this page about?"), FOR_A_QUESTION)
    dim = server.dim_of(probe, FOR_A_QUESTION)
    max_cells = max_visual_tokens or MAX_VISUAL_TOKENS
    cells = measure_cells(server, dim, max_cells, FOR_A_QUESTION)
    around = server.tokens_of(query.wrap("") or " ", FOR_A_QUESTION)
    options: dict[str, str | int | float] = {
        "max_visual_tokens": cells.side**2 or max_cells,
        "query_prefix": query.prefix,
        "query_augmentation": f"{query.augmentation} x {query.n_augmentation}",
        "query_end": query.end,
    }
    # The weights are not at hand, so no revision of them is known.
    fingerprint = EncoderFingerprint(VLLM, checkpoint, "as served", dim, options)
    return VllmEncoder(server, fingerprint, query, cells, around)


def _differing(ids: list[int], around: list[int]) -> tuple[int, int]:
    """Return where a question begins and ends in `ids`: what is around it is in `around`, too."""
    n_common = min(len(ids), len(around))
    start = next((i for i in range(n_common) if ids[i] != around[i]), n_common)
    n_behind = next(
        (i for i in range(n_common - start) if ids[-1 - i] != around[-1 - i]), n_common - start
    )
    return start, max(len(ids) - n_behind, start)


def _piece(spelling: str) -> str:
    return spelling.strip(_SPACES) or spelling
