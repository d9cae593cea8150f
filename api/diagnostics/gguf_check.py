"""Whether the configured GGUF model can answer on this machine; nothing is loaded."""

from __future__ import annotations

from importlib.util import find_spec

from api.base.settings import Settings
from api.services.answer_writers import gguf_options
from generator.backends.gguf.files import find_model
from generator.backends.gguf.header import read_header
from generator.backends.gguf.memory import memory_of, refuse_unfit
from generator.errors import GeneratorUnavailable


def check_gguf(settings: Settings, beside_bytes: int) -> str:
    """Return what it takes in one line. Raises GeneratorUnavailable when it cannot answer here.

    beside_bytes  what the rest of the process takes
    """
    if find_spec("xllamacpp") is None:
        raise GeneratorUnavailable("install the extra `gguf`: pip install 'pagesight[gguf]'")
    options = gguf_options(settings)
    files = find_model(options)
    header = read_header(files.model)
    projector = read_header(files.projector) if files.projector else None
    has_bytes = (options.memory_bytes or 0) - beside_bytes
    refuse_unfit(header, projector, options.context_tokens, has_bytes)
    memory = memory_of(header, projector, options.context_tokens)
    return (
        f"gguf, {header.path.name} ({header.architecture}): {memory.summary()}; beside it the rest takes "
        f"{beside_bytes / 1e9:.1f} GB; {options.n_threads} threads"
    )
