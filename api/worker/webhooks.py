"""Tell another service of every job that has ended: signed, repeated, never in a worker's way.

The body is JSON, `{"id": ..., "event": "job.ended", "job": {...}}`. `Pagesight-Delivery` repeats the id,
which is that of the event: the same at every receiver, at every try and when it is told again.
`Pagesight-Signature: t=SECONDS,v1=HEX` carries the HMAC-SHA256, under PAGESIGHT_WEBHOOK_SECRET, of the bytes
`SECONDS.BODY`. What is not delivered when the process ends is not delivered by itself: `GET /v1/jobs` is the
record, and `pagesight jobs replay` tells of its jobs again. docs/webhooks.md is for those who receive.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlsplit

import httpx2

from api.base.settings import Settings
from api.schemas.jobs import job_body
from indexer.base.periodic_task import PeriodicTask
from indexer.catalog.jobs.records import Job

SIGNATURE = "Pagesight-Signature"
DELIVERY = "Pagesight-Delivery"
DELAYS_S = (1.0, 5.0, 25.0, 125.0)  # between the tries
MAX_WAITING = 1000
_TIMEOUT_S = 10.0
_LOOK_S = 1.0  # a new delivery is looked at while an older one waits for its next try
GIVE_UP_S = 3600.0

_log = logging.getLogger("pagesight.webhooks")


def signature(secret: str, moment: int, body: bytes) -> str:
    """Return the value of the signature header."""
    code = hmac.new(secret.encode(), b"%d." % moment + body, hashlib.sha256)
    return f"t={moment},v1={code.hexdigest()}"


def event_id(job: Job) -> str:
    """Return the id of the end of a job; a job that is retried ends again, under another."""
    return hashlib.sha256(f"{job.id} {job.ended_at}".encode()).hexdigest()[:32]


@dataclass(slots=True)
class _Delivery:
    """The end of one job on its way. Times by the monotonic clock."""

    id: str
    job_id: str
    body: bytes
    since: float
    n_refusals: int = 0
    not_before: float = 0.0


class WebhookTarget:
    """Delivers to one address in a thread of its own; what it does not take waits beside the others.

    A delivery that the receiver refuses is tried again later, five times in all, and holds up no other one. A
    receiver that does not answer at all holds up all of them, and is asked again with the oldest; none is
    given up for that until it is GIVE_UP_S old. What is given up, and what comes while MAX_WAITING wait, has
    a line in the log. `n_ended` counts by end.
    """

    def __init__(self, url: str, secret: str | None) -> None:
        self._url = url
        self._host = urlsplit(url).hostname  # all that a log is told: the rest may be a secret
        self._secret = secret
        self._lock = Lock()
        self._waiting: list[_Delivery] = []
        self._n_silences = 0  # since the receiver last answered
        self._silent_until = 0.0
        self.n_ended: Counter[str] = Counter()
        self._client = httpx2.Client(timeout=_TIMEOUT_S, follow_redirects=False)
        self._task = PeriodicTask(
            None, self._deliver_all, name="webhooks", on_end=self._deliver_rest
        )
        self._task.start()

    @property
    def n_waiting(self) -> int:
        return len(self._waiting)

    def tell(self, job: Job) -> None:
        """Queue the end of a job. Returns at once."""
        number = event_id(job)
        body = {"id": number, "event": "job.ended", "job": job_body(job).model_dump(mode="json")}
        delivery = _Delivery(number, job.id, json.dumps(body).encode(), time.monotonic())
        with self._lock:
            if is_full := len(self._waiting) >= MAX_WAITING:
                self._end(delivery, "dropped", f"{MAX_WAITING} others wait")
            else:
                self._waiting.append(delivery)
        if not is_full:
            self._task.wake()

    def stop(self) -> None:
        """Begin to deliver what waits, each with one try."""
        self._task.stop()

    def join(self) -> None:
        """Wait a few seconds for what `stop` began."""
        self._task.join(_TIMEOUT_S)

    def _deliver_rest(self) -> None:
        while self._waiting and self._try(self._waiting[0], is_last=True):
            pass
        self._client.close()
        for delivery in self._waiting:
            self._end(delivery, "given_up", "the process ends")

    def _deliver_all(self) -> None:
        while self._waiting and not self._task.stopping:
            now = time.monotonic()
            with self._lock:
                delivery = min(self._waiting, key=lambda delivery: delivery.not_before)
            wait_s = max(delivery.not_before, self._silent_until) - now
            if wait_s > 0:
                self._task.pause(min(wait_s, _LOOK_S))
            else:
                self._try(delivery, is_last=now - delivery.since > GIVE_UP_S)

    def _try(self, delivery: _Delivery, *, is_last: bool) -> bool:
        """Return whether the receiver answered."""
        now = time.monotonic()
        try:
            fault = self._post(delivery)
            self._n_silences = 0
        except httpx2.HTTPError as error:
            self._silent_until = now + DELAYS_S[min(self._n_silences, len(DELAYS_S) - 1)]
            self._n_silences += 1
            if is_last:
                self._remove(delivery, "given_up", str(error) or type(error).__name__)
            return False
        if not fault:
            self._remove(delivery, "told")
        elif is_last or delivery.n_refusals == len(DELAYS_S):
            self._remove(delivery, "given_up", fault)
        else:
            delivery.not_before = now + DELAYS_S[delivery.n_refusals]
            delivery.n_refusals += 1
        return True

    def _remove(self, delivery: _Delivery, end: str, fault: str = "") -> None:
        with self._lock:
            self._waiting.remove(delivery)
        self._end(delivery, end, fault)

    def _end(self, delivery: _Delivery, end: str, fault: str = "") -> None:
        self.n_ended[end] += 1
        if fault:
            _log.error(
                "the end of job %s could not be told to %s: %s", delivery.job_id, self._host, fault
            )

    def _post(self, delivery: _Delivery) -> str:
        """Return what was wrong with it; empty when it was taken. Raises httpx2.HTTPError."""
        body = delivery.body
        headers = {
            "Content-Type": "application/json", "User-Agent": "pagesight", DELIVERY: delivery.id,
        }  # fmt: skip
        if self._secret is not None:
            headers[SIGNATURE] = signature(self._secret, int(time.time()), body)
        answer = self._client.post(self._url, content=body, headers=headers)
        return "" if answer.is_success else f"it answered {answer.status_code}"


class Webhooks:
    """Tells every receiver; none of them waits for another."""

    def __init__(self, urls: Sequence[str], secret: str | None) -> None:
        self._targets = [WebhookTarget(url, secret) for url in urls]

    @property
    def n_waiting(self) -> int:
        return sum(target.n_waiting for target in self._targets)

    @property
    def n_ended(self) -> Counter[str]:
        """How many deliveries came to which end."""
        return sum((target.n_ended for target in self._targets), Counter())

    def tell(self, job: Job) -> None:
        """Queue the end of a job for every receiver. Returns at once."""
        for target in self._targets:
            target.tell(job)

    def close(self) -> None:
        """Deliver what waits, each with one try, for a few seconds."""
        for target in self._targets:
            target.stop()
        for target in self._targets:
            target.join()


def webhooks_of(settings: Settings) -> Webhooks | None:
    """Begin to deliver where the settings name receivers; None: nobody asked."""
    if not settings.webhook_urls:
        return None
    secret = settings.webhook_secret
    return Webhooks(settings.webhook_urls, secret.get_secret_value() if secret else None)
