"""Run an ONNX graph by ONNX Runtime on the processor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import EncoderUnavailable
from indexer.base.onnx_telemetry import refuse_telemetry
from indexer.encoders.checkpoints.messages import one_line
from indexer.encoders.onnx.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Mapping


class GraphSession:
    """A graph in memory. Safe to use from several threads.

    Raises EncoderUnavailable where ONNX Runtime is not installed, and for a file that is damaged.
    """

    def __init__(self, graph: Graph | Path, n_threads: int = 1) -> None:
        """`graph`: one whose weights are in memory, and are not copied; or the path of a saved one."""
        runtime, options = _runtime(), _options(n_threads)
        self._weights = []
        if isinstance(graph, Graph):
            self._weights = [
                runtime.OrtValue.ortvalue_from_numpy(values) for values in graph.weights.values()
            ]
            options.add_external_initializers(list(graph.weights), self._weights)
        content = graph.to_bytes() if isinstance(graph, Graph) else str(graph)
        try:
            self._session = runtime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
        except _errors(runtime) as error:
            raise EncoderUnavailable(
                f"{graph} is damaged, or not there: export it again ({one_line(error, 200)})"
            ) from error

    def run(self, inputs: Mapping[str, NDArray[np.generic]]) -> list[NDArray[np.float32]]:
        """Return the graph's outputs, in its order."""
        outputs: list[NDArray[np.float32]] = self._session.run(None, dict(inputs))
        return outputs


def _errors(runtime: Any) -> tuple[type[Exception], ...]:
    """Return what ONNX Runtime raises for a file that it cannot load: they have no class in common."""
    state = runtime.capi.onnxruntime_pybind11_state
    return (
        state.Fail,
        state.InvalidArgument,
        state.InvalidProtobuf,
        state.NoSuchFile,
        state.InvalidGraph,
        state.NotImplemented,
        state.RuntimeException,
    )


def _options(n_threads: int) -> Any:
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
