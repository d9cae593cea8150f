"""API keys from the command line, against a server in a process of its own."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from tests.acceptance.conftest import Cli, served
from tests.support.served_process import free_port
from tests.support.waiting import wait_until

FAKE = {"PAGESIGHT_ENCODER": "fake"}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_a_key_is_made_used_listed_and_revoked(cli: Cli, tmp_path: Path) -> None:
    for name in ("letters", "manuals"):
        cli("collections", "create", name, **FAKE)
    with served(tmp_path / "data", **FAKE) as address:
        assert httpx2.get(f"{address}/v1/collections").status_code == 200
        made = cli("keys", "create", "ann", "--scope", "read", "-c", "letters", **FAKE)
        key = made.out.strip()
        assert made.code == 0 and key.startswith("ps_") and len(made.out.splitlines()) == 1
        assert "shown this once" in made.err and "needs a key" in made.err
        wait_until(lambda: httpx2.get(f"{address}/v1/collections").status_code == 401)
        told = httpx2.get(f"{address}/v1/collections", headers=bearer(key))
        assert [one["name"] for one in told.json()["collections"]] == ["letters"]
        assert (
            httpx2.get(f"{address}/v1/collections/manuals", headers=bearer(key)).status_code == 404
        )
        (listed,) = cli("keys", "list", "--json", **FAKE).json["keys"]
        assert (listed["name"], listed["scope"], listed["collections"]) == (
            "ann",
            "read",
            ["letters"],
        )
        assert listed["last_used_at"] is not None
        assert key not in cli("keys", "list", **FAKE).out
        assert cli("keys", "revoke", listed["id"], **FAKE).code == 0
        assert httpx2.get(f"{address}/v1/collections", headers=bearer(key)).status_code == 401
    assert "revoked" in cli("keys", "list", **FAKE).out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("create", "x", "-c", "nowhere"), 1, "no collection 'nowhere'"),
        (("create", "x", "--expires-days", "0"), 2, "expired before it is made"),
        (("create", " "), 2, "1 to 200 characters"),
        (("create", "x", "--scope", "root"), 2, "root"),
        (("revoke", "nobody"), 1, "no key 'nobody'"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    cli: Cli, words: tuple[str, ...], code: int, said: str
) -> None:
    ran = cli("keys", *words, **FAKE)
    assert ran.code == code and said in ran.err and "Traceback" not in ran.err
    assert "no key yet" in cli("keys", "list", **FAKE).out


def test_without_a_key_only_this_machine_is_served(cli: Cli) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1"):
        refused = cli("serve", "--host", host, "--port", str(free_port()), **FAKE)
        assert refused.code == 1 and refused.err.count("\n") == 1
        assert "pagesight keys create" in refused.err and host in refused.err


def test_with_a_key_everybody_who_has_one_is_served(cli: Cli, tmp_path: Path) -> None:
    made = cli("keys", "create", "ops", "--scope", "admin", "--expires-days", "1", "--json", **FAKE)
    with served(tmp_path / "data", PAGESIGHT_HOST="0.0.0.0", **FAKE) as address:
        assert httpx2.get(f"{address}/v1/keys").status_code == 401
        headers = bearer(made.json["key"]) | {"Host": "pages.example.org"}
        assert httpx2.get(f"{address}/v1/keys", headers=headers).status_code == 200


def test_a_name_of_somebody_elses_is_refused_as_long_as_there_is_no_key(
    cli: Cli, tmp_path: Path
) -> None:
    with served(tmp_path / "data", **FAKE) as address:
        told = httpx2.get(f"{address}/v1/collections", headers={"Host": "evil.example"})
        assert (told.status_code, told.json()["error"]["code"]) == (421, "host_refused")
