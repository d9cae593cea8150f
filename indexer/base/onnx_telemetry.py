"""Keep ONNX Runtime from reporting to its maker: releases from 1.31 on collect, store and send telemetry."""

from __future__ import annotations

import os


def refuse_telemetry() -> None:
    """Say no for this process and those that it starts; to be called before `onnxruntime` is imported.

    Nothing of a user's pages may cause a connection that the user did not ask for. Beside that, the thread
    that reports is lost in a forked process, which then hangs where it ends.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
