"""The encoder `lite-multi`: a page is its words, in any of a hundred languages.

multilingual-e5-small (Wang et al., arXiv 2402.05672; MIT) is as wide as MiniLM and twice as deep. Its vectors
lie close together: what all have in common is taken away before pages are compared, or languages that mix
on a page would count for more than what it says. They are stored whole: a projection to fewer dimensions, as
`lite` has one, costs too much of a space that is used so evenly (docs/experiments.md).

Its weights are not part of the installation: they come from the hub, or from a folder that
PAGESIGHT_ENCODER_CHECKPOINT names.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import EncoderUnavailable
from indexer.base.language.stop_words import STOP_WORDS_OF_ALL
from indexer.encoders.base import EncoderFingerprint
from indexer.encoders.checkpoints.contents import content_revision
from indexer.encoders.checkpoints.discovery import (
    LOCAL,
    Checkpoint,
    find_checkpoint,
    split_revision,
)
from indexer.encoders.lite.content import ContentPieces
from indexer.encoders.lite.encoder import WordEncoder
from indexer.encoders.lite.identity import BETA, HIDDEN, POOL
from indexer.encoders.lite.model import MiniLM
from indexer.encoders.lite.onnx_model import OnnxMiniLM
from indexer.encoders.lite.pieces import PieceReader
from indexer.encoders.lite.runtimes import Runtimes, load_models
from indexer.encoders.lite.weights import load_tokenizer
from indexer.encoders.lite.windows import OVERLAP, WINDOW
from indexer.encoders.options import EncoderOptions

NAME = "lite-multi"
CHECKPOINT = "intfloat/multilingual-e5-small"
REVISION = "614241f622f53c4eeff9890bdc4f31cfecc418b3"
N_PARAMETERS = 117_653_760
# Of its hundred, those that are measured here (docs/experiments.md).
LANGUAGES = ("ar", "de", "en", "fr", "ja", "ko", "zh")
STOP_WORDS_VERSION = 1  # raise it with any change of STOP_WORDS_OF_ALL
# Of the mean in multi_mean.npz (float32); a test compares.
MEAN_SHA256 = "d3580f32cc1922a619be4702df056a08161dc201b027670829cccf9c24fab4c6"

_ENDS = ("<s>", "</s>")
_N_WORDS = 250_037
_MEAN = Path(__file__).with_name("multi_mean.npz")
_REMEDY = f"set PAGESIGHT_ENCODER_CHECKPOINT to a folder with the files of {CHECKPOINT}"


def fingerprint_for(options: EncoderOptions) -> EncoderFingerprint:
    """Return what the loaded encoder's fingerprint would be; reads the files of a checkpoint that is named.

    Raises EncoderUnavailable where they are not there, and for options that the encoder does not have.
    """
    options.require_no_resolution(NAME)
    source = options.checkpoint
    return _fingerprint() if source is None else _fingerprint_of(_folder_of(source), source)


def load(device: str, options: EncoderOptions) -> WordEncoder:
    """Load weights and tokenizer. Raises EncoderUnavailable where they are missing, or another model's."""
    fingerprint = fingerprint_for(options)
    folder = _folder_of(options.checkpoint or f"{CHECKPOINT}@{REVISION}")
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise EncoderUnavailable(f"{weights} is missing: {_REMEDY}")
    _require_shape(weights)
    mean = load_mean()
    runtimes = Runtimes(
        lambda: OnnxMiniLM(weights, offset=mean),
        lambda on: MiniLM(weights, on, offset=mean, torchscript=options.torchscript),
    )
    model, of_pages = load_models(NAME, device, options.lite_runtime, runtimes)
    tokenizer = load_tokenizer(folder, _REMEDY)
    reader = PieceReader(
        model,
        tokenizer,
        page_model=of_pages,
        ends=_ENDS,
        page_prefix="passage: ",  # it was trained with them
        query_prefix="query: ",
    )
    content = ContentPieces(tokenizer.get_vocab(), STOP_WORDS_OF_ALL, unigram=True)
    return WordEncoder(fingerprint, reader, content, _ENDS, scores_ends=False)


def load_mean(path: Path = _MEAN) -> NDArray[np.float32]:
    """Load what the vectors of all pieces have in common: their mean (384,) over pages in many languages."""
    with np.load(path, allow_pickle=False) as archive:
        mean: NDArray[np.float32] = archive["mean"]
    if mean.shape != (HIDDEN,) or mean.dtype != np.float32:
        raise EncoderUnavailable(f"{path} is damaged: reinstall pagesight")
    return mean


def _folder_of(source: str) -> Path:
    return find_checkpoint(*split_revision(source)).weights


@lru_cache(maxsize=4)
def _fingerprint_of(folder: Path, source: str) -> EncoderFingerprint:
    if Path(source).expanduser().is_dir():
        return _fingerprint(LOCAL, content_revision(Checkpoint(folder, folder)))
    return _fingerprint(
        split_revision(source)[0], folder.name
    )  # the hub's cache names it by its commit


def _fingerprint(checkpoint: str = CHECKPOINT, revision: str = REVISION) -> EncoderFingerprint:
    return EncoderFingerprint(
        name=NAME,
        checkpoint=checkpoint,
        revision=revision,
        dim=HIDDEN,
        options={
            "beta": BETA,
            "window": WINDOW,
            "overlap": OVERLAP,
            "pool": POOL,
            "mean": MEAN_SHA256[:16],
            "stop_words": STOP_WORDS_VERSION,
        },
    )


def _require_shape(weights: Path) -> None:
    """Raise EncoderUnavailable for a file that is no multilingual-e5-small."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(weights, "np") as file:
            shape = file.get_slice("embeddings.word_embeddings.weight").get_shape()
    except (OSError, SafetensorError) as error:
        raise EncoderUnavailable(f"{weights} is damaged, or no {CHECKPOINT}: {_REMEDY}") from error
    if shape != [_N_WORDS, HIDDEN]:
        raise EncoderUnavailable(f"{weights} is another model than {CHECKPOINT}: {_REMEDY}")
