"""`pagesight models get` from a hub on a real socket: ranges, broken connections, wrong files, full disks."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from generator.backends.gguf import download
from generator.backends.gguf.catalogue import CATALOGUE, CatalogueModel
from generator.backends.gguf.download import Downloader
from generator.errors import DownloadFailed
from indexer.base.errors import DataFolderBusy, StorageError
from tests.conftest import ROOT
from tests.support.model_hub import (
    CONTENT,
    FILE,
    Exchange,
    hangs_up,
    part,
    serving,
    status,
    whole,
)

PART = "m.gguf.part"
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_PAUSE_S", 0.0)


def test_a_file_comes_whole_and_its_progress_is_told(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    with serving(part()) as hub:
        downloader = Downloader(tmp_path / "models", hub.address)
        path = downloader.get(FILE, lambda n, total: seen.append((n, total)))
    assert path.read_bytes() == CONTENT
    assert downloader.has(FILE)
    assert hub.paths == [f"/owner/model/resolve/{'a' * 40}/m.gguf"]
    assert seen[0] == (0, len(CONTENT))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen == sorted(seen)
    assert not (tmp_path / "models" / PART).exists()


def test_a_broken_connection_goes_on_where_it_broke(tmp_path: Path) -> None:
    with serving(part(n_bytes=1_000_000), hangs_up, part(n_bytes=500_000), part()) as hub:
        path = Downloader(tmp_path, hub.address).get(FILE)
    assert path.read_bytes() == CONTENT
    begins = [int(asked[6:-1]) for asked in hub.ranges]
    assert begins[0] == 0
    assert begins == sorted(begins)
    assert 0 < begins[-1] < len(CONTENT)


def test_a_hub_that_is_gone_keeps_what_came_and_the_next_call_goes_on(tmp_path: Path) -> None:
    with (
        serving(part(n_bytes=1_000_000), hangs_up) as hub,
        pytest.raises(DownloadFailed, match="are kept: the same command goes on"),
    ):
        Downloader(tmp_path, hub.address).get(FILE)
    n_kept = (tmp_path / PART).stat().st_size
    assert 0 < n_kept <= 1_000_000
    assert not (tmp_path / "m.gguf").exists()
    with serving(part()) as hub:
        assert Downloader(tmp_path, hub.address).get(FILE).read_bytes() == CONTENT
    assert hub.ranges == [f"bytes={n_kept}-"]


def test_a_hub_without_ranges_sends_all_of_it_again(tmp_path: Path) -> None:
    (tmp_path / PART).write_bytes(CONTENT[:1000])
    with serving(whole()) as hub:
        assert Downloader(tmp_path, hub.address).get(FILE).read_bytes() == CONTENT


def test_a_redirect_is_followed_with_the_range(tmp_path: Path) -> None:
    (tmp_path / PART).write_bytes(CONTENT[:1000])
    with serving(part()) as store, serving(status(302, location=f"{store.address}/x")) as hub:
        assert Downloader(tmp_path, hub.address).get(FILE).read_bytes() == CONTENT
    assert store.ranges == ["bytes=1000-"]


def test_what_was_whole_already_is_only_compared(tmp_path: Path) -> None:
    (tmp_path / PART).write_bytes(CONTENT)
    with serving(hangs_up) as hub:
        downloader = Downloader(tmp_path, hub.address)
        assert downloader.get(FILE) == downloader.get(FILE)
    assert hub.ranges == []


@pytest.mark.parametrize(
    "sent",
    [part(b"x" * len(CONTENT)), whole(b"x" * len(CONTENT))],
    ids=["in parts", "whole"],
)
def test_a_file_with_another_hash_is_removed(tmp_path: Path, sent: object) -> None:
    with (
        serving(sent) as hub,  # type: ignore[arg-type]
        pytest.raises(DownloadFailed, match="SHA-256 is another"),
    ):
        Downloader(tmp_path, hub.address).get(FILE)
    assert not (tmp_path / PART).exists()
    assert not (tmp_path / "m.gguf").exists()


def test_damage_in_what_was_kept_is_seen_and_the_next_try_begins_anew(tmp_path: Path) -> None:
    (tmp_path / PART).write_bytes(b"x" * 1000)
    with serving(part()) as hub:
        with pytest.raises(DownloadFailed, match="SHA-256"):
            Downloader(tmp_path, hub.address).get(FILE)
        assert Downloader(tmp_path, hub.address).get(FILE).read_bytes() == CONTENT


def test_more_than_the_catalogue_s_bytes_are_refused(tmp_path: Path) -> None:
    with (
        serving(whole(CONTENT + b"more" * 500_000)) as hub,
        pytest.raises(DownloadFailed, match=r"more for m\.gguf than"),
    ):
        Downloader(tmp_path, hub.address).get(FILE)
    assert not (tmp_path / "m.gguf").exists()


@pytest.mark.parametrize("code", [401, 403, 404, 500, 503])
def test_a_refusal_says_its_status(tmp_path: Path, code: int) -> None:
    with (
        serving(status(code)) as hub,
        pytest.raises(DownloadFailed, match=f"status {code}"),
    ):
        Downloader(tmp_path, hub.address).get(FILE)


def test_another_part_than_was_asked_for_is_not_appended(tmp_path: Path) -> None:
    (tmp_path / PART).write_bytes(CONTENT[:1000])

    def from_the_start(exchange: Exchange) -> None:
        exchange.answer(206, {"content-range": f"bytes 0-9/{len(CONTENT)}"}, CONTENT[:10])

    with serving(from_the_start) as hub, pytest.raises(DownloadFailed, match="another part"):
        Downloader(tmp_path, hub.address).get(FILE)


def test_a_file_of_that_name_with_another_content_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"mine")
    with serving(part()) as hub, pytest.raises(DownloadFailed, match="move it away"):
        Downloader(tmp_path, hub.address).get(FILE)
    assert (tmp_path / "m.gguf").read_bytes() == b"mine"


def test_too_little_room_is_seen_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = len(CONTENT) - 1001
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: Usage(0, 0, free))
    (tmp_path / PART).write_bytes(CONTENT[:1000])
    with serving(part()) as hub:
        with pytest.raises(DownloadFailed, match="GB are free"):
            Downloader(tmp_path, hub.address).get(FILE)
        assert hub.ranges == []
        monkeypatch.setattr(download.shutil, "disk_usage", lambda _: Usage(0, 0, free + 1))
        Downloader(tmp_path, hub.address).get(FILE)


def test_a_disk_that_fills_up_meanwhile_is_an_error_and_keeps_what_came(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: the write itself fails."""
    code = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from generator.backends.gguf.download import Downloader\n"
        "from tests.support.model_hub import FILE\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))\n"
        "try: Downloader(Path(sys.argv[1]), sys.argv[2]).get(FILE)\n"
        "except Exception as error: print(type(error).__mro__[-4].__name__, error)"
    )
    with serving(part()) as hub:
        run = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path), hub.address],
            capture_output=True, text=True, cwd=ROOT, check=False,
        )  # fmt: skip
        assert "m.gguf" in run.stdout
        assert "Traceback" not in run.stderr
        assert 0 < (tmp_path / PART).stat().st_size <= 1_500_000
        assert Downloader(tmp_path, hub.address).get(FILE).read_bytes() == CONTENT


def test_a_folder_that_cannot_be_made_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with serving(part()) as hub, pytest.raises(StorageError):
        Downloader(tmp_path / "file" / "models", hub.address).get(FILE)


def test_two_downloads_of_one_file_do_not_write_at_once(tmp_path: Path) -> None:
    fd = os.open(tmp_path / "m.gguf.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(fd, fcntl.LOCK_EX)
    with serving(part()) as hub, pytest.raises(DataFolderBusy, match="another process"):
        Downloader(tmp_path, hub.address).get(FILE)
    os.close(fd)


def test_the_command_shows_licence_and_place_and_how_to_do_it_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = CatalogueModel("small", "a model", "Apache-2.0", FILE)
    monkeypatch.setitem(CATALOGUE, "small", model)
    with serving(part()) as hub:
        env = {"PAGESIGHT_DATA_DIR": str(tmp_path), "PAGESIGHT_MODELS_URL": hub.address}
        run = CliRunner().invoke(app, ["models", "get", "small"], env=env)
        listing = CliRunner().invoke(app, ["models", "--json"], env=env)
        (tmp_path / "models" / "m.gguf").unlink()
        hub.behaviours[:] = [status(404)]
        failure = CliRunner().invoke(app, ["models", "get", "small"], env=env)
    assert run.exit_code == 0
    assert "licence Apache-2.0" in run.stderr
    assert "PAGESIGHT_GGUF=small" in run.stdout
    rows = {row["name"]: row for row in json.loads(listing.stdout)["gguf"]}
    assert rows["small"]["files"][0]["is_here"]
    assert not rows["qwen3-4b"]["files"][0]["is_here"]
    seeing, reading = (rows[name]["answer_cpu_s"] for name in ("qwen3-vl-2b", "qwen2.5-1.5b"))
    assert 4 * reading < seeing, "two page images are read, too"
    assert all(row["memory_bytes"] > row["size_bytes"] for row in rows.values())
    assert isinstance(failure.exception, DownloadFailed)
    assert FILE.sha256 in failure.stderr
    assert f"copy to {tmp_path}/models" in failure.stderr
