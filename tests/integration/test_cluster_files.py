"""The compose file and the Kubernetes manifests: they name settings, commands and files that there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.base.settings import PREFIX, Settings
from api.cli.main import app as cli
from tests.conftest import ROOT

yaml = pytest.importorskip("yaml")
DEPLOY = ROOT / "deploy"
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


def test_the_compose_file_names_settings_files_and_services_that_there_are() -> None:
    path = DEPLOY / "compose" / "cluster.yml"
    (content,) = documents(path)
    services, example = content["services"], (path.parent / "cluster.env.example").read_text()
    for name, service in services.items():
        environment = service.get("environment", {})
        assert {key for key in environment if key.startswith(PREFIX)} <= SETTINGS, name
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
    cluster = services["api-1"]["environment"]
    Settings(
        _env_file=None,  # type: ignore[call-arg]
        **{
            name.removeprefix(PREFIX).lower(): value.replace("${POSTGRES_PASSWORD:?}", "x")
            for name, value in cluster.items()
            if name.startswith(PREFIX)
        },
    )


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
    (service,) = [resource for resource in resources if resource["kind"] == "Service"]
    apps = {r["metadata"]["name"] for r in resources if r["kind"] == "Deployment"}
    assert service["spec"]["selector"]["app"] in apps
