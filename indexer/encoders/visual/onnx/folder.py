"""What stands beside the graphs of an exported encoder: the numbers and words that pages are read with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.base import EncoderFingerprint
from indexer.encoders.visual.facts import VisualFacts
from indexer.encoders.visual.onnx.products import Precision
from indexer.encoders.visual.onnx.towers import TowerShape

ABOUT = "onnx.json"
TOKENIZER = "tokenizer.json"
VISION, TEXT = "vision.onnx", "text.onnx"


@dataclass(frozen=True, slots=True)
class ExportedEncoder:
    """An exported encoder.

    encoder       its name in the registry
    adapter       the name of the LoRA adapter that is merged into it, if it has one
    checkpoint, revision
                  the weights that it was exported from, as a fingerprint has them
    image_mean, image_std
                  of each colour, after `rescale_factor`
    frames        that a patch of video spans: a page fills all of them
    before, after ids of the prompt around the page
    special_tokens
                  spellings that a question must not bring in
    """

    encoder: str
    adapter: str | None
    checkpoint: str
    revision: str
    precision: Precision
    shape: TowerShape
    image_mean: tuple[float, ...]
    image_std: tuple[float, ...]
    rescale_factor: float
    resample: int
    frames: int
    before: tuple[int, ...]
    after: tuple[int, ...]
    special_tokens: tuple[str, ...]

    def fingerprint(self, facts: VisualFacts) -> EncoderFingerprint:
        """Return the fingerprint of the weights that were exported, so that both may share a collection.

        Integers turn vectors (a cosine of .999 on a tiny checkpoint): they have one of their own.
        """
        weights = replace(facts.fingerprint, checkpoint=self.checkpoint, revision=self.revision)
        own = weights.of_adapter(self.adapter)
        if self.precision != "int8":
            return own
        return replace(own, options={**own.options, "products": "int8"})

    def write(self, folder: Path) -> None:
        text = json.dumps(asdict(self), indent=2, ensure_ascii=False)
        (folder / ABOUT).write_text(text + "\n", encoding="utf-8")


def is_exported(source: str) -> bool:
    """Say whether a checkpoint is the folder of an exported encoder."""
    return (Path(source).expanduser() / ABOUT).is_file()


def read_exported(source: str, facts: VisualFacts) -> ExportedEncoder:
    """Read an exported encoder. Raises EncoderUnavailable for one that is damaged, or another's."""
    path = Path(source).expanduser() / ABOUT
    try:
        body: dict[str, Any] = json.loads(path.read_bytes())
        shape = _tuples(body.pop("shape"))
        about = ExportedEncoder(shape=TowerShape(**shape), **_tuples(body))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EncoderUnavailable(f"{path} is damaged: export the encoder again") from error
    if about.encoder != facts.name:
        raise EncoderUnavailable(
            f"{path.parent} holds {about.encoder}, not {facts.name}: set PAGESIGHT_ENCODER="
            f"{about.encoder}"
        )
    return about


def _tuples(body: dict[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
        for name, value in body.items()
    }
