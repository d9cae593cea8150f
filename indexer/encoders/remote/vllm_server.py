"""What is asked of a vLLM server with a model of page images: tokens of a text, a vector for each token.

The addresses are `/v1/models`, `/tokenize` and `/pooling` (vLLM 0.18 and later). Dimension key: S tokens of a
prompt, D dim.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from indexer.base.errors import EncoderAway, EncoderUnavailable
from indexer.encoders.remote.connection import BUSY, EncoderConnection, Patience

PAGE_PROMPT = (
    "Describe the image."  # the words that these models were trained to read behind a page
)


@dataclass(frozen=True, slots=True)
class TextTokens:
    """The ids of a text's tokens, and how the vocabulary spells each."""

    ids: list[int]
    spellings: list[str]


class VllmServer(EncoderConnection):
    """A vLLM server at an address. Safe to use from several threads.

    Raises EncoderAway where it does not answer, is busy for longer than patience lasts or serves the model no
    longer; EncoderUnavailable where it refuses, or answers as no pooling model does.
    """

    def __init__(self, address: str, key: str | None) -> None:
        super().__init__(address, key)
        self.model = ""

    def served_models(self, patience: Patience) -> list[tuple[str, str]]:
        """Return the names of its models, each with the checkpoint that it was started with."""
        answer = self._json_of(self.get("/v1/models", patience))
        try:
            return [(str(model["id"]), str(model["root"])) for model in answer["data"]]
        except (KeyError, TypeError) as error:
            raise self._odd_answer("/v1/models") from error

    def tokens_of(self, text: str, patience: Patience) -> TextTokens:
        """Split a text into tokens, with the special ones that its tokenizer adds."""
        answer = self._ask("/tokenize", {"prompt": text, "return_token_strs": True}, patience)
        try:
            tokens = TextTokens(list(map(int, answer["tokens"])), list(answer["token_strs"]))
        except (KeyError, TypeError, ValueError) as error:
            raise self._odd_answer("/tokenize") from error
        if len(tokens.ids) != len(tokens.spellings):
            raise self._odd_answer("/tokenize")
        return tokens

    def vectors_of_tokens(
        self, prompts: Sequence[list[int]], dim: int, patience: Patience
    ) -> list[NDArray[np.float32]]:
        """Return a vector for each token (S, D) of each prompt of ids."""
        vectors = self._pool({"input": list(prompts)}, dim, patience)
        if [len(rows) for rows in vectors] != [len(prompt) for prompt in prompts]:
            raise self._odd_answer("/pooling", "it gives no vector for each token")
        return vectors

    def vectors_of_image(
        self, image: Image.Image, dim: int, patience: Patience
    ) -> NDArray[np.float32]:
        """Return a vector for each token (S, D) of an image and the words around it."""
        file = io.BytesIO()
        image.save(file, "PNG", compress_level=1)
        url = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
        content = [
            {"type": "image_url", "image_url": {"url": url}},
            {"type": "text", "text": PAGE_PROMPT},
        ]
        messages = [{"role": "user", "content": content}]
        vectors = self._pool({"messages": messages}, dim, patience)
        if len(vectors) != 1:
            raise self._odd_answer("/pooling")
        return vectors[0]

    def dim_of(self, tokens: TextTokens, patience: Patience) -> int:
        """Return the dim of its vectors."""
        answer = self._ask("/pooling", {"input": [tokens.ids], "task": "token_embed"}, patience)
        try:
            rows = np.array(answer["data"][0]["data"], np.float32)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise self._odd_answer("/pooling") from error
        if rows.ndim != 2 or len(rows) != len(tokens.ids):
            raise self._odd_answer("/pooling", "it gives no vector for each token")
        return int(rows.shape[1])

    def _pool(
        self, prompt: Mapping[str, Any], dim: int, patience: Patience
    ) -> list[NDArray[np.float32]]:
        wanted_form = {
            "task": "token_embed",
            "encoding_format": "base64",
            "embed_dtype": "float32",
            "endianness": "little",
        }
        answer = self._ask("/pooling", {**prompt, **wanted_form}, patience)
        try:
            parts = sorted(answer["data"], key=lambda part: int(part["index"]))
            arrays = [
                np.frombuffer(base64.b64decode(part["data"]), "<f4").reshape(-1, dim)
                for part in parts
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise self._odd_answer("/pooling") from error
        return [_of_length_one(rows) for rows in arrays]

    def _ask(self, path: str, body: Mapping[str, Any], patience: Patience) -> Any:
        message = json.dumps({"model": self.model, **body}).encode()
        headers = {"Content-Type": "application/json"}
        return self._json_of(self._persistently("POST", path, message, headers, patience))

    def _json_of(self, answer: bytes) -> Any:
        try:
            return json.loads(answer)
        except ValueError as error:
            raise self._odd_answer("it") from error

    def _odd_answer(self, path: str, why: str = "") -> EncoderUnavailable:
        return EncoderUnavailable(
            f"{self.where}: {path} answers as no pooling model of vLLM does{why and ': '}{why}"
        )

    def _is_busy(self, status: int, code: str) -> bool:
        return status in BUSY

    def _refusal(self, status: int, code: str, message: str) -> EncoderUnavailable:
        if status == 404 and self.model:
            return EncoderAway(f"{self.where} no longer serves {self.model}: {message}")
        return super()._refusal(status, code, message)


def _of_length_one(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit_rows: NDArray[np.float32] = rows / np.maximum(lengths, np.float32(1e-12))
    return unit_rows
