"""Run an ONNX graph by ONNX Runtime on the processor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import EncoderUnavailable
from indexer.base.onnx_telemetry import refuse_telemetry
from indexer.encoders.onnx.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Mapping


class GraphSession:
    """A graph in memory, and its weights, which it does not copy. Safe to use from several threads.

    Raises EncoderUnavailable where ONNX Runtime is not installed.
    """

    def __init__(self, graph: Graph) -> None:
        options = session_options()
        runtime = _runtime()
        self._weights = [
            runtime.OrtValue.ortvalue_from_numpy(values) for values in graph.weights.values()
        ]
        options.add_external_initializers(list(graph.weights), self._weights)
        self._session = runtime.InferenceSession(
            graph.to_bytes(), options, providers=["CPUExecutionProvider"]
        )

    def run(self, inputs: Mapping[str, NDArray[np.generic]]) -> list[NDArray[np.float32]]:
        """Return the graph's outputs, in its order."""
        outputs: list[NDArray[np.float32]] = self._session.run(None, dict(inputs))
        return outputs


def session_options(n_threads: int = 1) -> Any:
    """Return options of a session whose threads sleep while they wait: cores have other work."""
    options = _runtime().SessionOptions()
    options.intra_op_num_threads = n_threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def require_processor(name: str, device: str) -> None:
    """Raise EncoderUnavailable where encoder `name` is to run by ONNX Runtime on anything but the CPU."""
    if device not in ("auto", "cpu"):
        raise EncoderUnavailable(
            f"{name} runs by ONNX Runtime on the processor, not on {device}: set PAGESIGHT_DEVICE=cpu, "
            "or let torch compute it"
        )


def _runtime() -> Any:
    refuse_telemetry()
    try:
        import onnxruntime
    except ImportError as error:
        raise EncoderUnavailable(
            "onnxruntime is not installed: run `pip install onnxruntime`"
        ) from error
    return onnxruntime
