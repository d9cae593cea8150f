"""The child process when it hangs, crashes, lies, is killed, or is left behind."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from indexer.base.errors import DocumentRejected, Unreadable
from indexer.base.settings import IndexerSettings
from indexer.base.verdicts import Verdict
from indexer.inputs.rasterizer import OpenDocument, Rasterizer
from indexer.inputs.sandbox import warm_process

ROOT = Path(__file__).parents[2]


def children(parent: int) -> list[int]:
    """Processes whose parent this is, zombies included."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if _status(pid)[1] == parent]


def children_of_documents(parent: int) -> list[int]:
    """Processes that were started for documents: children of the warm ones."""
    return [child for warm in children(parent) for child in children(warm)]


def _status(pid: int) -> tuple[str, int]:
    """State letter and parent of a process; a state of "gone" where there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "gone", 0
    return fields[0], int(fields[1])


def wait_for_end(pid: int) -> None:
    for _ in range(30_000):
        if _status(pid)[0] in ("gone", "Z"):  # whoever inherits it may be slow to reap it
            return
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("a child outlives its parent")


def n_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def children_here() -> Callable[[], list[int]]:
    """The children that this process got since the test began."""
    before = set(children_of_documents(os.getpid()))
    return lambda: [pid for pid in children_of_documents(os.getpid()) if pid not in before]


@pytest.fixture(scope="module", autouse=True)
def _warm_process_runs(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("first") / "a.pdf"
    write_pages(path, 1)
    assert read(path)[0] == [1]


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(children_here: Callable[[], list[int]]) -> Iterator[None]:
    gc.collect()  # or what earlier tests had open is closed at any moment
    n_open_files = n_descriptors()
    yield
    assert children_here() == []
    assert n_descriptors() == n_open_files


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "document.pdf"


def write_pages(path: Path, n_pages: int, stuck: tuple[int, ...] = ()) -> None:
    """A document whose ``stuck`` pages paint a pattern of a million million tiles."""
    document = pymupdf.open()
    tile = (
        b"<</Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep .01/YStep .01"
    )
    pattern = document.get_new_xref()
    document.update_object(pattern, tile.decode() + "/Resources<<>>>>")
    document.update_stream(pattern, b"0 0 1 1 re f")
    for number in range(1, n_pages + 1):
        page = document.new_page()
        page.insert_text((72, 72), f"page {number}")
        if number in stuck:
            document.xref_set_key(page.xref, "Resources", f"<</Pattern<</P {pattern} 0 R>>>>")
            document.update_stream(page.get_contents()[0], b"/Pattern cs /P scn 0 0 600 800 re f")
    document.save(path)


def read(path: Path, **settings: float) -> tuple[list[int], list[str]]:
    with Rasterizer(IndexerSettings(**settings)).open(path) as opened:
        return [page.page_number for page in opened.pages()], opened.warnings


@pytest.fixture
def kill_child(children_here: Callable[[], list[int]]) -> Callable[[], None]:
    def kill() -> None:
        (child,) = children_here()
        os.kill(child, signal.SIGKILL)

    return kill


def test_a_page_that_hangs_is_left_out_and_the_others_come(path: Path) -> None:
    write_pages(path, 3, stuck=(2,))
    numbers, warnings = read(path, page_cpu_s=0.5)
    assert numbers == [1, 3]
    assert warnings == ["page 2: took more than 0.5 s of CPU and was left out"]


def test_a_last_page_that_hangs_costs_no_further_child(path: Path) -> None:
    write_pages(path, 2, stuck=(2,))
    numbers, warnings = read(path, page_cpu_s=0.5)
    assert numbers == [1]
    assert len(warnings) == 1


def test_after_three_pages_that_hang_the_rest_is_not_tried(path: Path) -> None:
    write_pages(path, 6, stuck=(2, 3, 4))
    numbers, warnings = read(path, page_cpu_s=0.3)
    assert numbers == [1]
    assert warnings[-1] == "pages 5 to 6: not tried, because 3 pages ended the rasterizer"
    assert len(warnings) == 4


def test_a_document_of_pages_that_hang_is_a_timeout(path: Path) -> None:
    write_pages(path, 2, stuck=(1, 2))
    with pytest.raises(DocumentRejected, match="took more than") as caught:
        read(path, page_cpu_s=0.3)
    assert caught.value.verdict == Verdict.TIMEOUT


def test_a_child_that_is_silent_too_long_is_ended(path: Path) -> None:
    write_pages(path, 2, stuck=(1,))
    numbers, warnings = read(path, page_cpu_s=600, page_wall_s=5)
    assert numbers == [2]
    assert warnings == ["page 1: gave no answer within 5 s and was left out"]


def test_a_child_killed_from_outside_costs_one_page(
    path: Path, kill_child: Callable[[], None]
) -> None:
    write_pages(path, 5)
    with Rasterizer(IndexerSettings()).open(path) as opened:
        numbers = []
        for page in opened.pages():
            numbers.append(page.page_number)
            if page.page_number == 1:
                kill_child()
    assert numbers == [1, 3, 4, 5]
    assert opened.warnings == ["page 2: ended the rasterizer by SIGKILL and was left out"]


def test_a_child_killed_again_and_again_is_given_up(
    path: Path, kill_child: Callable[[], None]
) -> None:
    write_pages(path, 9)
    with Rasterizer(IndexerSettings()).open(path) as opened:
        numbers = []
        for page in opened.pages():
            numbers.append(page.page_number)
            kill_child()
    assert numbers == [1, 3, 5]
    assert opened.warnings[-1] == "pages 7 to 9: not tried, because 3 pages ended the rasterizer"


def test_closing_early_leaves_nothing(path: Path, children_here: Callable[[], list[int]]) -> None:
    write_pages(path, 4)
    with Rasterizer(IndexerSettings()).open(path) as opened:
        next(opened.pages())
        assert len(children_here()) == 1
    assert children_here() == []
    opened.close()
    with pytest.raises(ValueError, match="closed"):
        next(opened.pages())


def test_an_error_of_the_reader_leaves_nothing(path: Path) -> None:
    write_pages(path, 4)
    with pytest.raises(ZeroDivisionError), Rasterizer(IndexerSettings()).open(path) as opened:
        for page in opened.pages():
            page.page_number / 0


def test_reading_goes_on_when_the_thread_that_opened_has_ended(path: Path) -> None:
    write_pages(path, 4)
    opened: list[OpenDocument] = []
    rasterizer = Rasterizer(IndexerSettings())
    opener = threading.Thread(target=lambda: opened.append(rasterizer.open(path)))
    opener.start()
    opener.join()
    with opened[0] as document:
        assert [page.page_number for page in document.pages()] == [1, 2, 3, 4]
        assert document.warnings == []


def test_threads_read_side_by_side(tmp_path: Path) -> None:
    rasterizer = Rasterizer(IndexerSettings())
    texts: dict[int, list[str]] = {}

    def work(n_pages: int) -> None:
        path = tmp_path / f"{n_pages}.pdf"
        write_pages(path, n_pages)
        with rasterizer.open(path) as opened:
            texts[n_pages] = [page.words.text() for page in opened.pages()]

    threads = [threading.Thread(target=work, args=(n_pages,)) for n_pages in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == {n: [f"page {i + 1}" for i in range(n)] for n in (1, 2, 3)}


def test_the_child_dies_with_its_parent_even_inside_a_stuck_page(path: Path) -> None:
    write_pages(path, 1, stuck=(1,))
    code = (
        "import sys, time; from pathlib import Path\n"
        "from indexer.inputs.rasterizer import Rasterizer\n"
        "from indexer.base.settings import IndexerSettings\n"
        "with Rasterizer(IndexerSettings(page_cpu_s=120)).open(Path(sys.argv[1])):\n"
        "    print('open', flush=True); time.sleep(120)\n"
    )
    command = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "open\n"
        (warm,) = children(parent.pid)
        (child,) = children(warm)
        parent.kill()
    for pid in (child, warm):
        wait_for_end(pid)


def test_the_child_can_write_no_file_and_sees_no_environment_and_no_network(
    path: Path, monkeypatch: pytest.MonkeyPatch, children_here: Callable[[], list[int]]
) -> None:
    monkeypatch.setenv("A_SECRET", "hunter2")
    write_pages(path, 1, stuck=(1,))
    with Rasterizer(IndexerSettings()).open(path):
        (child,) = children_here()
        limits = Path(f"/proc/{child}/limits").read_text().splitlines()
        environment = Path(f"/proc/{child}/environ").read_bytes()
        status = Path(f"/proc/{child}/status").read_text()
    most = {line[:26].strip(): line[26:46].strip() for line in limits}
    assert most["Max file size"] == most["Max core file size"] == "0"
    assert most["Max address space"] == str(1024**3)
    assert b"A_SECRET" not in environment
    assert "Seccomp:\t2\n" in status  # a filter, the one that LibreOffice's test proves


@contextmanager
def warm_processes(
    monkeypatch: pytest.MonkeyPatch, command: list[str] | None = None
) -> Iterator[None]:
    """For a while, warm processes are others: what that command starts."""
    processes = warm_process.WarmProcesses()
    with monkeypatch.context() as patch:
        if command is not None:
            patch.setattr(warm_process, "warm_command", lambda **_: command)
        patch.setattr(warm_process, "_processes", processes)
        yield
    processes.end_all()


OPENED = {"kind": "opened", "locked": False, "n_pages": 2, "repaired": False}
LIES = {
    "prints garbage": ("os.write(1, b'Segmentation fault, or so' * 9)", Verdict.FAILED),
    "says nothing": ("time.sleep(600)", Verdict.TIMEOUT),
    "leaves at once": ("", Verdict.FAILED),
    "exits with an error": ("sys.exit(7)", Verdict.FAILED),
    "segfaults": ("os.kill(os.getpid(), signal.SIGSEGV)", Verdict.FAILED),
    "burns its CPU": ("os.kill(os.getpid(), signal.SIGPROF)", Verdict.TIMEOUT),
    "closes and lives on": ("os.close(1); time.sleep(600)", Verdict.FAILED),
    "leaves a child on the pipe": ("os.fork() or time.sleep(600)", Verdict.TIMEOUT),
    "declares a giant frame": (
        "os.write(1, b'psf1' + b'\\xff' * 8); time.sleep(600)",
        Verdict.FAILED,
    ),
    "opens nothing": ("write_frame(1, {'kind': 'page', 'number': 1})", Verdict.FAILED),
    "has no number of pages": ("write_frame(1, OPENED | {'n_pages': 'two'})", Verdict.FAILED),
    "cannot import": ("write_frame(1, {'kind': 'broken', 'reason': 'no lib'})", Verdict.FAILED),
    "starves while opening": (
        "write_frame(1, {'kind': 'unreadable', 'cause': 'memory', 'reason': ''})",
        Verdict.FAILED,
    ),
    "opens and segfaults": (
        "write_frame(1, OPENED); os.kill(os.getpid(), signal.SIGSEGV)",
        Verdict.FAILED,
    ),
    "opens and says nothing": ("write_frame(1, OPENED); time.sleep(600)", Verdict.TIMEOUT),
    "opens and sends page 2 first": (
        "write_frame(1, OPENED); write_frame(1, {'kind': 'page', 'number': 2}); time.sleep(600)",
        Verdict.FAILED,
    ),
    "sends a page that is empty": (
        "write_frame(1, OPENED); write_frame(1, {'kind': 'page', 'number': 1}); time.sleep(600)",
        Verdict.FAILED,
    ),
    "sends pixels it has not": (
        "write_frame(1, OPENED); write_frame(1, {'kind': 'page', 'number': 1, 'label': '1', "
        "'size_pt': [9, 9], 'size_px': [2000, 2000], 'coverage': 0, 'texts': []}); time.sleep(600)",
        Verdict.FAILED,
    ),
    "renders no page": (
        "write_frame(1, OPENED)\n"
        "for n in 1, 2: write_frame(1, {'kind': 'left_out', 'number': n, 'reason': 'a\\nb'})",
        Verdict.CORRUPT,
    ),
    "starves on every page": (
        "write_frame(1, OPENED)\n"
        "for n in 1, 2: write_frame(1, {'kind': 'left_out', 'number': n, 'cause': 'memory'})",
        Verdict.FAILED,
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_child_that_lies_ends_in_a_verdict(
    path: Path, monkeypatch: pytest.MonkeyPatch, lie: str
) -> None:
    source, verdict = LIES[lie]
    program = (
        f"import os, signal, socket, sys, time; sys.path.append({str(ROOT)!r})\n"
        "from indexer.inputs.sandbox.forking import serve_forks\n"
        f"from indexer.inputs.sandbox.frames import write_frame; OPENED = {OPENED!r}\n"
        f"def lie(request): exec({source!r})\n"
        "serve_forks(socket.socket(fileno=os.dup(0)), lie)\n"
    )
    command = [sys.executable, "-I", "-S", "-c", program]
    write_pages(path, 2)
    with warm_processes(monkeypatch, command), pytest.raises(DocumentRejected) as caught:
        read(path, page_wall_s=0.7 if verdict == Verdict.TIMEOUT else 60)
    assert caught.value.verdict == verdict
    assert str(caught.value).isprintable()


def test_no_process_to_be_had_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pages(path, 1)
    with (
        warm_processes(monkeypatch, ["/nonexistent/python"]),
        pytest.raises(DocumentRejected, match="no process could be started") as caught,
    ):
        read(path)
    assert caught.value.verdict == Verdict.FAILED
    ends_at_once = [sys.executable, "-S", "-c", ""]
    with (
        warm_processes(monkeypatch, ends_at_once),
        pytest.raises(Unreadable, match="no process could be started"),
    ):
        read(path)


def test_a_warm_process_that_is_killed_costs_the_page_that_is_read_and_no_document_after(
    path: Path, children_here: Callable[[], list[int]]
) -> None:
    write_pages(path, 4)
    with Rasterizer(IndexerSettings()).open(path) as opened:
        pages = opened.pages()
        numbers = [next(pages).page_number]
        (child,) = children_here()
        _, warm = _status(child)
        os.kill(warm, signal.SIGKILL)
        wait_for_end(child)
        numbers += [page.page_number for page in pages]
    assert (numbers, opened.warnings) == (
        [1, 3, 4],
        ["page 2: ended the rasterizer by SIGKILL and was left out"],
    )
    assert read(path) == ([1, 2, 3, 4], [])


def test_a_process_that_was_forked_has_its_own(path: Path) -> None:
    write_pages(path, 2)
    with Rasterizer(IndexerSettings()).open(path) as opened:
        pages = opened.pages()
        assert next(pages).page_number == 1
        pid = os.fork()
        if pid == 0:
            code = 1
            with suppress(BaseException):
                opened.interrupt()  # not theirs to end
                code = 0 if read(path) == ([1, 2], []) else 2
            os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert [page.page_number for page in pages] == [2]


def test_documents_after_one_that_needed_the_model_begin_with_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = pymupdf.open()
    page = document.new_page()
    for i in range(8):
        page.insert_text((72 + 260 * (i % 2), 72 + 40 * (i // 2)), f"cell {i}", fontsize=9)
    document.save(path)

    def loads(**settings: Any) -> tuple[float, str]:
        with Rasterizer(IndexerSettings(layout="always", **settings)).open(path) as opened:
            (page,) = opened.pages()
            return opened.layout_load_s, page.regions.source

    with warm_processes(monkeypatch):
        loads()
        assert loads() == (0.0, "model")
        seconds, source = loads(rasterizer_memory_bytes=900 << 20)  # too little to begin with it
        assert seconds > 0 and source == "model"


def test_reading_can_be_interrupted_from_another_thread(
    path: Path, children_here: Callable[[], list[int]]
) -> None:
    """The page that hangs is not waited for, and no other child is started."""
    write_pages(path, 3, stuck=(2,))
    with Rasterizer(IndexerSettings(page_cpu_s=60)).open(path) as document:
        found: list[int] = []
        first = threading.Event()

        def work() -> None:
            for page in document.pages():
                found.append(page.page_number)
                first.set()

        thread = threading.Thread(target=work)
        thread.start()
        assert first.wait(600)
        document.interrupt()
        thread.join(600)
        assert not thread.is_alive()
        assert (found, document.warnings) == ([1], [])
        assert not [pid for pid in children_here() if _status(pid)[0] != "Z"]
