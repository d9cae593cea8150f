"""Options of loading a GGUF model: which file, how long a prompt, how many threads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class GgufOptions:
    """How to load a model.

    source          a file, a name of the catalogue or a hub id (`owner/name:file.gguf@revision`)
    projector       the same for the file that lets a model see (mmproj); None: it reads text only, or
                    the one that the catalogue has beside it
    folder          where downloaded models lie
    context_tokens  most tokens of prompt and answer together
    n_threads       of the processor
    on_gpu          whether layers may go to a GPU, where the installed llama.cpp can use it
    memory_bytes    what the machine has; a model that needs more is refused
    """

    source: str
    projector: str | None
    folder: Path
    context_tokens: int = 4096
    n_threads: int = 1
    on_gpu: bool = False
    memory_bytes: int | None = None
