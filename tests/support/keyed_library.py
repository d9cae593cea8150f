"""The small library with a key for every role, and everything that may be asked for by id."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from api.services.authorization import Caller
from api.services.keys import ApiKey, Keys, Scope
from api.services.wiring import Services
from api.worker.worker import Worker
from indexer.inputs.sources import Source
from tests.builders import BODY_TOP_PT, fake_services, write_pdf
from tests.support.small_library import folder_of_process, library

A, B = "manuals", "garden"
WORDS = {A: ["housing", "Pump manual", "45 Nm"], B: ["pruned", "roses"]}  # of one and not the other
_OF_SOME = (Scope.READ, Scope.WRITE, Scope.ADMIN)  # of keys that may be bound to collections
QUESTIONS = {A: "How tight must the housing bolts be?", B: "When are roses pruned?"}


@dataclass(frozen=True, slots=True)
class Role:
    """A way to call; `reach` None: every collection. `scope` None: nothing is allowed."""

    name: str
    text: str | None
    scope: Scope | None = None
    reach: tuple[str, ...] | None = None
    key: ApiKey | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.text is None else {"Authorization": f"Bearer {self.text}"}

    def reaches(self, collection: str) -> bool:
        return self.may(Scope.READ) and (self.reach is None or collection in self.reach)

    def may(self, need: Scope) -> bool:
        return self.scope is not None and self.scope.includes(need)


@dataclass(frozen=True, slots=True)
class Things:
    """Ids of what lies in one collection, and the words that nobody else may read."""

    document_id: str
    job_id: str
    page_id: int
    conversation_id: str
    message_id: str
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyedLibrary:
    services: Services
    roles: Mapping[str, Role]
    things: Mapping[str, Things]


def keyed_library(folder: Path) -> KeyedLibrary:
    """`manuals` and `garden`, each with a job that has ended and a talk that its reader began.

    A test process makes them once: this is a copy of the folder.
    """
    template = _template()
    shutil.copytree(template.services.settings.data_dir.parent, folder, dirs_exist_ok=True)
    return replace(template, services=fake_services(folder / "data", embedded_worker=False))


@cache
def _template() -> KeyedLibrary:
    folder = folder_of_process("keyed")
    services = library(folder, embedded_worker=False)
    roles = {role.name: role for role in _roles(services)}
    things = {name: _things(services, folder, name, roles[f"read {name}"]) for name in (A, B)}
    services.database.engine.dispose()  # what is in SQLite's log goes into its file
    return KeyedLibrary(services, roles, things)


def _roles(services: Services) -> list[Role]:
    def made(name: str, scope: Scope, *reach: str) -> Role:
        ids = services.ids_of(reach) if reach else None
        key, text = services.keys.create(name, scope, ids)
        return Role(name, text, scope, reach or None, key)

    past = datetime.now(UTC) - timedelta(days=2)
    earlier = Keys(services.stores.catalog._database, lambda: past)
    _, expired = earlier.create("expired", Scope.ADMIN, None, past + timedelta(days=1))
    revoked = made("revoked", Scope.ADMIN)
    assert revoked.key is not None
    services.keys.revoke(revoked.key.id)
    return [
        Role("no key", None),
        Role("bad key", f"ps_{'0' * 12}_{'0' * 32}"),
        Role("expired", expired),
        Role("revoked", revoked.text),
        *(made(f"{scope} {name}", scope, name) for name in (A, B) for scope in _OF_SOME),
        *(made(f"{scope} all", scope) for scope in Scope),
        made("read both", Scope.READ, A, B),
    ]


def _things(services: Services, folder: Path, name: str, reader: Role) -> Things:
    catalog = services.stores.catalog
    collection = catalog.collections.get(name)
    (document,) = catalog.documents.of_collection(collection.id)
    assert document.first_page_id is not None
    (job,) = services.intake.copy_in(collection, [Source(_more(folder, name), f"more-{name}.pdf")])
    Worker(services).run(drain=True)
    talk = Caller(services, reader.key).begin_conversation([name], f"about {name}")
    said = services.conversations.add_turn(talk.id, QUESTIONS[name], WORDS[name][0], {}, "")
    ids = (collection.id, document.id, job.id, talk.id, said.id, document.sha256)
    return Things(
        document.id, job.id, document.first_page_id, talk.id, said.id,
        (name, document.name, f"more-{name}.pdf", *ids, *WORDS[name]),
    )  # fmt: skip


def _more(folder: Path, name: str) -> Path:
    text = f"More of {name}: {WORDS[name][0]}."
    return write_pdf(folder / f"more-{name}.pdf", text, top_pt=BODY_TOP_PT)
