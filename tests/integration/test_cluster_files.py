"""The compose file and the Kubernetes manifests: they name settings, commands and files that there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from api.base.settings import PREFIX, Settings
from api.cli.encoder import encoder as encoder_command
from api.cli.main import app as cli
from tests.conftest import ROOT

yaml = pytest.importorskip("yaml")
DEPLOY = ROOT / "deploy"
CLUSTER = DEPLOY / "compose" / "cluster.yml"
GPU = DEPLOY / "compose" / "gpu.yml"
COMPOSE_FILES = [ROOT / "docker-compose.yml", GPU, CLUSTER]
SETTINGS = {PREFIX + name.upper() for name in Settings.model_fields}
COMMANDS = {row.name for row in cli.registered_commands}


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def mappings(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping in what a file says."""
    if isinstance(value, dict):
        yield value
    for part in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from mappings(part)


@pytest.mark.parametrize("path", COMPOSE_FILES, ids=lambda path: path.name)
def test_a_compose_file_names_settings_files_and_services_that_there_are(path: Path) -> None:
    (content,) = documents(path)
    services, example = content["services"], (CLUSTER.parent / "cluster.env.example").read_text()
    for name, service in services.items():
        environment = service.get("environment", {})
        assert {key for key in environment if key.startswith(PREFIX)} <= SETTINGS, name
        settings_in(environment)
        assert set(service.get("depends_on", ())) <= services.keys(), name
        command = service.get("command", [])
        assert command[:1] != ["pagesight"] or command[1] in COMMANDS, name
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            if source.startswith("."):
                assert (path.parent / source).is_file(), volume
            else:
                assert source in content["volumes"], volume
    for variable in set(re.findall(r"\$\{(\w+):\?\}", path.read_text(encoding="utf-8"))):
        assert f"\n{variable}=" in example, variable
    used = {volume.partition(":")[0] for s in services.values() for volume in s.get("volumes", ())}
    assert content["volumes"].keys() <= used


def settings_in(environment: dict[str, str]) -> Settings:
    """Return the settings of a container; none of them may be refused."""
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        **{
            name.removeprefix(PREFIX).lower(): re.sub(r"\$\{\w+:\?\}", "x", value)
            for name, value in environment.items()
            if name.startswith(PREFIX)
        },
    )


@pytest.mark.parametrize("path", [CLUSTER, GPU], ids=lambda path: path.name)
def test_processes_ask_the_encoder_of_their_own_file(path: Path) -> None:
    (content,) = documents(path)
    services = content["services"]
    encoder = settings_in(services["encoder"]["environment"])
    command = services["encoder"]["command"]
    port = signature(encoder_command).parameters["port"].default
    assert command == ["pagesight", "encoder"] and encoder.encoder_url is None
    processes = [s for s in services.values() if s.get("build") and s.get("command") != command]
    for environment in (process["environment"] for process in processes):
        settings = settings_in(environment)
        assert settings.encoder_url == f"http://encoder:{port}"
        assert (settings.encoder, settings.encoder_key) == (encoder.encoder, encoder.encoder_key)


def test_the_manifests_name_settings_and_commands_and_fit_together() -> None:
    resources = documents(DEPLOY / "kubernetes" / "pagesight.yaml")
    names = {(resource["kind"], resource["metadata"]["name"]) for resource in resources}
    assert len(names) == len(resources)
    (config,) = [resource for resource in resources if resource["kind"] == "ConfigMap"]
    assert config["data"].keys() <= SETTINGS
    for resource in resources:
        if resource["kind"] != "Deployment":
            continue
        labels = resource["spec"]["template"]["metadata"]["labels"]
        assert resource["spec"]["selector"]["matchLabels"] == labels
        pod = resource["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert container["args"][0] == "pagesight" and container["args"][1] in COMMANDS
        assert container["securityContext"]["readOnlyRootFilesystem"]
        mounts = {mount["name"] for mount in container["volumeMounts"]}
        assert mounts == {volume["name"] for volume in pod["volumes"]}
        ports = {port["name"] for port in container.get("ports", ())}
        probed = {probe["port"] for part in mappings(container) if (probe := part.get("httpGet"))}
        assert probed <= ports
    apps = {r["metadata"]["name"] for r in resources if r["kind"] == "Deployment"}
    for service in (resource for resource in resources if resource["kind"] == "Service"):
        assert service["spec"]["selector"]["app"] in apps
    encoder = config["data"]["PAGESIGHT_ENCODER_URL"]
    assert ("Service", encoder.removeprefix("http://").partition(":")[0]) in names
