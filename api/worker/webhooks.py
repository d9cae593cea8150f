"""Tell another service of every job that has ended: signed, repeated, never in a worker's way.

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
from queue import Empty, Full, Queue
from urllib.parse import urlsplit

import httpx2

from api.schemas.jobs import job_body
from indexer.base.periodic_task import PeriodicTask
from indexer.catalog.jobs.records import Job

SIGNATURE = "Pagesight-Signature"
DELAYS_S = (1.0, 5.0, 25.0, 125.0)  # between the five tries
MAX_WAITING = 1000
_TIMEOUT_S = 10.0
_LOOK_S = 10.0  # what an error has left waiting is looked for again

_log = logging.getLogger("pagesight.webhooks")


def signature(secret: str, moment: int, body: bytes) -> str:
    """Return the value of the signature header."""
    code = hmac.new(secret.encode(), b"%d." % moment + body, hashlib.sha256)
    return f"t={moment},v1={code.hexdigest()}"


class Webhooks:
    """Delivers in a thread of its own, one after another. Beyond MAX_WAITING, new ones are dropped."""

    def __init__(self, url: str, secret: str | None) -> None:
        self._url = url
        self._host = urlsplit(url).hostname  # all that a log is told: the rest may be a secret
        self._secret = secret
        self._waiting: Queue[bytes] = Queue(MAX_WAITING)
        self._client = httpx2.Client(timeout=_TIMEOUT_S, follow_redirects=False)
        self._task = PeriodicTask(
            None, self._deliver_all, name="webhooks", on_end=self._deliver_rest
        )
        self._task.start()

    def tell(self, job: Job) -> None:
        """Queue the end of a job. Returns at once."""
        body = {"event": "job.ended", "job": job_body(job).model_dump(mode="json")}
        try:
            self._waiting.put_nowait(json.dumps(body).encode())
        except Full:
            _log.error("%s is too slow: the end of %s is not told", self._host, job.id)
        self._task.wake()

    def close(self) -> None:
        """Deliver what waits, each with one try, for a few seconds."""
        self._task.stop()
        self._task.join(_TIMEOUT_S)

    def _deliver_rest(self) -> None:
        with self._client:
            self._deliver_all()

    def _deliver_all(self) -> None:
        while True:
            try:
                body = self._waiting.get_nowait()
            except Empty:
                return
            self._deliver(body)

    def _deliver(self, body: bytes) -> None:
        for delay_s in (*DELAYS_S, None):
            fault = self._post(body)
            if not fault:
                return
            if delay_s is None or self._task.stopping:
                break
            self._task.pause(delay_s)
        _log.error("the end of a job could not be told to %s: %s", self._host, fault)

    def _post(self, body: bytes) -> str:
        """Return what went wrong; empty when it was taken."""
        headers = {"Content-Type": "application/json", "User-Agent": "pagesight"}
        if self._secret is not None:
            headers[SIGNATURE] = signature(self._secret, int(time.time()), body)
        try:
            answer = self._client.post(self._url, content=body, headers=headers)
        except httpx2.HTTPError as error:
            return str(error) or type(error).__name__
        return "" if answer.is_success else f"it answered {answer.status_code}"
