"""Published checkpoints that an operator may want to name, and what is said of them. None was run here.

Scores are means over the tasks of ViDoRe in the results of MTEB (snapshot of August 2026): V1 and V2 nDCG@5,
V3 nDCG@10 in six languages; empty where there are none.
"""

from __future__ import annotations

from dataclasses import dataclass

_ENGINE = "no: the processor of its Qwen backbone wants torchvision"
_OWN_CODE = "no: asks for code of its own"


@dataclass(frozen=True, slots=True)
class PublishedCheckpoint:
    """One checkpoint.

    encoder  what loads it
    vectors  most of one page; empty where it is not said
    loads    whether it can be loaded, as far as its page says
    """

    checkpoint: str
    encoder: str
    licence: str
    dim: int
    vectors: str
    vidore: str
    loads: str


PUBLISHED = (
    PublishedCheckpoint(
        "vultr/VultronRetrieverPrime-Qwen3.5-8B",
        "colvision",
        "Apache-2.0",
        320,
        "",
        "92.08, 68.18, 64.26",
        _ENGINE,
    ),
    PublishedCheckpoint(
        "vultr/VultronRetrieverCore-Qwen3.5-4.5B",
        "colvision",
        "Apache-2.0",
        320,
        "",
        "92.21, 66.12, 63.57",
        _ENGINE,
    ),
    PublishedCheckpoint(
        "vultr/VultronRetrieverFlash-Qwen3.5-0.8B",
        "colvision",
        "Apache-2.0",
        320,
        "",
        "88.15, 60.36, 56.16",
        _ENGINE,
    ),
    PublishedCheckpoint(
        "TomoroAI/tomoro-colqwen3-embed-4b",
        "colvision",
        "Apache-2.0",
        320,
        "1,280",
        "90.57, 64.69, 60.20",
        _OWN_CODE,
    ),
    PublishedCheckpoint(
        "athrael-soju/colqwen3.5-4.5B-v3",
        "colvision",
        "Apache-2.0",
        320,
        "",
        "91.54, 64.25, 61.46",
        _ENGINE,
    ),
    PublishedCheckpoint(
        "athrael-soju/ColUltraVBERT", "colvision", "on its page", 768, "", "", _OWN_CODE
    ),
    PublishedCheckpoint(
        "vidore/colqwen2-v1.0-hf",
        "colqwen2",
        "Apache-2.0",
        128,
        "768",
        "89.23, 56.04, 44.65",
        "yes",
    ),
    PublishedCheckpoint(
        "vidore/colqwen2.5-v0.2",
        "colqwen2.5",
        "Apache-2.0",
        128,
        "768",
        "89.54, 60.06, 51.90",
        "yes",
    ),
    PublishedCheckpoint(
        "vidore/colpali-v1.3-hf", "colpali", "Gemma", 128, "1,024", "84.75, 54.72, 43.05", "yes"
    ),
    PublishedCheckpoint(
        "ModernVBERT/colmodernvbert", "colmodernvbert", "MIT", 128, "", "-, -, 26.07", "yes"
    ),
    PublishedCheckpoint(
        "lightonai/LateOn", "colbert", "on its page", 128, "one a token", "", "as PyLate's do"
    ),
)
