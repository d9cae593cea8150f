"""Load and ask the layout model inside PyMuPDF's wheel, in the child.

`import pymupdf` would load the model with it: 0.3 s of CPU and 90 MB that a file of plain pages need not pay.
"""

from __future__ import annotations

import sys
from typing import Any

_MODEL = "pymupdf.layout"


def hold_back() -> None:
    """Have `import pymupdf` leave the model out; to be called before it."""
    sys.modules[_MODEL] = None  # type: ignore[assignment]


def groups_of(page: Any) -> list[dict[str, Any]]:
    """Return the groups that the model sees on a page that has no rotation, and keep them with the page."""
    if sys.modules.get(_MODEL) is None:
        _load()
    page.get_layout(return_raw=True)
    groups: list[dict[str, Any]] = page.layout_information or []
    return groups


def _load() -> None:
    """Load the model to run on one thread that sleeps while it waits: the other cores have their own work."""
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
