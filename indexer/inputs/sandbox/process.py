"""Start a child of the rasterizer, read from it, end it and reap it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from indexer.base.page_parts import PagePart
from indexer.base.settings import IndexerSettings
from indexer.inputs.sandbox.frames import (
    MAX_WORDS,
    WORD_BYTES,
    BadFrame,
    EndOfFrames,
    Frame,
    FrameReader,
    FrameTimeout,
    RasterizerFault,
    RenderRequest,
)

# Isolated: no environment, no site folder, no current folder; only the parent's own import path.
_BOOTSTRAP = (
    "import json, sys\n"
    "sys.path[:] = json.loads(sys.argv[1])\n"
    "from indexer.inputs.child import main\n"
    "main(sys.argv[2])\n"
)


class ChildDied(RasterizerFault):
    """The child ended, or was ended, before it gave the page that was due.

    timed_out  it used up its CPU or wall time
    orphaned   the kernel killed it as the thread that started it had ended: no fault of the page
    """

    def __init__(self, reason: str, *, timed_out: bool = False, orphaned: bool = False) -> None:
        super().__init__(reason)
        self.timed_out = timed_out
        self.orphaned = orphaned


def child_command(request: RenderRequest) -> list[str]:
    """Return the command line of a child that gets our import path, and nothing else of us."""
    root = str(Path(__file__).resolve().parents[3])
    folders = [str(Path(entry).absolute()) for entry in sys.path]
    if root not in folders:
        folders.append(root)
    options = ["-I", "-S", "-X", "utf8", "-c", _BOOTSTRAP]
    return [sys.executable, *options, json.dumps(folders), json.dumps(request._asdict())]


class RasterizerProcess:
    """A running child that renders the open file ``file_fd`` from ``first_page`` on, or parts of that page.

    media_type  by which the registry knows the file's kind
    layout  when it asks the layout model: `auto`, `always`, `never`
    facts_only  send no pages but what the file says of itself
    attachments  send no pages but the files it carries: at most so many, and so many bytes of them

    For one thread at a time. Raises OSError when no process can be started.
    """

    def __init__(
        self,
        settings: IndexerSettings,
        file_fd: int,
        media_type: str,
        first_page: int,
        layout: str = "never",
        attachments: tuple[int, int] = (0, 0),
        parts: Sequence[PagePart] = (),
        *,
        facts_only: bool = False,
    ) -> None:
        self._settings = settings
        request = RenderRequest(
            parent_pid=os.getpid(),
            media_type=media_type,
            first_page=first_page,
            page_dpi=settings.page_dpi,
            max_page_px=settings.max_page_px,
            max_side_px=settings.max_side_px,
            max_pages=settings.max_pages,
            page_cpu_s=settings.page_cpu_s,
            memory_bytes=settings.rasterizer_memory_bytes,
            layout=layout,
            max_attachments=attachments[0],
            max_attached_bytes=attachments[1],
            parts=[(*part.box, *part.size_px, part.in_colour) for part in parts],
            facts_only=facts_only,
        )
        self._starter = threading.current_thread()
        self._popen = subprocess.Popen(
            child_command(request),
            stdin=file_fd,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={},
            start_new_session=True,  # Ctrl-C is for us; and whatever it starts can be ended with it
        )
        assert self._popen.stdout is not None
        self._pipe = self._popen.stdout
        max_body_bytes = 3 * settings.max_page_px + WORD_BYTES * MAX_WORDS
        self._frames = FrameReader(self._pipe.fileno(), max_body_bytes)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def next_frame(self) -> Frame:
        """Read the next frame. Raises ChildDied or BadFrame; in either case the child is reaped."""
        if self._pipe.closed:
            raise ValueError("the document is closed")
        try:
            return self._frames.read(self._settings.page_wall_s)
        except BadFrame:
            self.close()
            raise
        except FrameTimeout:
            self.close()
            reason = f"gave no answer within {self._settings.page_wall_s:g} s"
            raise ChildDied(reason, timed_out=True) from None
        except EndOfFrames:
            self.close()  # a process whose pipe has ended has its exit status already
            raise self._post_mortem() from None

    def _post_mortem(self) -> ChildDied:
        """Return why the pipe ended."""
        code = self._popen.returncode
        if code == -signal.SIGPROF:
            reason = f"took more than {self._settings.page_cpu_s:g} s of CPU"
            return ChildDied(reason, timed_out=True)
        is_orphan = code == -signal.SIGKILL and not self._starter.is_alive()
        if code < 0:
            return ChildDied(f"ended the rasterizer by {_signal_name(-code)}", orphaned=is_orphan)
        return ChildDied(f"ended the rasterizer with exit status {code}")

    def kill(self) -> None:
        """Kill the child and all it started; another thread may be reading from it."""
        if self._popen.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill the child and all it started, and reap it. May be called again."""
        if self._pipe.closed:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._pipe.close()
        self._popen.wait()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
