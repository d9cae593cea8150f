"""`make pin-images` writes the digests that Docker names, all of them or none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.pin_images import images_in, pinned
from tests.conftest import ROOT

FILES = [ROOT / "Dockerfile", ROOT / "docker-compose.yml"]
# As Docker answers: a digest made of the image's name, and no answer for one that it does not know.
_DOCKER = """#!/bin/sh
case "$4" in *absent*) echo "$4: not found" >&2; exit 1;; esac
printf 'sha256:%s\\n' "$(printf %s "$4" | sha256sum | cut -c1-64)"
"""


def run(folder: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    docker = folder / "docker"
    docker.write_text(_DOCKER)
    docker.chmod(0o755)
    return subprocess.run(
        [sys.executable, ROOT / "deploy" / "pin_images.py", *files],
        env=os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_image_of_the_files_gets_its_digest_and_a_second_run_changes_nothing(
    tmp_path: Path,
) -> None:
    copies = [tmp_path / file.name for file in FILES]
    for file, copy in zip(FILES, copies, strict=True):
        copy.write_text(file.read_text())
    ran = run(tmp_path, *copies)
    assert ran.returncode == 0, ran.stderr
    named = {image for file in FILES for image in images_in(file.read_text())}
    assert len(named) >= 8 and len(ran.stdout.splitlines()) == len(named)
    for file, copy in zip(FILES, copies, strict=True):
        images = images_in(copy.read_text())
        assert images == images_in(file.read_text())
        assert copy.read_text().count("@sha256:") == len(images)
        assert pinned(copy.read_text(), {}) == copy.read_text()
    first_texts = [copy.read_text() for copy in copies]
    assert run(tmp_path, *copies).returncode == 0
    assert [copy.read_text() for copy in copies] == first_texts


@pytest.mark.parametrize("line", ["image: pagesight:0.2.0", "build: .", "FROM build"])
def test_what_is_built_here_has_no_digest(line: str) -> None:
    assert images_in(line) == []


def test_one_image_that_is_not_found_leaves_all_files_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "compose.yml"
    path.write_text("  image: nginx:1.28\n  image: absent:1\n")
    ran = run(tmp_path, path)
    assert ran.returncode == 1 and "absent:1" in ran.stderr
    assert path.read_text() == "  image: nginx:1.28\n  image: absent:1\n"
