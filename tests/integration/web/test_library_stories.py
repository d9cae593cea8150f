"""The library in a browser: first minute, uploads, running work, deletions, and what each key may do.

No worker runs by itself: the stories say when a file is read, and how far.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api.services.keys import Scope
from api.services.wiring import Services
from api.worker.worker import Worker
from tests.builders import pdf_bytes
from tests.integration.web.conftest import LOOKS, SIZES, OpenPage, audit

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect

Serve = Callable[..., str]
NO_WORKER = {"embedded_worker": False}
NO_PDF = {"name": "notes.pdf", "mimeType": "application/pdf", "buffer": b"hello"}
EMPTY = {"name": "nothing.pdf", "mimeType": "application/pdf", "buffer": b""}
HUGE = {"name": "huge.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-" + b"x" * 300_000}
DROP = """([text, name]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name, { type: "application/pdf" }));
    for (const kind of ["dragenter", "drop"]) {
        document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true }));
    }
}"""


class Library:
    """A service whose files are read when a story says so."""

    def __init__(self, address: str, services: Services) -> None:
        self.address = address
        self.services = services
        self.worker = Worker(services)

    def collection(self, title: str, *names: str) -> str:
        """Make a collection of refused files, which need no reading; return its name."""
        name = self.services.create_collection(None, title).name
        files = [(file_name, f"no PDF: {title} {file_name}".encode()) for file_name in names]
        for start in range(0, len(files), 100):
            self.upload(name, *files[start : start + 100])
        return name

    def upload(self, collection: str, *files: tuple[str, bytes]) -> None:
        path = f"{self.address}/v1/collections/{collection}/documents"
        answer = httpx2.post(path, files=[("files", file) for file in files], timeout=600)
        assert answer.status_code == 202, answer.text

    def read_all(self) -> None:
        while self.worker.work_once():
            pass


@pytest.fixture(scope="module")
def library(serve: Serve) -> Library:
    wired: list[Services] = []
    address = serve(False, wired=wired, encoder="fake", **NO_WORKER, max_file_bytes=200_000)
    return Library(address, wired[0])


def file_of(name: str, *pages: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/pdf", "buffer": pdf_bytes(*pages)}


def shown(page: Any) -> list[str]:
    return list(page.locator("#documents .title").all_inner_texts())


def test_the_first_minute_begins_with_one_click(serve: Serve, open_page: OpenPage) -> None:
    wired: list[Services] = []
    address = serve(False, wired=wired, encoder="fake", **NO_WORKER)
    page = open_page(address, "/library")
    expect(page.locator(".examples li")).to_have_count(6)
    assert page.locator(".examples a").count() == 0
    assert audit(page) == []
    page.click(".samples button.large")
    page.wait_for_url("**/library/samples")
    expect(page.locator("#title")).to_have_text("Sample documents")
    expect(page.locator("#work")).to_have_text("6 files waiting")
    expect(page.locator("#queue-summary")).to_have_text("6 files waiting")
    assert Worker(wired[0]).work_once()
    expect(page.locator("#documents .title")).to_have_text(["annual-report.pdf"])
    expect(page.locator(".examples a")).to_have_count(6)
    link = page.locator(".examples a").first.get_attribute("href")
    assert link.startswith("/ask?q=How+many+low-income") and link.endswith("c=samples")
    assert audit(page) == []


def test_files_that_cannot_be_read_are_told_before_they_are_sent(
    library: Library, open_page: OpenPage
) -> None:
    name = library.collection("At the door")
    page = open_page(library.address, f"/library/{name}")
    page.locator("#files").set_input_files([NO_PDF, EMPTY, HUGE])
    lines = page.locator("#unsent li")
    expect(lines).to_have_count(3)
    said = lines.all_inner_texts()
    assert (
        "no kind of file that can be read" in said[0]
        and "is empty" in said[1]
        and "too large" in said[2]
    )
    assert audit(page) == []
    assert page.request.get(f"{library.address}/v1/jobs?collection={name}").json()["jobs"] == []
    page.click("#unsent >> text=OK")
    expect(page.locator("#unsent")).to_be_hidden()


def test_running_work_is_seen_after_a_reload_and_from_a_second_tab(
    library: Library, open_page: OpenPage
) -> None:
    name = library.collection("Work")
    library.read_all()
    page = open_page(library.address, f"/library/{name}")
    page.locator("#files").set_input_files(file_of("long.pdf", *"abcdefghi"))
    expect(page.locator("#queue-summary")).to_contain_text("1 file waiting")
    collection = library.services.stores.catalog.collections.get(name)
    claim = library.services.leases.claim("story", [collection.id])
    assert claim is not None
    _, lease = claim
    time.sleep(0.1)
    assert library.services.leases.renew(lease, 3, 9)
    expect(page.locator("#running .facts")).to_contain_text("page 3 of 9")
    expect(page.locator("#running .facts")).to_contain_text("less than a minute left")
    assert page.locator("#running progress").evaluate("bar => [bar.value, bar.max]") == [3, 9]
    assert audit(page) == []
    page.reload()
    expect(page.locator("#running .facts")).to_contain_text("page 3 of 9")
    other = open_page(library.address, "/status")  # of somebody else, and another view
    expect(other.locator("#work")).to_have_text("Reading 1 file")
    library.services.leases.give_back(lease)
    library.read_all()
    expect(page.locator("#documents .title")).to_have_text(["long.pdf"])
    expect(page.locator("#work-panel")).to_be_hidden()
    expect(page.locator("#facts")).to_contain_text("1 document · 9 pages")
    expect(other.locator("#work")).to_have_text("Status")


def test_a_waiting_file_is_cancelled(library: Library, open_page: OpenPage) -> None:
    name = library.collection("Cancel")
    library.upload(name, ("wait.pdf", pdf_bytes("wait")))
    page = open_page(library.address, f"/library/{name}")
    page.click("#queue-summary")
    page.click("#queued button")
    expect(page.locator("#work-panel")).to_be_hidden()
    (job,) = page.request.get(f"{library.address}/v1/jobs?collection={name}").json()["jobs"]
    assert job["state"] == "cancelled"


def test_a_refused_file_says_why_in_one_sentence_and_can_be_replaced(
    library: Library, open_page: OpenPage
) -> None:
    name = library.collection("Refused")
    library.upload(name, ("broken.pdf", b"%PDF-1.7 and no more"))
    library.read_all()
    page = open_page(library.address, f"/library/{name}")
    row = page.locator("#documents tr")
    expect(row).to_contain_text("This file is damaged and cannot be opened.")
    assert row.locator("details p").is_hidden()
    row.locator("summary").click()
    assert row.locator("details p").inner_text().startswith("broken.pdf ")
    assert audit(page) == []
    row.locator(".again").click()
    expect(page.locator("#queue-summary")).to_contain_text("1 file waiting")
    library.read_all()
    expect(page.locator("#work-panel")).to_be_hidden()
    with page.expect_file_chooser() as chooser:
        row.locator(".replace").click()
    chooser.value.set_files(file_of("whole.pdf", "Whole again."))
    expect(page.locator("#queue-summary")).to_contain_text("1 file waiting")
    library.read_all()
    expect(page.locator("#documents .title")).to_have_text(["whole.pdf"])


def test_a_deletion_can_be_undone_and_a_double_click_deletes_nothing(
    library: Library, open_page: OpenPage
) -> None:
    name = library.collection("Undo", "a.pdf", "b.pdf")
    page = open_page(library.address, f"/library/{name}")
    row = page.locator("#documents tr").first
    row.locator(".remove").dblclick()
    expect(row.locator("button")).to_be_focused()
    assert row.locator("button").inner_text() == "Undo" and audit(page) == []
    row.locator("button").click()
    expect(row.locator(".remove")).to_be_focused()
    assert shown(page) == ["a.pdf", "b.pdf"]
    path = f"{library.address}/v1/collections/{name}/documents"
    assert len(page.request.get(path).json()["documents"]) == 2


def test_what_is_deleted_disappears_after_the_time_for_an_undo_in_every_tab(
    library: Library, open_page: OpenPage
) -> None:
    name = library.collection("Two tabs", "a.pdf", "b.pdf")
    page = open_page(library.address, f"/library/{name}")
    expect(page.locator("#documents .title")).to_have_count(2)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#documents .title")).to_have_count(2)
    page.clock.install()
    page.click("#documents tr:first-child .remove")
    page.clock.fast_forward(11_000)
    expect(page.locator("#documents .title")).to_have_text(["b.pdf"])
    expect(page.locator("#title")).to_be_focused()
    expect(other.locator("#documents .title")).to_have_text(["b.pdf"])


def test_leaving_the_page_deletes_at_once(library: Library, open_page: OpenPage) -> None:
    name = library.collection("Leaving", "a.pdf", "b.pdf")
    page = open_page(library.address, f"/library/{name}")
    page.click("#documents tr:first-child .remove")
    page.goto("about:blank")
    documents = library.services.stores.catalog.documents
    collection = library.services.stores.catalog.collections.get(name)
    deadline = time.monotonic() + 600
    while len(documents.of_collection(collection.id)) > 1:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_collection_has_any_title_and_goes_when_it_is_typed(
    library: Library, open_page: OpenPage
) -> None:
    page = open_page(library.address, "/library")
    page.click("#create")
    page.fill("dialog[open] input", "Verträge / 2026 <b>")
    assert audit(page) == []
    page.click("dialog[open] button.primary")
    page.wait_for_url("**/library/vertrage-2026-b")
    expect(page.locator("#title")).to_have_text("Verträge / 2026 <b>")
    page.click("#rename")
    page.fill("dialog[open] input", "Alte Verträge")
    page.click("dialog[open] button.primary")
    expect(page.locator("#title")).to_have_text("Alte Verträge")
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#title")).to_have_text("Alte Verträge")
    page.click("#delete")
    expect(page.locator("dialog[open] button.danger")).to_be_disabled()
    page.fill("dialog[open] input", "Alte Verträge")
    assert audit(page) == []
    page.click("dialog[open] button.danger")
    page.wait_for_url("**/library")
    expect(page.locator("#collections >> text=Alte Verträge")).to_have_count(0)
    expect(other.locator("#one-problem")).to_have_text("This collection is not there any more.")


@pytest.mark.parametrize("view", ["/status", "/search", "/ask"])
def test_a_drop_on_any_view_asks_where_it_goes(
    library: Library, open_page: OpenPage, view: str
) -> None:
    name = library.collection(f"Drops {view[1:]}")
    page = open_page(library.address, view)
    page.wait_for_selector("#view[aria-busy=false]")
    page.evaluate(DROP, ["%PDF-1.7 " + view, "dropped.pdf"])
    dialog = page.locator("dialog.where")
    expect(dialog).to_contain_text("dropped.pdf")
    dialog.locator("select").select_option(name)
    assert audit(page) == []
    dialog.locator("button.primary").click()
    page.wait_for_url(f"**/library/{name}")
    expect(page.locator("#queue-summary")).to_contain_text("1 file waiting")


def test_a_drop_waits_until_its_new_collection_has_a_title(
    library: Library, open_page: OpenPage
) -> None:
    page = open_page(library.address, "/library")
    page.wait_for_selector("#view[aria-busy=false]")
    page.evaluate(DROP, ["%PDF-1.7 new", "new.pdf"])
    page.select_option("dialog[open] select", label="New collection")
    page.fill("dialog[open] input", " ")
    page.click("dialog[open] button.primary")
    assert page.locator("dialog[open] input").evaluate("field => field.matches(':invalid')")
    page.fill("dialog[open] input", "Neu & gut")
    page.click("dialog[open] button.primary")
    page.wait_for_url("**/library/neu-gut")
    expect(page.locator("#queue-summary")).to_contain_text("1 file waiting")


def test_a_key_that_may_only_read_is_offered_nothing_else(
    serve: Serve, open_page: OpenPage
) -> None:
    keys: list[str] = []
    address = serve(True, keys, encoder="fake", **NO_WORKER)
    page = open_page(address, "/library/manuals")
    page.fill("#key", keys[0])
    page.click("#give-key button")
    expect(page.locator("#documents .title")).to_have_count(2)
    for name in ("#add", "#rename", "#delete", "#documents .acts button"):
        assert page.locator(name).locator("visible=true").count() == 0, name
    page.evaluate(DROP, ["%PDF-1.7", "dropped.pdf"])
    expect(page.locator("dialog.where")).to_contain_text("may read, but not add files")
    page.click("dialog.where button")
    page.goto(f"{address}/library")
    expect(page.locator("#collections li")).to_have_count(1)
    assert page.locator("#create").is_hidden() and page.locator("#add-anywhere").is_hidden()
    page.goto(f"{address}/status")
    expect(page.locator("#index tbody tr")).to_have_count(1)
    for name in ("#keys-panel", "#settings-panel", "#disk", "#latency-panel"):
        assert page.locator(name).is_hidden(), name


def test_refused_files_are_found_among_many(library: Library, open_page: OpenPage) -> None:
    name = library.collection("Mixed", "bad.pdf")
    library.upload(name, ("good.pdf", pdf_bytes("good")))
    library.read_all()
    page = open_page(library.address, f"/library/{name}")
    expect(page.locator("#documents .title")).to_have_text(["bad.pdf", "good.pdf"])
    page.click("#only-refused >> text=1 file could not be read")
    expect(page.locator("#documents .title")).to_have_text(["bad.pdf"])
    assert page.url.endswith("?refused=true")
    page.click("#only-refused")
    expect(page.locator("#documents .title")).to_have_count(2)


def test_many_documents_are_searched_sorted_and_shown_in_parts(
    library: Library, open_page: OpenPage
) -> None:
    name = library.collection("Many", *[f"memo {i:03}.pdf" for i in range(105)])
    page = open_page(library.address, f"/library/{name}")
    expect(page.locator("#documents .title")).to_have_count(100)
    page.click("#more")
    expect(page.locator("#documents .title")).to_have_count(105)
    expect(page.locator("#more")).to_be_hidden()
    page.fill("#find", "MEMO 10")
    expect(page.locator("#documents .title")).to_have_text([f"memo 10{i}.pdf" for i in range(5)])
    page.click("th.name button")
    expect(page.locator("#documents .title").first).to_have_text("memo 104.pdf")
    assert page.url.endswith("?search=MEMO+10&sort=-name")
    page.reload()
    expect(page.locator("#documents .title").first).to_have_text("memo 104.pdf")
    assert page.input_value("#find") == "MEMO 10"
    page.fill("#find", "nowhere")
    expect(page.locator("#one-empty")).to_have_text("No document is like that.")


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_the_library_fits_every_screen_and_everybody(
    library: Library, open_page: OpenPage, size: str, scheme: str
) -> None:
    name = library.collection(f"Screen {size} {scheme}", "an-endless-name" * 12 + ".pdf")
    page = open_page(library.address, f"/library/{name}", color_scheme=scheme, **SIZES[size])
    expect(page.locator("#documents .title")).to_have_count(1)
    assert audit(page) == []
    for direction in ("ltr", "rtl"):
        page.evaluate("direction => { document.documentElement.dir = direction }", direction)
        width, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width <= window
    if size == "phone":
        heights = page.locator("#one button >> visible=true").evaluate_all(
            "buttons => buttons.map((button) => button.getBoundingClientRect().height)"
        )
        assert min(heights) >= 44


def test_the_library_speaks_german(library: Library, open_page: OpenPage) -> None:
    name = library.collection("Deutsch", "a.pdf")
    page = open_page(library.address, f"/library/{name}", locale="de-DE")
    expect(page.locator("#add")).to_have_text("Dokumente hinzufügen")
    expect(page.locator("#documents tr")).to_contain_text("Das ist keine Art von Datei")


def test_names_of_files_are_text_and_nothing_else(library: Library, open_page: OpenPage) -> None:
    evil = "<img src=x onerror=alert(1)>.pdf"
    name = library.collection("<script>alert(1)</script>", evil)
    page = open_page(library.address, f"/library/{name}")
    expect(page.locator("#documents .title")).to_have_text([evil])
    assert page.locator("#documents img[src=x]").count() == 0


def test_several_files_are_sent_one_after_another(
    library: Library, open_page: OpenPage, tmp_path: Path
) -> None:
    name = library.collection("Several")
    paths = []
    for i in range(3):
        paths.append(tmp_path / f"{i}.pdf")
        paths[-1].write_bytes(pdf_bytes(f"page {i}"))
    page = open_page(library.address, f"/library/{name}")
    page.locator("#files").set_input_files(paths)
    expect(page.locator("#queue-summary")).to_have_text(re.compile(r"^3 files waiting\b"))
    expect(page.locator("#sending")).to_be_hidden()


def test_keys_are_made_shown_once_and_revoked(serve: Serve, open_page: OpenPage) -> None:
    keys: list[str] = []
    address = serve(True, keys, Scope.ADMIN, encoder="fake", **NO_WORKER)
    page = open_page(address, "/status")
    page.fill("#key", keys[0])
    page.click("#give-key button")
    page.fill("#key-name-new", "Rechnungen")
    page.select_option("#key-scope", "write")
    page.select_option("#key-reach", "manuals")
    page.click("#new-key button")
    made = page.locator("#made-key")
    expect(made).to_be_focused()
    key = made.input_value()
    assert key.startswith("ps_") and audit(page) == []
    page.click("#made-done")
    assert made.input_value() == "" and page.locator("#made").is_hidden()
    session = f"{address}/v1/session"
    headers = {"Authorization": f"Bearer {key}"}
    assert page.request.get(session, headers=headers).json()["scope"] == "write"
    row = page.locator("#keys tr", has_text="Rechnungen")
    row.locator("button").click()
    page.click("dialog[open] button.danger")
    expect(row).to_contain_text("revoked")
    assert page.request.get(f"{address}/v1/jobs", headers=headers).status == 401


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_the_status_tells_those_who_run_the_service(
    address: str, open_page: OpenPage, size: str, scheme: str
) -> None:
    page = open_page(address, "/status", color_scheme=scheme, **SIZES[size])
    expect(page.locator("#index tbody tr")).to_have_count(1)
    expect(page.locator("#checks li").first).to_contain_text("catalog")
    expect(page.locator("#disk-facts")).to_contain_text("free")
    expect(page.locator("#keys-about")).to_contain_text("No key is in use")
    page.uncheck("#only-set")
    page.fill("#find-setting", "scrub")
    expect(page.locator("#settings tbody tr")).to_have_count(1)
    assert audit(page) == []
    width, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= window
