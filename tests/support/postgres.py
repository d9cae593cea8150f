"""A PostgreSQL server of the tests' own, where the programs are installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import pytest

_USER = "pagesight"


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def running_server() -> Iterator[str]:
    """The URL of an empty server, without a database name. Skips the test where there is none."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: no initdb under /usr/lib/postgresql or on PATH")
    if find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed: pip install 'pagesight[postgres]'")
    account = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="pagesight-pg-"))
    if account is not None:
        shutil.chown(folder, account)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*words: str) -> None:
        # Into a file: the server keeps the standard output that it was started with.
        with (folder.parent / f"{folder.name}.log").open("ab") as log:
            subprocess.run(
                words, user=account, cwd="/", check=True, timeout=600, stdout=log, stderr=log
            )

    try:
        run(str(programs / "initdb"), "-N", "-A", "trust", "-U", _USER, "-D", f"{folder}/data")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -F"
        options += " -c max_wal_size=64MB -c min_wal_size=32MB"  # it may lie in memory
        run(str(programs / "pg_ctl"), "-D", f"{folder}/data", "-w", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://{_USER}@127.0.0.1:{port}"
        finally:
            run(str(programs / "pg_ctl"), "-D", f"{folder}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        (folder.parent / f"{folder.name}.log").unlink(missing_ok=True)


def new_database(server: str, like: str | None = None) -> str:
    """The URL of a new database on the server: empty, or a copy of the one with the URL `like`."""
    import psycopg

    name = f"test_{uuid4().hex}"
    address = server.replace("+psycopg", "") + "/postgres"
    with psycopg.connect(address, autocommit=True) as connection:
        template = "template1" if like is None else like.rpartition("/")[2]
        if like is not None:  # one that is in use cannot be copied
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                (template,),
            )
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return f"{server}/{name}"


def restart(server: str) -> None:
    """Restart the server at once, as after a crash: every connection breaks."""
    with stopped(server):
        pass


@contextmanager
def stopped(server: str) -> Iterator[None]:
    """Stop the server at once for the block: every connection breaks, and no new one is taken."""
    import psycopg

    with psycopg.connect(server.replace("+psycopg", "") + "/postgres") as connection:
        row = connection.execute(
            "SELECT current_setting('data_directory'), pg_read_file('postmaster.opts')"
        ).fetchone()
    assert row is not None
    _control(row[0], "-m", "immediate", "stop")
    try:
        yield
    finally:
        _control(row[0], "-o", row[1].partition(" ")[2], "start")


def _control(folder: str, *words: str) -> None:
    programs = _programs()
    assert programs is not None
    subprocess.run(
        [str(programs / "pg_ctl"), "-D", folder, "-w", *words],
        user="postgres" if os.geteuid() == 0 else None,
        cwd="/",
        check=True,
        timeout=300,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
