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
COMPOSE = ROOT / "docker-compose.yml"
SECRETS = DEPLOY / "compose" / "cluster.env.example"
PROFILES = ("lite", "gpu", "cluster")
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


def services_of(profile: str) -> dict[str, dict[str, Any]]:
    """Return what a profile of the compose file starts."""
    (content,) = documents(COMPOSE)
    return {n: s for n, s in content["services"].items() if profile in s["profiles"]}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_names_settings_files_and_services_that_there_are(profile: str) -> None:
    (content,) = documents(COMPOSE)
    services = services_of(profile)
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
                assert (ROOT / source).is_file(), volume
            else:
                assert source in content["volumes"], volume


def test_every_container_belongs_to_one_profile_and_every_volume_to_a_container() -> None:
    (content,) = documents(COMPOSE)
    services = content["services"].values()
    assert {tuple(service["profiles"]) for service in services} == {(name,) for name in PROFILES}
    used = {volume.partition(":")[0] for s in services for volume in s.get("volumes", ())}
    assert content["volumes"].keys() <= used


def test_the_secrets_of_the_cluster_are_in_a_file_that_nobody_commits() -> None:
    lines = [line for line in SECRETS.read_text().splitlines() if not line.startswith("#")]
    names = {line.partition("=")[0] for line in lines}
    assert {name for name in names if name.startswith(PREFIX)} <= SETTINGS
    for line in lines:  # what repeats another repeats one that stands above
        for repeated in re.findall(r"\$\{(\w+)\}", line):
            assert f"\n{repeated}=" in SECRETS.read_text().partition(line)[0], line
    env_file = str(SECRETS.relative_to(ROOT)).removesuffix(".example")
    assert f"\n{env_file}\n" in (ROOT / ".gitignore").read_text()
    services = services_of("cluster").values()
    assert {service["env_file"] for service in services if "env_file" in service} == {env_file}
    # Compose reads the whole file for any profile: a secret that is asked for here would be for all.
    assert ":?" not in COMPOSE.read_text()


def settings_in(environment: dict[str, str]) -> Settings:
    """Return the settings of a container; none of them may be refused."""
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        **{
            name.removeprefix(PREFIX).lower(): value
            for name, value in environment.items()
            if name.startswith(PREFIX)
        },
    )


@pytest.mark.parametrize(("profile", "name"), [("gpu", "gpu-encoder"), ("cluster", "encoder")])
def test_processes_ask_the_encoder_of_their_own_profile(profile: str, name: str) -> None:
    services = services_of(profile)
    encoder = settings_in(services[name]["environment"])
    command = services[name]["command"]
    port = signature(encoder_command).parameters["port"].default
    assert command == ["pagesight", "encoder"] and encoder.encoder_url is None
    processes = [s for s in services.values() if s.get("build") and s.get("command") != command]
    assert processes
    for environment in (process["environment"] for process in processes):
        settings = settings_in(environment)
        assert settings.encoder_url == f"http://{name}:{port}"
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
