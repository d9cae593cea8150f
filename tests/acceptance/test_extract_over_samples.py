"""A row of values for each sample: every one as it is printed, in a box that holds its words."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx2
import pymupdf
import pytest

from tests.acceptance.conftest import SAMPLES, Cli

TEXT = {"type": ["string", "null"]}
NUMBER = {"type": ["number", "null"]}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "weight": TEXT,
        "rated_power_kw": NUMBER | {"title": "rated power"},
        "protection": TEXT,
        "suction_lift": TEXT,
        "contract_number": TEXT | {"x-labels": ["contract no."]},
        "monthly_fee": TEXT,
        "set_up_fee": TEXT | {"title": "set-up"},
        "date": TEXT,
        "total_assets": NUMBER,
        "total_liabilities": NUMBER,
        "net_income": NUMBER,
        "goodwill_2023": NUMBER,
        "total_in_pounds": TEXT,
        "torques": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"joint": TEXT, "thread": TEXT, "torque": NUMBER},
                "required": ["joint", "torque"],
            },
        },
        "parts": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"part": TEXT, "order_no": TEXT},
                "required": ["part", "order_no"],
            },
        },
    },
}
KNOWN: dict[str, dict[str, Any]] = {
    "annual-report.pdf": {},
    "product-slides.pdf": {},
    "financial-statements.pdf": {
        "total_assets": 315216, "total_liabilities": 153957, "net_income": 29112, "goodwill_2023": 27600,
    },
    "pump-manual.pdf": {
        "weight": "61 kg", "rated_power_kw": 2.2, "protection": "IP55, class F", "suction_lift": "7.5 m",
        "torques": [
            ("Base plate to footing", "M12", 60), ("Casing to back plate", "M10", 42),
            ("Bracket to motor flange", "M10", 38), ("Suction and discharge flanges", "M16", 95),
            ("Impeller nut, left-hand thread", "M14", 72), ("Priming plug and drain plug", "G ½", 25),
            ("Terminal box cover", "M5", 2.5),
        ],
        "parts": [
            ("Casing with suction flap", "340-101"), ("Wear ring", "340-118"),
            ("Impeller, six vanes, diameter 168 mm", "340-203"), ("Shaft key 8 × 7 × 30", "340-209"),
            ("Mechanical seal, 28 mm", "340-310"), ("O-ring 190 × 4", "340-322"), ("Back plate", "340-140"),
            ("Bracket with window", "340-150"), ("Shaft, stainless", "340-401"),
            ("Motor 2.2 kW, frame 90L", "340-500"),
        ],
    },
    "scanned-letter.pdf": {"total_in_pounds": "5,585.00"},
    "services-agreement.pdf": {
        "contract_number": "OFS-2024-0117", "monthly_fee": "€14,750", "set_up_fee": "€38,000",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def schema_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("schema") / "schema.json"
    path.write_text(json.dumps(SCHEMA))
    return path


def letters_in(document: str, value: dict[str, Any]) -> str:
    """The letters and digits that the file itself has in the box of a value, with a point around it."""
    with pymupdf.open(SAMPLES / document) as pdf:
        page = pdf[value["page_number"] - 1]
        x0, y0, x1, y1 = value["box"]
        width, height = page.rect.width, page.rect.height
        clip = pymupdf.Rect(x0 * width - 1, y0 * height - 1, x1 * width + 1, y1 * height + 1)
        return "".join(filter(str.isalnum, page.get_text(clip=clip)))


def test_every_value_of_the_samples_is_the_printed_one_in_a_box_that_holds_it(
    samples: Cli, schema_file: Path, tmp_path: Path
) -> None:
    file = tmp_path / "rows.jsonl"
    command = ("extract", schema_file, "-c", "samples", "-o", file)
    first = samples(*command, "--max-documents", "2", "--json")
    assert first.code == 0 and json.loads(first.out)["left"] == 4
    file.write_text(file.read_text() + '{"document_id": "cut in the mid')
    second = json.loads(samples(*command, "--json").out)
    assert (second["before"], second["written"], second["left"]) == (2, 4, 0)

    rows = {row["document"]: row for row in map(json.loads, file.read_text().splitlines())}
    assert rows.keys() == KNOWN.keys()
    n_values = 0
    for name, known in KNOWN.items():
        row = rows[name]
        assert row["is_valid"] and row["error"] is None
        lists = {key: row["data"].pop(key) for key in ("torques", "parts")}
        assert {key: value for key, value in row["data"].items() if value is not None} == {
            key: value for key, value in known.items() if not isinstance(value, list)
        }
        for key, records in lists.items():
            assert [tuple(record.values()) for record in records] == known.get(key, [])
        for value in row["values"]:
            n_values += 1
            assert 0 < value["support"] <= 1 and value["says"]
            shown = "".join(filter(str.isalnum, str(value["value"])))
            if name != "scanned-letter.pdf":  # its words are in no text layer
                printed = letters_in(name, value)
                assert shown in printed and len(printed) <= len(shown) + 3, value
    assert n_values == 4 + 4 + 21 + 20 + 1 + 3
    problems = rows["services-agreement.pdf"]["problems"]
    assert problems == {"date": "the document names several: 19 January 2024; 22 January 2024"}


def test_csv_and_http_say_the_same(samples: Cli, samples_server: str, schema_file: Path) -> None:
    wanted = ("--filter", "document=pump-manual.pdf", "--filter", "document=services-agreement.pdf")
    printed = samples("extract", schema_file, "-c", "samples", *wanted, "--format", "csv")
    table = list(csv.DictReader(io.StringIO(printed.out)))
    assert [row["weight"] for row in table] == ["61 kg", ""]
    assert table[0]["weight.page"] == "4" and len(table[0]["weight.box"].split()) == 4

    address = f"{samples_server}/v1/collections/samples/extract"
    documents = {"documents": ["pump-manual.pdf", "services-agreement.pdf"]}
    body = {"schema": SCHEMA, "filters": documents, "limit": 1}
    first = httpx2.post(address, json=body, timeout=300).raise_for_status().json()
    assert first["rows"][0]["data"]["rated_power_kw"] == 2.2
    assert first["left"] == 1 and first["ended_by"] == "1 documents"
    streamed = httpx2.post(
        address, json=body | {"cursor": first["next_cursor"], "stream": True}, timeout=300
    )
    events = [part.split("\n", 1) for part in streamed.text.strip().split("\n\n")]
    assert [name for name, _ in events] == ["event: row", "event: done"]
    row = json.loads(events[0][1].removeprefix("data: "))
    assert row["document"] == "services-agreement.pdf" and row["data"]["monthly_fee"] == "€14,750"
    assert json.loads(events[1][1].removeprefix("data: "))["next_cursor"] is None
