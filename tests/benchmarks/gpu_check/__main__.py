"""`make gpu-check`: what a GPU does with this code, in one run of less than 12 minutes.

Figures are kept after each measurement, with date and card: a run that is cut off goes on where it ended.
What does not fit into the time that is left is left out and named. `--dry-run` rehearses it on the processor
with tiny shapes; its figures say nothing.

It needs a torch that sees the card, transformers, NumPy, Pillow and SQLAlchemy, and no network.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import time
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.checkpoints.devices import resolve_device
from tests.benchmarks.gpu_check.measurements import CHECKS
from tests.benchmarks.gpu_check.shapes import Check, Shape

BUDGET_S = 690.0


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print one table; return 1 where something failed, 2 where there is no GPU."""
    parser = argparse.ArgumentParser(prog="gpu_check", description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="tiny shapes on the processor")
    parser.add_argument("--out", type=Path, default=Path("build/gpu-check.json"))
    parser.add_argument("--budget", type=float, default=BUDGET_S, help="seconds in all")
    options = parser.parse_args(words)
    try:
        device = torch.device("cpu") if options.dry_run else resolve_device("cuda")
    except EncoderUnavailable as error:
        print(f"{error}; torch {torch.__version__}; `--dry-run` rehearses on the processor")
        return 2
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
        _write(options.out, {"card": card, "versions": versions(), "rows": rows})
        gc.collect()
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
        traceback.print_exc()
        row["error"] = f"{type(error).__name__}: {error}"
    return row | {"seconds": round(time.monotonic() - began, 1), "load": os.getloadavg()[0]}


def versions() -> dict[str, str]:
    import transformers

    return {
        "torch": torch.__version__,
        "cuda": str(torch.version.cuda),
        "transformers": transformers.__version__,
    }


def _write(path: Path, body: dict[str, Any]) -> None:
    """Write it whole: who is killed here goes on from what stood there before."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(body, indent=1) + "\n")
    new.replace(path)


def _rows_before(path: Path, card: str) -> dict[str, dict[str, Any]]:
    """Return what an earlier run on the same card measured before it was cut off; nothing of a whole one."""
    try:
        body = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    rows = dict(body["rows"]) if body.get("card") == card else {}
    is_whole = all("figures" in rows.get(check.name, {}) for check in CHECKS)
    return {} if is_whole else rows


def table(card: str, rows: dict[str, dict[str, Any]]) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        ", ".join([card, *(f"{name} {version}" for name, version in versions().items())]),
        "",
        "| what | figure | | goal |",
        "|---|---|---|---|",
    ]
    for name, row in ((check.name, rows[check.name]) for check in CHECKS):
        figures = row.get("figures") or {"": row.get("error") or row.get("left_out", "")}
        for figure, value in figures.items():
            text = f"{value:.4g}" if isinstance(value, float) else str(value)
            lines.append(f"| {name} | {figure} | {text} | {row['goal']} |")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
