"""Draws the sample PDFs: python samples/draw.py [OUT_FOLDER]."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

from drawing import (  # noqa: E402
    annual_report,
    financial_statements,
    product_slides,
    pump_manual,
    scanned_letter,
    services_agreement,
)
from drawing.press import save_sample  # noqa: E402

SAMPLES = (
    annual_report.SAMPLE,
    financial_statements.SAMPLE,
    pump_manual.SAMPLE,
    scanned_letter.SAMPLE,
    product_slides.SAMPLE,
    services_agreement.SAMPLE,
)


def draw_all(folder: Path) -> list[Path]:
    """Draw every sample into `folder`, which is made if missing; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    return [save_sample(sample, folder) for sample in SAMPLES]


def main(arguments: list[str]) -> int:
    """Draw into the folder named first, or next to this file; print what was written."""
    folder = Path(arguments[0]) if arguments else HERE
    for path in draw_all(folder):
        print(f"{path.name}: {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
