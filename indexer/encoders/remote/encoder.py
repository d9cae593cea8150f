"""A page encoder whose model runs in another process. Nothing here loads torch.

Which model that is, is asked once, when this process first needs it. From then on every request names it, and
an encoder that was started anew with another model refuses: vectors of two models are never mixed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TypeVar

from indexer.base.errors import EncoderAway, EncoderUnavailable
from indexer.base.pages import PageEmbedding, QueryEmbedding, RenderedPage
from indexer.base.reading import encodable
from indexer.encoders.base import EncoderFingerprint
from indexer.encoders.remote.connection import EncoderConnection, Patience
from indexer.encoders.remote.wire import (
    PATH_OF_ENCODER,
    PATH_OF_PAGES,
    PATH_OF_QUERIES,
    EncoderDescription,
    GarbledMessage,
    digest_of,
    pack_pages,
    pack_queries,
    unpack_page_embeddings,
    unpack_query_embeddings,
)

T = TypeVar("T")

# Somebody waits for a question. Pages wait through a restart of the encoder; a job that has waited for longer
# goes back to the queue.
FOR_A_QUESTION = Patience(answer_s=30.0, away_s=2.0, busy_s=10.0)
AT_ONCE = Patience(answer_s=2.0, away_s=0.0, busy_s=0.0)
FOR_PAGES = Patience(answer_s=600.0, away_s=60.0, busy_s=120.0)
_QUERIESAT_ONCE = 64
_MESSAGE_BYTES = 32 * 1024**2


class RemoteEncoder:
    """Implements PageEncoder; `connect` makes it. Safe to use from several threads.

    for_pages  how long pages wait for an encoder that is away or busy
    """

    def __init__(
        self,
        connection: EncoderConnection,
        description: EncoderDescription,
        for_pages: Patience | None = None,
    ) -> None:
        self._connection = connection
        self._for_pages = for_pages or FOR_PAGES
        self._description = description
        self._digest = digest_of(description.fingerprint)

    @property
    def fingerprint(self) -> EncoderFingerprint:
        return self._description.fingerprint

    @property
    def reads_words(self) -> bool:
        return self._description.reads_words

    @property
    def window(self) -> int:
        return self._description.window

    def for_questions(self) -> RemoteEncoder:
        """Return the same encoder for questions that are images: somebody waits for those, too."""
        return RemoteEncoder(self._connection, self._description, FOR_A_QUESTION)

    def require(self) -> None:
        """Raise EncoderAway unless the encoder answers, and is the one that it was."""
        if _description_of(self._connection, AT_ONCE) != self._description:
            raise EncoderAway(
                f"{self._connection.where} is another one than when this process began"
            )

    def encode_pages(self, pages: Sequence[RenderedPage]) -> list[PageEmbedding]:
        """Return one embedding per page, in order. Raises EncoderAway, EncoderUnavailable."""
        embeddings: list[PageEmbedding] = []
        for n_pages, message in pack_pages(
            pages,
            reads_words=self.reads_words,
            max_pages=self.window,
            max_bytes=_MESSAGE_BYTES,
        ):
            answer = self._connection.post(PATH_OF_PAGES, message, self._digest, self._for_pages)
            embeddings += self._embeddings_in(unpack_page_embeddings, answer, n_pages)
        return embeddings

    def encode_queries(self, texts: Sequence[str]) -> list[QueryEmbedding]:
        """Return a multi-vector for each text, in order. Raises EncoderAway, EncoderUnavailable."""
        embeddings: list[QueryEmbedding] = []
        for start in range(0, len(texts), _QUERIESAT_ONCE):
            part = [encodable(text) for text in texts[start : start + _QUERIESAT_ONCE]]
            message = pack_queries(part)
            answer = self._connection.post(PATH_OF_QUERIES, message, self._digest, FOR_A_QUESTION)
            embeddings += self._embeddings_in(unpack_query_embeddings, answer, len(part))
        return embeddings

    def _embeddings_in(
        self, unpack: Callable[[bytes, int], list[T]], answer: bytes, n: int
    ) -> list[T]:
        try:
            embeddings = unpack(answer, self.fingerprint.dim)
        except GarbledMessage as error:
            raise _garbled_answer(self._connection, str(error)) from error
        if len(embeddings) != n:
            raise _garbled_answer(self._connection, f"{len(embeddings)} embeddings for {n}")
        return embeddings


def connect(address: str, key: str | None, name: str) -> RemoteEncoder:
    """Ask the encoder at an address what it is.

    name  what it must be, as in PAGESIGHT_ENCODER

    Raises EncoderAway where nothing answers, EncoderUnavailable where it is another one.
    """
    connection = EncoderConnection(address, key)
    description = _description_of(connection, FOR_A_QUESTION)
    fingerprint = description.fingerprint
    if fingerprint.name != name:
        raise EncoderUnavailable(
            f"{connection.where} is {fingerprint.name}, this process is set up for {name}: set "
            f"PAGESIGHT_ENCODER={fingerprint.name}, or give the address of another"
        )
    return RemoteEncoder(connection, description)


def _description_of(connection: EncoderConnection, patience: Patience) -> EncoderDescription:
    answer = connection.get(PATH_OF_ENCODER, patience)
    try:
        return EncoderDescription.from_dict(json.loads(answer))
    except (ValueError, KeyError, TypeError) as error:
        raise _garbled_answer(connection, "no description of an encoder") from error


def _garbled_answer(connection: EncoderConnection, why: str) -> EncoderUnavailable:
    return EncoderUnavailable(
        f"{connection.where} answers as no encoder of this pagesight does ({why}): is it of this version?"
    )
