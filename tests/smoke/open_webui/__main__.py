"""`make open-webui`: installs the real Open WebUI, starts it before pagesight, and plays it in Chromium.

Nothing of it is part of `make test`: it takes gigabytes and many minutes, and another program may change.
The steps are those of docs/open-webui.md, with a key and with users told apart. Prints what is seen, and
returns 1 where a step shows something else.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.smoke.open_webui.chat_window import ChatWindow
from tests.smoke.open_webui.installation import VERSION, installed
from tests.smoke.open_webui.programs import (
    READABLE,
    free_address,
    library_with_key,
    open_webui,
    pagesight,
)

QUESTION = "What current is the KD-340 motor overload relay set to?"
FOLLOW_UP = "And what trips it?"
FILE_QUESTION = "How tight do the bolts of the suction and discharge flanges have to be?"


@dataclass(frozen=True, slots=True)
class Step:
    """What was played, what was seen, and whether that is what should be."""

    played: str
    seen: str
    is_right: bool


def main() -> int:
    """Play, and print a line for each step."""
    parser = argparse.ArgumentParser(prog="open_webui", description=__doc__)
    parser.add_argument("--environment", type=Path, default=Path("build/open-webui"))
    parser.add_argument("--pictures", type=Path, default=Path("build/open-webui-pictures"))
    options = parser.parse_args()
    options.pictures.mkdir(parents=True, exist_ok=True)
    command = installed(options.environment.absolute())
    print(f"Open WebUI {VERSION}", flush=True)
    are_right = True
    with ExitStack() as programs:
        folder = Path(programs.enter_context(tempfile.TemporaryDirectory()))
        key = library_with_key(folder / "data")
        address = free_address()
        backend = programs.enter_context(pagesight(folder / "data", key, address))
        programs.enter_context(open_webui(command, folder / "webui", address, backend, key))
        running = programs.enter_context(sync_playwright())
        browser = running.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for step in play(ChatWindow(browser, address, options.pictures)):
            print(f"{'ok ' if step.is_right else 'BAD'} {step.played}: {step.seen}", flush=True)
            are_right &= step.is_right
        browser.close()
    return 0 if are_right else 1


def play(window: ChatWindow) -> Iterator[Step]:
    """Yield each step when it has been played."""
    models = window.models()
    yield Step("list of models", str(models), models == ["pagesight", f"pagesight/{READABLE}"])
    window.begin(f"pagesight/{READABLE}")
    answer = window.ask(QUESTION)
    yield Step(f"“{QUESTION}”", answer["content"], "5.1 A" in answer["content"])
    answer = window.ask(FOLLOW_UP)
    names = source_names(answer)
    is_right = len(names) >= 2 and all(f"[{n}]" in answer["content"] for n in (1, 2))
    yield Step(f"“{FOLLOW_UP}”", f"{answer['content']} | {names}", is_right)
    yield from play_citations(window, answer)
    title = window.task_done("title")
    yield Step("title", title, title.rstrip("…") in QUESTION)
    tags = window.task_done("tags")
    yield Step("tags", str(tags), bool(tags))
    yield from play_with_file(window)


def play_with_file(window: ChatWindow) -> Iterator[Step]:
    """Attach a file in a chat of its own: the question is answered from the pages all the same."""
    window.begin(f"pagesight/{READABLE}")
    window.attach("notes.txt", "Our notes: lunch is at noon.")
    answer = window.ask(FILE_QUESTION)
    names = source_names(answer)
    is_right = "95 Nm" in answer["content"] and "[2]" in answer["content"] and len(names) == 2
    yield Step("a file attached", f"{answer['content']} | {names}", is_right)
    yield from play_citations(window, answer)


def play_citations(window: ChatWindow, answer: dict[str, Any]) -> Iterator[Step]:
    """Click on every citation: each opens its own page, marked."""
    opened = window.opened_sources(answer)
    for source in opened:
        seen = f"{source.title!r}, {source.n_marks} marks, picture: {source.has_picture}"
        yield Step(f"a click on {source.name!r}", seen, source.is_right)
    names = [source.name for source in opened]
    yield Step(
        "citations in the text", str(names), bool(names) and set(names) <= set(source_names(answer))
    )


def source_names(answer: dict[str, Any]) -> list[str]:
    """Return the names of an answer's sources, in Open WebUI's order."""
    return [source["source"]["name"] for source in answer.get("sources") or []]


if __name__ == "__main__":
    raise SystemExit(main())
