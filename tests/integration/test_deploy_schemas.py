"""Compose files and manifests fit the schemas that Docker and Kubernetes publish.

The schemas come with two packages that are large and not installed by `make install`:
`pip install check-jsonschema kubernetes-validate`.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import ROOT

yaml = pytest.importorskip("yaml")
jsonschema = pytest.importorskip("jsonschema")
_NAMES = ("deploy/compose/gpu.yml", "deploy/compose/cluster.yml")
COMPOSE_FILES = [ROOT / name for name in ("docker-compose.yml", *_NAMES)]
KUBERNETES_VERSIONS = ("1.28", "1.37")


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip(f"{package.replace('_', '-')} is not installed: it brings the schemas")
    return Path(spec.submodule_search_locations[0])


@pytest.mark.parametrize("path", COMPOSE_FILES, ids=lambda path: path.name)
def test_a_compose_file_fits_the_specification(path: Path) -> None:
    folder = _folder_of("check_jsonschema") / "builtin_schemas" / "vendor"
    schema = json.loads((folder / "compose-spec.json").read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert [error.message for error in validator.iter_errors(content)] == []
    next(iter(content["services"].values()))["mem_limits"] = "6g"  # a name that there is not
    assert not validator.is_valid(content)


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
def test_the_manifests_fit_the_interface_of_kubernetes(version: str) -> None:
    _folder_of("kubernetes_validate")
    import kubernetes_validate

    text = (ROOT / "deploy" / "kubernetes" / "pagesight.yaml").read_text(encoding="utf-8")
    for resource in yaml.safe_load_all(text):
        kubernetes_validate.validate(resource, version, strict=True)
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(resource | {"specs": {}}, version, strict=True)
