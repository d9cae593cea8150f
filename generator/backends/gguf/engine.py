"""llama.cpp in this process, through the xllamacpp wheel: a request in, chunks of a chat completion out.

xllamacpp starts llama.cpp's HTTP server with the model, always. Nobody may reach it: it listens on a socket
in a folder that only this user can enter, which is unlinked as soon as the model is loaded.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.backends.gguf.files import find_model
from generator.backends.gguf.header import read_header
from generator.backends.gguf.memory import refuse_unfit
from generator.backends.gguf.options import GgufOptions
from generator.errors import GeneratorUnavailable

# Between two of these a prompt can be cancelled: 1.4 s for 1.5 billion parameters on one thread, measured;
# larger ones are no faster there.
_BATCH_TOKENS = 64
_ERRORS_ONLY = 1
_MEDIA_MARK = "<__media__>"  # where llama.cpp puts an image

OnChunk = Callable[[dict[str, Any]], bool]


@dataclass(frozen=True, slots=True, eq=False)
class GgufEngine:
    """A loaded model. One request at a time: `complete` is called by one thread.

    marks        what must not stand in a text that it is given, longest first
    calls_tools  whether its chat template knows tools
    """

    server: Any
    context_tokens: int
    marks: tuple[str, ...]
    calls_tools: bool = False

    def complete(self, body: dict[str, Any], on_chunk: OnChunk) -> None:
        """Answer a streaming chat completion request; stop at once when `on_chunk` returns true.

        Raises ValueError or RuntimeError for a request that llama.cpp cannot read, such as a schema that
        it does not know.
        """
        self.server.handle_chat_completions(body, on_chunk)


def load_engine(options: GgufOptions) -> GgufEngine:
    """Load a model. Raises GeneratorUnavailable when a file, the wheel or the memory is missing."""
    try:
        import xllamacpp
    except ImportError as error:
        raise GeneratorUnavailable(
            "GGUF models need llama.cpp: install the extra `gguf` (pip install 'pagesight[gguf]')"
        ) from error
    files = find_model(options)
    header = read_header(files.model)
    projector = read_header(files.projector) if files.projector else None
    refuse_unfit(header, projector, options.context_tokens, options.memory_bytes)
    folder = Path(tempfile.mkdtemp(prefix="pagesight-"))  # mode 0700
    try:
        params = _params(xllamacpp, options, files.model, folder / "llama.sock")
        if files.projector:
            params.mmproj.path = str(files.projector)
        server = xllamacpp.Server(params)
    except (RuntimeError, ValueError) as error:
        raise GeneratorUnavailable(
            f"llama.cpp cannot load {files.model}: it says why above ({error})"
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    marks = (*header.marks, _MEDIA_MARK)
    return GgufEngine(server, options.context_tokens, marks, header.calls_tools)


def _params(xllamacpp: Any, options: GgufOptions, model: Path, socket: Path) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.n_ctx = options.context_tokens
    params.n_parallel = 1  # the processor is no faster for two, and each has a context of its own
    params.n_batch = params.n_ubatch = _BATCH_TOKENS
    for threads in (params.cpuparams, params.cpuparams_batch):
        threads.n_threads = options.n_threads
    if not options.on_gpu:
        params.n_gpu_layers = 0
        params.fit_params = False
    params.cache_ram_mib = 0  # the last prompt stays in the context anyway
    params.warmup = False
    params.verbosity = _ERRORS_ONLY
    params.hostnames = [str(socket)]
    params.api_keys = [secrets.token_hex()]
    params.ui = params.endpoint_slots = params.endpoint_props = params.endpoint_metrics = False
    return params
