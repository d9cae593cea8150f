"""A chat of Open WebUI in Chromium: what its user does, and what is seen then."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import TimeoutError as PlaywrightTimeout

Json = dict[str, Any]

_WAIT_MS = 120_000
_TASKS_POLLED_MS = 1_000
_MESSAGE_MS = 5_000
_N_POLLS = 120


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """What the side panel shows after a click on a citation."""

    name: str
    title: str
    n_marks: int
    has_picture: bool

    @property
    def is_right(self) -> bool:
        return self.title.startswith(self.name) and self.n_marks > 0 and self.has_picture


class ChatWindow:
    """One chat with one model."""

    def __init__(self, browser: Any, address: str, pictures: Path) -> None:
        self._address = address
        self._pictures = pictures
        self._page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        self._page.set_default_timeout(_WAIT_MS)
        self._page.goto(address)
        self._page.wait_for_function("() => localStorage.token")
        token = self._page.evaluate("localStorage.token")
        self._headers = {"Authorization": f"Bearer {token}"}

    def models(self) -> list[str]:
        return [row["id"] for row in self._get("/api/models")["data"]]

    def begin(self, model: str) -> None:
        """Begin a new chat, and close what Open WebUI tells about itself."""
        self._page.goto(f"{self._address}/?models={model}")
        self._page.wait_for_selector("#chat-input")
        self._page.wait_for_timeout(_TASKS_POLLED_MS)
        for name in ("Okay, Let's Go!", "Close"):
            button = self._page.get_by_role("button", name=name)
            if button.count():
                with suppress(PlaywrightTimeout):  # a message may go by itself
                    button.first.click(timeout=_MESSAGE_MS)

    def attach(self, name: str, text: str) -> None:
        """Attach a text file to the next message."""
        file = {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
        self._page.set_input_files("input[type=file]", files=[file])
        self._page.get_by_text(name).wait_for()
        self._page.wait_for_timeout(_TASKS_POLLED_MS)  # until it has been read: no event says so

    def ask(self, question: str) -> Json:
        """Ask, and return the message of the answer as Open WebUI stores it."""
        n_before = len(self.answers()) if "/c/" in self._page.url else 0
        self._page.click("#chat-input")
        self._page.keyboard.type(question)
        self._page.keyboard.press("Enter")
        self._page.wait_for_url("**/c/*")
        return self._poll(lambda: self._done_answer(n_before))

    def answers(self) -> list[Json]:
        """Return the answers of the chat, the oldest first."""
        messages = self.chat()["chat"]["history"]["messages"].values()
        return [message for message in messages if message["role"] == "assistant"]

    def chat(self) -> Json:
        chat_id = self._page.url.rsplit("/c/", 1)[1]
        return self._get(f"/api/v1/chats/{chat_id}")

    def task_done(self, name: str) -> Any:
        """Return what a task in the background has made of the chat: `title` or `tags`."""
        return self._poll(lambda: self._task(name))

    def opened_sources(self, answer: Json) -> list[OpenedSource]:
        """Click on each citation of an answer in turn, and say what the side panel shows."""
        message = self._page.locator(f"#message-{answer['id']}")
        opened = []
        for citation in message.get_by_role("button", name="View source:").all():
            url_before = self._page.frames[-1].url
            citation.click()
            frame = self._poll(lambda url=url_before: self._other_frame(url))
            frame.locator("svg rect").first.wait_for()
            has_picture = frame.evaluate(_PICTURE_IS_THERE)
            n_marks = frame.locator("svg rect").count()
            name = citation.inner_text()
            opened.append(OpenedSource(name, frame.title(), n_marks, has_picture))
            self.draw(f"source-{name}")
        return opened

    def draw(self, name: str) -> None:
        """Keep a picture of the window."""
        self._page.screenshot(path=self._pictures / f"{name}.png")

    def _other_frame(self, url: str) -> Any:
        """Return the frame of the side panel, once it shows another address than this."""
        frame = self._page.frames[-1]
        return frame if frame.url != url and frame is not self._page.main_frame else None

    def _done_answer(self, n_before: int) -> Json | None:
        answers = self.answers()
        return answers[-1] if len(answers) > n_before and answers[-1].get("done") else None

    def _task(self, name: str) -> Any:
        chat = self.chat()
        if name == "title":
            return None if chat["title"] == "New Chat" else chat["title"]
        return (chat.get("meta") or {}).get(name)

    def _poll(self, look: Callable[[], Any]) -> Any:
        for _ in range(_N_POLLS):
            seen = look()
            if seen:
                return seen
            self._page.wait_for_timeout(_TASKS_POLLED_MS)
        raise SystemExit("Open WebUI does not get on: see the pictures")

    def _get(self, path: str) -> Any:
        return self._page.request.get(f"{self._address}{path}", headers=self._headers).json()


# An image in a sandboxed frame may be refused: then it has no size.
_PICTURE_IS_THERE = """async () => {
  const image = new Image();
  image.src = document.querySelector('svg image').getAttribute('href');
  return image.decode().then(() => image.naturalWidth > 100, () => false);
}"""
