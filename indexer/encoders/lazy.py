"""An encoder that is loaded at its first use, and says whether it is.

It stands beside the encoders because ingest, search and service share one: each loads it when it comes first,
and none has to tell the others.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from indexer.base.lazy import Lazy
from indexer.encoders.base import EncoderFingerprint, PageEncoder


class LazyEncoder:
    """A PageEncoder that is not in memory yet. Safe to use from several threads.

    fingerprint    what the loaded encoder's will be, without loading it
    load           loads the encoder; raises EncoderUnavailable
    for_questions  returns the loaded encoder for those whom somebody waits for, where that makes a difference
    """

    def __init__(
        self,
        fingerprint: Callable[[], EncoderFingerprint],
        load: Callable[[], PageEncoder],
        for_questions: Callable[[], PageEncoder] | None = None,
    ) -> None:
        self._fingerprint = Lazy(fingerprint)
        self._encoder = Lazy(load)
        self._for_questions = for_questions
        self._callbacks: list[Callable[[], None]] = []
        self._lock = Lock()

    @property
    def fingerprint(self) -> EncoderFingerprint:
        """Loads no model, but may read a local checkpoint's files once. Raises EncoderUnavailable."""
        return self._fingerprint.get()

    @property
    def loaded(self) -> bool:
        """Whether the encoder is in memory. Never waits, also while another thread loads it."""
        return self._encoder.loaded

    def get(self) -> PageEncoder:
        """The encoder, loaded once; a load that failed is tried again. Raises EncoderUnavailable."""
        encoder = self._encoder.get()
        self._call_back()
        return encoder

    def for_questions(self) -> PageEncoder:
        """As `get`; what it returns gives up sooner, as somebody waits. Raises EncoderUnavailable."""
        encoder = self.get()
        return encoder if self._for_questions is None else self._for_questions()

    def when_loaded(self, callback: Callable[[], None]) -> None:
        """Call `callback` once, in the thread that loads the encoder; at once where it is loaded."""
        with self._lock:
            self._callbacks.append(callback)
        if self.loaded:
            self._call_back()

    def _call_back(self) -> None:
        if not self._callbacks:
            return
        with self._lock:
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()
