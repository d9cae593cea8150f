"""The containers of the compose file that hold pagesight, as processes, with their health checks.

Each has a user without rights, its volume as a folder of its own, and a port of its own; the names of the
other containers in its settings become addresses of this machine.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from string import Template
from typing import Any

import yaml

from tests.conftest import ROOT
from tests.smoke.images.image_folder import ImageFolder
from tests.support.served_process import free_port

_NOBODY = 65534
_HEALTHY_WITHIN_S = 600.0


class Container:
    """One service of the compose file, with the image that `ImageFolder` made."""

    def __init__(self, name: str, service: Mapping[str, Any], image: ImageFolder) -> None:
        self.name = name
        self._service = service
        self._image = image
        self.port = free_port()
        self.data = image.root / "volumes" / name
        self.data.mkdir(parents=True)
        os.chown(self.data, _NOBODY, _NOBODY)

    @property
    def inner_port(self) -> int:
        return 8100 if self._command[1:2] == ["encoder"] else 8000

    @property
    def _command(self) -> list[str]:
        command: list[str] = self._service.get("command", self._image.command)
        return command

    @contextmanager
    def running(self, places: Mapping[str, str]) -> Iterator[str]:
        """Start it and wait until its health check says so; yields its address."""
        log = self.data.parent / f"{self.name}.log"
        command, names = [*self._command], self._environment(places)
        if command[1:2] != ["worker"]:
            command += ["--port", str(self.port)]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [self._image.programs / command[0], *command[1:]],
                cwd=self._image.stage / "app", env=names, user=_NOBODY, group=_NOBODY,
                extra_groups=[], stdout=output, stderr=output,
            )  # fmt: skip
        try:
            self._wait(process, names, log)
            yield f"http://127.0.0.1:{self.port}"
        finally:
            process.terminate()
            process.wait(120)

    def _environment(self, places: Mapping[str, str]) -> dict[str, str]:
        names = {"PATH": f"{self._image.programs}:/usr/bin:/bin", "HOME": str(self.data)}
        if (env_file := self._service.get("env_file")) is not None:
            names |= _secrets_of(ROOT / f"{env_file}.example")
        for name, value in self._service.get("environment", {}).items():
            names[name] = value.replace("/data", str(self.data), value.startswith("/data"))
        return names | places

    def _wait(self, process: subprocess.Popen[bytes], names: dict[str, str], log: Path) -> None:
        check = self._service.get("healthcheck")
        if check is None:  # a worker: it is as well as its process
            return
        program, *words = check["test"][1:]
        words = [word.replace(f":{self.inner_port}/", f":{self.port}/") for word in words]
        began = time.monotonic()
        while time.monotonic() - began < _HEALTHY_WITHIN_S:
            assert process.poll() is None, log.read_text()[-2000:]
            ran = subprocess.run(
                [self._image.programs / program, *words], env=names, user=_NOBODY,
                capture_output=True, check=False,
            )  # fmt: skip
            if ran.returncode == 0:
                return
            time.sleep(1)
        raise AssertionError(f"{self.name} is not healthy: {log.read_text()[-2000:]}")


def containers_of(profile: str, image: ImageFolder) -> dict[str, Container]:
    """Return those services of a profile of docker-compose.yml that are built from the Dockerfile."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    return {
        name: Container(name, service, image)
        for name, service in services.items()
        if "build" in service and profile in service["profiles"]
    }


def _secrets_of(env_file: Path) -> dict[str, str]:
    secrets: dict[str, str] = {}
    for line in env_file.read_text(encoding="utf-8").splitlines():
        name, is_set, value = line.partition("=")
        if is_set and not name.startswith("#"):
            secrets[name] = Template(value).substitute(secrets)
    return secrets
