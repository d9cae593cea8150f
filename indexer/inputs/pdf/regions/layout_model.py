"""Load and ask the layout model inside PyMuPDF's wheel, in the child.

`import pymupdf` would load the model with it, and a converter to Markdown: 0.3 s of CPU and 90 MB that a file
of plain pages need not pay.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from indexer.base.onnx_telemetry import refuse_telemetry

_MODEL = "pymupdf.layout"
_CONVERTER = "pymupdf4llm"


class _State:
    """Why the model cannot be loaded, "" while nothing is known; whether it is; the seconds that it took."""

    problem = ""
    is_loaded = False
    load_s = 0.0


_state = _State()


def hold_back() -> None:
    """Have `import pymupdf` leave both out; to be called before it."""
    for name in (_MODEL, _CONVERTER):
        sys.modules[name] = None  # type: ignore[assignment]


def load_for_children() -> None:
    """Load the model into a process that forks; leave it where it cannot be, or where threads run.

    What another thread holds at a fork would be locked in the child for ever.
    """
    try:
        _load_once()
    except Exception:  # noqa: BLE001 - the parent goes on without, and a child will say why
        os._exit(1)
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        os._exit(1)
    _state.load_s = 0.0  # of no child


def load_s() -> float:
    """Return the seconds that loading the model took in this process."""
    return _state.load_s


def is_loaded() -> bool:
    """Say whether the model is in this process."""
    return _state.is_loaded


def is_unloadable() -> bool:
    """Say whether loading the model has failed."""
    return bool(_state.problem)


def groups_of(page: Any) -> list[dict[str, Any]]:
    """Return the groups that the model sees on a page that has no rotation, and keep them with the page."""
    if _state.problem:
        raise RuntimeError(_state.problem)
    if not _state.is_loaded:
        _load_once()
    page.get_layout(return_raw=True)
    groups: list[dict[str, Any]] = page.layout_information or []
    return groups


def _load_once() -> None:
    """Load the model, or never again: what failed for want of memory would fail on the next page."""
    began = time.monotonic()
    try:
        _load()
        _state.load_s = time.monotonic() - began
        _state.is_loaded = True
    except BaseException as error:
        _state.problem = f"it could not be loaded: {error}"
        raise


def _load() -> None:
    """Load the model to run on one thread that sleeps while it waits: the other cores have their own work."""
    refuse_telemetry()
    import onnxruntime

    class OneThread(onnxruntime.SessionOptions):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.intra_op_num_threads = 1
            self.inter_op_num_threads = 1
            self.add_session_config_entry("session.intra_op.allow_spinning", "0")

    sys.modules.pop(_MODEL, None)
    options, onnxruntime.SessionOptions = onnxruntime.SessionOptions, OneThread
    try:
        import pymupdf.layout  # noqa: F401 - it hooks itself into `Page.get_layout`
    finally:
        onnxruntime.SessionOptions = options
