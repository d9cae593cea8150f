"""Takes the pictures of the web application: `python -m tests.integration.web.draw_screenshots`.

A real service over the sample documents, a real browser. The pictures replace those in `docs/screenshots`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.conftest import ROOT
from tests.support.served_process import served

FOLDER = ROOT / "docs" / "screenshots"
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {
    "viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True,
    "device_scale_factor": 2,
}  # fmt: skip
TORQUE = "How tight do the bolts of the suction and discharge flanges on a KD-340 have to be?"
TERMINATION = "When can the agreement be terminated?"
ANSWERED = ".turn:last-of-type .answer[aria-busy=false]"
MAX_COLOURS = 256

Page = Any


def ask(page: Page, question: str) -> None:
    page.wait_for_selector("#view.ask[aria-busy=false]")
    page.fill("#question", question)
    page.keyboard.press("Enter")
    page.wait_for_selector(ANSWERED)
    page.wait_for_load_state("networkidle")


def ask_torque(page: Page) -> None:
    ask(page, TORQUE)


def ask_twice(page: Page) -> None:
    ask(page, TERMINATION)
    ask(page, "How long does the services agreement run?")


def show_heat(page: Page) -> None:
    ask(page, TORQUE)
    page.get_by_role("button", name="Heat map").click()
    page.wait_for_load_state("networkidle")


def wait_for_view(page: Page) -> None:
    page.wait_for_selector("#view[aria-busy=false]")
    page.wait_for_load_state("networkidle")


# name -> address, how the browser is, what is done before the picture is taken
PICTURES: dict[str, tuple[str, dict[str, Any], Callable[[Page], None]]] = {
    "ask": ("/ask", DESKTOP, ask_torque),
    "start": ("/ask", DESKTOP, wait_for_view),
    "conversation-dark": ("/ask", DESKTOP | {"color_scheme": "dark"}, ask_twice),
    "heat-map": ("/ask", DESKTOP, show_heat),
    "search": ("/search?q=overload+relay+current&c=samples", DESKTOP, wait_for_view),
    "library": ("/library/samples", DESKTOP, wait_for_view),
    "status": ("/status", DESKTOP, wait_for_view),
    "phone": ("/ask", PHONE, ask_torque),
}


def main() -> None:
    """Write a picture for each name."""
    with tempfile.TemporaryDirectory() as folder:
        ingest = [sys.executable, "-m", "api.cli", "ingest", "samples", "-c", "samples"]
        data_dir = Path(folder) / "data"
        subprocess.run(
            ingest,
            cwd=ROOT,
            check=True,
            env={"PAGESIGHT_DATA_DIR": str(data_dir), "PATH": "/usr/bin"},
        )
        with (
            served(data_dir, PAGESIGHT_LOG_LEVEL="warning") as address,
            sync_playwright() as running,
        ):
            browser = running.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            warm_up = {"query": TORQUE, "collections": ["samples"]}
            browser.new_context().request.post(f"{address}/v1/search", data=warm_up)
            for name, (path, options, act) in PICTURES.items():
                page = browser.new_context(**options).new_page()
                page.goto(f"{address}{path}")
                act(page)
                page.wait_for_timeout(1000)  # what moves has come to rest
                _write(page.screenshot(), FOLDER / f"{name}.png")
                page.context.close()
            browser.close()


def _write(png: bytes, path: Path) -> None:
    """Write a picture in few colours: a third of the bytes, and no difference to the eye."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(png)
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(
            MAX_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
    small.save(path, optimize=True)


if __name__ == "__main__":
    main()
