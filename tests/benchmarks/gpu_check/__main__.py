"""`make gpu-check`: what a GPU does with this code, in one run of less than 12 minutes.

Figures are kept after each measurement, with date and card: a run that is cut off goes on where it ended.
What does not fit into the time that is left is left out and named. `--dry-run` rehearses every line of it on
the processor with tiny shapes; its figures say nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from indexer.encoders.checkpoints.devices import resolve_device
from tests.benchmarks.gpu_check.measurements import CHECKS, Check, Shape

BUDGET_S = 690.0


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print one table; return 1 where something failed."""
    parser = argparse.ArgumentParser(prog="gpu_check", description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="tiny shapes on the processor")
    parser.add_argument("--out", type=Path, default=Path("build/gpu-check.json"))
    parser.add_argument("--budget", type=float, default=BUDGET_S, help="seconds in all")
    options = parser.parse_args(words)
    device = torch.device("cpu") if options.dry_run else resolve_device("cuda")
    is_gpu = device.type == "cuda"
    card = torch.cuda.get_device_name(device) if is_gpu else "processor, tiny shapes"
    rows = _rows_before(options.out, card)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    for check in CHECKS:
        if "figures" in rows.get(check.name, {}):
            continue
        left_s = options.budget - (time.monotonic() - began)
        needs_s = check.seconds if is_gpu else 0.0
        rows[check.name] = row_of(check, Shape(device, real=is_gpu), left_s, needs_s)
        options.out.write_text(json.dumps({"card": card, "rows": rows}, indent=1) + "\n")
        if is_gpu:
            torch.cuda.empty_cache()
    print(table(card, rows))
    return int(any("error" in row for row in rows.values()))


def row_of(check: Check, shape: Shape, left_s: float, needs_s: float) -> dict[str, Any]:
    row: dict[str, Any] = {"goal": check.goal, "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M}"}
    if left_s < needs_s:
        return row | {"left_out": f"{left_s:.0f} s were left, it needs {needs_s:.0f}"}
    began = time.monotonic()
    try:
        row["figures"] = check.run(shape)
    except Exception as error:  # noqa: BLE001 - the others are measured all the same
        row["error"] = f"{type(error).__name__}: {error}"
    return row | {"seconds": round(time.monotonic() - began, 1), "load": os.getloadavg()[0]}


def _rows_before(path: Path, card: str) -> dict[str, dict[str, Any]]:
    """Return what an earlier run measured on the same card."""
    try:
        body = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return dict(body["rows"]) if body.get("card") == card else {}


def table(card: str, rows: dict[str, dict[str, Any]]) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        f"{card}, torch {torch.__version__}",
        "",
        "| what | figure | | goal |",
        "|---|---|---|---|",
    ]
    for name, row in rows.items():
        figures = row.get("figures") or {"": row.get("error") or row.get("left_out", "")}
        for figure, value in figures.items():
            text = f"{value:.4g}" if isinstance(value, float) else str(value)
            lines.append(f"| {name} | {figure} | {text} | {row['goal']} |")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
