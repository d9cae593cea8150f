"""What operators install: rules and dashboard name metrics that there are, units start what there is."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.cli.main import app as cli
from api.serve.app import create_app
from tests.builders import fake_services, pdf_bytes
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "rules.yml"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
_METRIC = re.compile(r"\b(?:pagesight|process)_[a-z0-9_]+")
_LABELS = re.compile(r"\{[^}]*\}")
needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (package prometheus)"
)


@pytest.fixture(scope="module")
def exposition(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The metrics of a service that has indexed, searched, answered, refused and told of a job."""
    folder = tmp_path_factory.mktemp("metrics") / "data"
    services = fake_services(folder, webhook_url="http://127.0.0.1:9/hook")
    with TestClient(create_app(services)) as client:
        client.post("/v1/collections", json={"name": "a"})
        file = {"files": ("a.pdf", pdf_bytes("Tighten the bolts to 45 Nm"))}
        client.post("/v1/collections/a/documents?wait=true", files=file)
        client.post("/v1/search", json={"query": "bolts", "collections": ["a"]})
        client.post("/v1/answers", json={"question": "How tight are the bolts?"})
        return client.get("/metrics").text


def names_in(exposition: str) -> set[str]:
    """The metrics that are told of, with the series of histograms."""
    names = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", exposition, re.MULTILINE):
        endings = ("_bucket", "_count", "_sum") if kind == "histogram" else ("",)
        names |= {name + ending for ending in endings}
    return names


def test_every_alert_is_in_the_table_of_the_docs_and_asks_for_metrics_that_there_are(
    exposition: str,
) -> None:
    table = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    expressions = re.findall(r"^ +expr: (.+)$", RULES.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(expressions) >= 10
    for expression in expressions:
        assert expression.partition(" and ")[0] in table, expression
        missing = set(_METRIC.findall(_LABELS.sub("", expression))) - names_in(exposition)
        assert not missing, expression


def test_every_panel_of_the_dashboard_asks_for_metrics_that_there_are(exposition: str) -> None:
    dashboard: dict[str, Any] = json.loads(
        (DEPLOY / "grafana" / "dashboard.json").read_text(encoding="utf-8")
    )
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        for target in panel["targets"]:
            names = _METRIC.findall(_LABELS.sub("", target["expr"]))
            assert names and set(names) <= names_in(exposition), target["expr"]


@needs_promtool
def test_promtool_finds_nothing_wrong_with_rules_and_metrics(exposition: str) -> None:
    rules = subprocess.run(
        ["promtool", "check", "rules", RULES], capture_output=True, text=True, check=False
    )
    assert rules.returncode == 0, rules.stdout + rules.stderr
    metrics = subprocess.run(
        ["promtool", "check", "metrics"],
        input=exposition,
        capture_output=True,
        text=True,
        check=False,
    )
    assert metrics.returncode == 0, metrics.stdout + metrics.stderr


@needs_promtool
def test_promtool_reads_every_expression_of_the_dashboard(tmp_path: Path) -> None:
    dashboard = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text(encoding="utf-8"))
    expressions = [
        target["expr"].replace("$__rate_interval", "5m").replace("$job", ".*")
        for panel in dashboard["panels"]
        for target in panel["targets"]
    ]
    rules = [{"record": f"panel:{i}", "expr": text} for i, text in enumerate(expressions)]
    path = tmp_path / "panels.yml"  # JSON is YAML, too
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    ran = subprocess.run(
        ["promtool", "check", "rules", path], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_command_that_there_is(unit: Path) -> None:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit, encoding="utf-8")
    assert {"Unit", "Service", "Install"} <= set(parser.sections())
    program, command = parser["Service"]["ExecStart"].split()
    assert program.endswith("/bin/pagesight")
    assert command in {row.name for row in cli.registered_commands}
