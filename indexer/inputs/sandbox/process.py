"""Start a child of the rasterizer, read from it, end it and reap it."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence

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
    SceneRules,
)
from indexer.inputs.sandbox.region_decoding import is_model_loaded
from indexer.inputs.sandbox.warm_process import note_model_use, start_child

_MOST_STEPS = 10_000  # of a file that is read before its first page


class ChildDied(RasterizerFault):
    """The child ended, or was ended, before it gave the page that was due.

    timed_out  it used up its CPU or wall time
    """

    def __init__(self, reason: str, *, timed_out: bool = False) -> None:
        super().__init__(reason)
        self.timed_out = timed_out


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
            scenes=SceneRules(
                fps=settings.video_fps,
                min_frames=settings.video_min_frames,
                max_frames=min(settings.video_max_frames, settings.max_pages),
                scene_change=settings.video_scene_change,
                least_change=settings.video_least_change,
            ),
        )
        self._pipe, write_end = os.pipe()
        try:
            self._child = start_child(request, file_fd, write_end)
        except OSError:
            os.close(self._pipe)
            raise
        finally:
            os.close(write_end)
        self._exit_code: int | None = None
        self._steps_left = _MOST_STEPS
        max_body_bytes = 3 * settings.max_page_px + WORD_BYTES * MAX_WORDS
        self._frames = FrameReader(self._pipe, max_body_bytes)

    @property
    def pid(self) -> int:
        return self._child.pid

    def next_frame(self) -> Frame:
        """Read the next frame. Raises ChildDied or BadFrame; in either case the child is reaped."""
        if self._exit_code is not None:
            raise ValueError("the document is closed")
        try:
            frame = self._next_of_pipe()
        except BadFrame:
            self.close()
            raise
        except FrameTimeout:
            self.close()
            reason = f"gave no answer within {self._settings.page_wall_s:g} s"
            raise ChildDied(reason, timed_out=True) from None
        except EndOfFrames:
            raise self._post_mortem(self.close()) from None
        if is_model_loaded(frame):
            note_model_use()
        return frame

    def _next_of_pipe(self) -> Frame:
        """Read the next frame that tells more than that the child is at work."""
        while True:
            frame = self._frames.read(self._settings.page_wall_s)
            if frame.header.get("kind") != "at_work":
                return frame
            self._steps_left -= 1
            if self._steps_left < 0:
                raise BadFrame("no end of work before the first page")

    def _post_mortem(self, code: int) -> ChildDied:
        """Return why the pipe ended."""
        if code == -signal.SIGPROF:
            reason = f"took more than {self._settings.page_cpu_s:g} s of CPU"
            return ChildDied(reason, timed_out=True)
        if code < 0:
            return ChildDied(f"ended the rasterizer by {_signal_name(-code)}")
        return ChildDied(f"ended the rasterizer with exit status {code}")

    def kill(self) -> None:
        """Kill the child and all it started; another thread may be reading from it."""
        if self._exit_code is None:
            self._child.kill()

    def close(self) -> int:
        """Kill the child and all it started, reap it, return its exit code. May be called again."""
        if self._exit_code is None:
            self._exit_code = self._child.end()
            os.close(self._pipe)
        return self._exit_code


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
