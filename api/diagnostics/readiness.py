"""What /readyz and `pagesight status` look at: whether each part can do its work now."""

from __future__ import annotations

import os
import shutil
from enum import StrEnum

from pydantic import BaseModel

from api.services.wiring import Services
from indexer.base.errors import PagesightError
from indexer.encoders.remote.encoder import RemoteEncoder
from indexer.encoders.remote.vllm_encoder import VllmEncoder
from retriever.scoring.kernels import kernel_name

LITTLE_DISK_BYTES = 1_000_000_000
STUCK_S = 300.0  # a job that nobody takes for this long has no worker


class State(StrEnum):
    """`degraded`: questions are answered, something else is not well. `failed`: they are not."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"


class CheckBody(BaseModel):
    """One part, and what there is to say about it in one line."""

    name: str
    state: State
    detail: str


def checks(services: Services, *, worker_alive: bool | None = None) -> list[CheckBody]:
    """Every check. It may take seconds where a server does not answer.

    worker_alive  of the worker inside this process; None where there is none
    """
    return [
        _catalog(services),
        _disk(services),
        _damage(services),
        _encoder(services),
        _generator(services),
        _kernels(),
        _worker(services, worker_alive),
    ]


def worst(checks_made: list[CheckBody]) -> State:
    states = {check.state for check in checks_made}
    return next(state for state in (State.FAILED, State.DEGRADED, State.OK) if state in states)


def _catalog(services: Services) -> CheckBody:
    try:
        if services.database.is_migrated():
            services.pairing.require()
            return _ok("catalog", "answers, its schema is up to date")
    except PagesightError as error:
        return _bad("catalog", State.FAILED, str(error))
    return _bad("catalog", State.FAILED, "its schema is another pagesight's: restart this one")


def _disk(services: Services) -> CheckBody:
    root = services.stores.folder.root
    try:
        free = shutil.disk_usage(root).free
    except OSError as error:
        return _bad("disk", State.FAILED, f"the data folder cannot be read: {error.strerror}")
    if reason := services.stores.folder.space.read_only_reason():
        return _bad("disk", State.DEGRADED, f"read-only: {reason}")
    state = f"{free / 1e9:.1f} GB free"
    if not os.access(root, os.W_OK):
        return _bad("disk", State.DEGRADED, "the data folder cannot be written")
    if free < LITTLE_DISK_BYTES:
        return _bad("disk", State.DEGRADED, f"{state}: uploads will soon be refused")
    return _ok("disk", state)


def _damage(services: Services) -> CheckBody:
    """What is damaged is left out of answers."""
    damage_list = services.stores.damage.entries()
    if not damage_list:
        return _ok("files", "no damage is known")
    first = damage_list[0]
    return _bad("files", State.DEGRADED, f"{len(damage_list)} damaged, the first: {first.message}")


def _encoder(services: Services) -> CheckBody:
    name = services.settings.encoder
    try:
        if services.settings.encoder_url:
            encoder = services.encoder.get()
            if isinstance(encoder, RemoteEncoder | VllmEncoder):
                encoder.require()
            return _ok("encoder", f"{name}, answers at {services.settings.encoder_url}")
        if services.encoder.loaded:
            return _ok("encoder", f"{name}, loaded")
        _ = services.encoder.fingerprint
    except PagesightError as error:
        return _bad("encoder", State.FAILED, str(error))
    return _ok("encoder", f"{name}, loaded by the first request that needs it")


def _generator(services: Services) -> CheckBody:
    """Without it pages are still found."""
    if reason := services.answerer.unavailable_reason():
        return _bad("generator", State.DEGRADED, reason)
    return _ok("generator", services.settings.generator)


def _kernels() -> CheckBody:
    name = kernel_name()
    if name == "torch":
        return _bad("kernels", State.DEGRADED, "torch: no C kernel was built, searches are slow")
    return _ok("kernels", name)


def _worker(services: Services, alive: bool | None) -> CheckBody:
    try:
        load = services.queue.load()
    except PagesightError as error:
        return _bad("worker", State.DEGRADED, str(error))
    waits_s = load.oldest_waiting_s or 0.0
    state = f"{load.n_queued} jobs queued, {load.n_running} running"
    state += f", the oldest waits for {waits_s:.0f} s" if load.n_queued else ""
    if alive is False:
        return _bad("worker", State.DEGRADED, f"the embedded worker has ended: restart; {state}")
    if load.n_queued and not load.n_running and waits_s > STUCK_S:
        return _bad("worker", State.DEGRADED, f"no worker takes them: {state}")
    return _ok("worker", state)


def _ok(name: str, detail: str) -> CheckBody:
    return CheckBody(name=name, state=State.OK, detail=detail)


def _bad(name: str, state: State, detail: str) -> CheckBody:
    return CheckBody(name=name, state=state, detail=detail)
