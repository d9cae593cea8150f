"""Tells another service of every job that has ended: signed, repeated, never in a worker's way.

The body is JSON, `{"event": "job.ended", "job": {...}}`. `Pagesight-Signature: t=SECONDS,v1=HEX` carries
the HMAC-SHA256, under PAGESIGHT_WEBHOOK_SECRET, of the bytes `SECONDS.BODY`. What is not delivered when
the process ends is not delivered at all: `GET /v1/jobs` is the record.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable
from queue import Empty, Full, Queue
from threading import Event, Thread
from urllib.parse import urlsplit

import httpx2

from api.schemas import job_body
from indexer.catalog.job_records import Job

SIGNATURE = "Pagesight-Signature"
DELAYS_S = (1.0, 5.0, 25.0, 125.0)  # between the five tries
MAX_WAITING = 1000
_TIMEOUT_S = 10.0

_log = logging.getLogger("pagesight.webhooks")


def signature(secret: str, moment: int, body: bytes) -> str:
    """The value of the signature header."""
    made = hmac.new(secret.encode(), b"%d." % moment + body, hashlib.sha256)
    return f"t={moment},v1={made.hexdigest()}"


class Webhooks:
    """Delivers in a thread of its own, one after another. Beyond MAX_WAITING, new ones are dropped."""

    def __init__(self, url: str, secret: str | None) -> None:
        self._url = url
        self._host = urlsplit(url).hostname  # all that a log is told: the rest may be a secret
        self._secret = secret
        self._waiting: Queue[bytes] = Queue(MAX_WAITING)
        self._stop = Event()
        self._thread = Thread(target=self._deliver_all, name="webhooks", daemon=True)
        self._thread.start()

    def tell(self, job: Job) -> None:
        """Returns at once."""
        body = {"event": "job.ended", "job": job_body(job).model_dump(mode="json")}
        try:
            self._waiting.put_nowait(json.dumps(body).encode())
        except Full:
            _log.error("%s is too slow: the end of %s is not told", self._host, job.id)

    def close(self) -> None:
        """Deliver what waits, each with one try, for a few seconds."""
        self._stop.set()
        self._thread.join(_TIMEOUT_S)

    def _deliver_all(self) -> None:
        with httpx2.Client(timeout=_TIMEOUT_S, follow_redirects=False) as client:
            while True:
                try:
                    body = self._waiting.get(timeout=0.2)
                except Empty:
                    if self._stop.is_set():
                        return
                    continue
                self._deliver(lambda: self._post(client, body))  # noqa: B023 - called before the next

    def _deliver(self, post: Callable[[], str]) -> None:
        for delay_s in (*DELAYS_S, None):
            fault = post()
            if not fault:
                return
            if delay_s is None or self._stop.is_set():
                break
            self._stop.wait(delay_s)
        _log.error("the end of a job could not be told to %s: %s", self._host, fault)

    def _post(self, client: httpx2.Client, body: bytes) -> str:
        """What went wrong; empty when it was taken."""
        headers = {"Content-Type": "application/json", "User-Agent": "pagesight"}
        if self._secret is not None:
            headers[SIGNATURE] = signature(self._secret, int(time.time()), body)
        try:
            answer = client.post(self._url, content=body, headers=headers)
        except httpx2.HTTPError as error:
            return str(error) or type(error).__name__
        return "" if answer.is_success else f"it answered {answer.status_code}"
