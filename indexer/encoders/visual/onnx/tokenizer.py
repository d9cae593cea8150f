"""A tokenizer by its file alone, as `tokenize_query` wants one: transformers' loads torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from indexer.base.errors import EncoderUnavailable


class FileTokenizer:
    """Reads `tokenizer.json`. Raises EncoderUnavailable where it is not there."""

    def __init__(self, path: Path, special_tokens: Sequence[str]) -> None:
        from tokenizers import Tokenizer

        if not path.is_file():
            raise EncoderUnavailable(f"{path} is missing: export the encoder again")
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.all_special_tokens = list(special_tokens)

    def __call__(
        self, text: str, *, add_special_tokens: bool = True, return_offsets_mapping: bool = False
    ) -> dict[str, Any]:
        """Return `input_ids`, and `offset_mapping` whether asked or not."""
        encoding = self._tokenizer.encode(text, add_special_tokens=add_special_tokens)
        return {"input_ids": encoding.ids, "offset_mapping": encoding.offsets}

    def convert_ids_to_tokens(self, ids: Sequence[int]) -> list[str | None]:
        return [self._tokenizer.id_to_token(token_id) for token_id in ids]
