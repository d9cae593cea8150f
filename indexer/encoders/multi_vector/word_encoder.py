"""The encoder `colbert`: a page is the words of its text layer or OCR, a vector for each of their tokens.

Whatever else the model compares, [CLS] and its prefix, has no place on a page, and is left out there.
Dimension key: N page vectors, T query tokens, D dim.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import EncoderUnavailable
from indexer.base.pages import PageEmbedding, QueryEmbedding, RenderedPage
from indexer.base.reading import encodable
from indexer.encoders.base import EncoderFingerprint
from indexer.encoders.multi_vector.checkpoint import OF_WORDS, fingerprint_for, folder_of
from indexer.encoders.multi_vector.loading import load_model, outputs, unit
from indexer.encoders.multi_vector.windows import WordWindow, word_windows
from indexer.encoders.options import EncoderOptions

_BATCH = 8
_LEAST_ROOM = 16  # tokens of words in a window


def load(device: str, options: EncoderOptions) -> MultiVectorWordEncoder:
    """Load the model of a checkpoint. Raises EncoderUnavailable where it is not what it should be."""
    fingerprint, folder = fingerprint_for(OF_WORDS, options), folder_of(OF_WORDS, options)
    model = load_model(folder, device)
    if not getattr(model.tokenizer, "is_fast", False):
        raise EncoderUnavailable(
            f"{folder} has a tokenizer that does not say where its tokens stand: "
            "set PAGESIGHT_ENCODER=colvision for one that sees page images"
        )
    return MultiVectorWordEncoder(fingerprint, model)


class MultiVectorWordEncoder:
    """Encodes words with a model of sentence-transformers. Safe to use from several threads."""

    reads_words = True
    window = 16

    def __init__(self, fingerprint: EncoderFingerprint, model: Any) -> None:
        self.fingerprint = fingerprint
        self._model = model
        self._tokenizer = model.tokenizer
        self._prefix = str(model.prompts.get("document") or "")
        length = getattr(model[0], "document_length", None) or model.max_seq_length
        n_beside = len(self._tokenizer(self._prefix)["input_ids"])
        self._room = max(int(length) - n_beside, _LEAST_ROOM)

    def encode_pages(self, pages: Sequence[RenderedPage]) -> list[PageEmbedding]:
        """Return one embedding per page, in order; a page without words has N = 0."""
        words_of_pages = [page.words.searched_words() for page in pages]
        texts_of_pages = [[encodable(word.text) for word in words] for words in words_of_pages]
        windows = [(n, w) for n, texts in enumerate(texts_of_pages) for w in self._windows(texts)]
        texts_of_windows = [texts_of_pages[n][w.start : w.stop] for n, w in windows]
        vectors: list[list[NDArray[np.float32]]] = [[] for _ in pages]
        positions: list[list[int]] = [[] for _ in pages]
        readings = self._encode([" ".join(texts) for texts in texts_of_windows], "document")
        for (n, window), texts, output in zip(windows, texts_of_windows, readings, strict=True):
            for token, place in self._words_of_tokens(texts, output):
                word = window.start + place
                if window.own_start <= word < window.own_stop:
                    vectors[n].append(output["token_embeddings"][token])
                    positions[n].append(words_of_pages[n][word].position)
        return [
            self._embedding(rows, page.words.boxes[np.array(places, np.int64)])
            for rows, places, page in zip(vectors, positions, pages, strict=True)
        ]

    def encode_queries(self, texts: Sequence[str]) -> list[QueryEmbedding]:
        """Return a multi-vector for each text: what the model compares, with its marks; words are content."""
        special = set(self._tokenizer.all_special_ids)
        queries = []
        for output in self._encode([encodable(text) for text in texts], "query"):
            places = np.flatnonzero(output["attention_mask"])
            ids = output["input_ids"][places].tolist()
            n_prefix = int(output.get("prompt_length") or 0)
            queries.append(
                QueryEmbedding(
                    vectors=unit(output["token_embeddings"][places]),
                    tokens=tuple(self._tokenizer.convert_ids_to_tokens(ids)),
                    content=np.array(
                        [
                            at >= n_prefix and i not in special
                            for at, i in zip(places, ids, strict=True)
                        ]
                    ),
                )
            )
        return queries

    def _encode(self, texts: list[str], task: str) -> Iterator[dict[str, Any]]:
        for output in outputs(self._model, texts, task, _BATCH):
            names = ("input_ids", "attention_mask", "token_embeddings")
            arrays = {name: output[name].float().cpu().numpy() for name in names}
            arrays["input_ids"] = arrays["input_ids"].astype(np.int64)
            yield arrays | {"prompt_length": output.get("prompt_length")}

    def _windows(self, texts: Sequence[str]) -> Iterator[WordWindow]:
        if not texts:
            return iter(())
        # As behind a space: some tokenizers know a word by it.
        spaced_texts = [f" {text}" for text in texts]
        ids = self._tokenizer(spaced_texts, add_special_tokens=False)["input_ids"]
        return word_windows([*map(len, ids)], self._room)

    def _words_of_tokens(
        self, texts: Sequence[str], output: dict[str, Any]
    ) -> Iterator[tuple[int, int]]:
        """Yield the place of each token that counts, and the word of `texts` that it is of."""
        reading = self._tokenizer(
            self._prefix + " ".join(texts),
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
        )
        ids = output["input_ids"].tolist()
        n_read = min(len(ids), len(reading["input_ids"]))
        begins = list(accumulate((len(text) + 1 for text in texts), initial=len(self._prefix)))
        for at in np.flatnonzero(output["attention_mask"]).tolist():
            if (
                at >= n_read
                or reading["special_tokens_mask"][at]
                or ids[at] != reading["input_ids"][at]
            ):
                continue  # the end of a text that was cut
            first, last = reading["offset_mapping"][at]
            # Some tokens begin with the space before a word.
            place = last - 1 if last > first else first
            if place >= begins[0]:
                yield at, bisect_right(begins, place) - 1

    def _embedding(
        self, rows: Sequence[NDArray[np.float32]], boxes: NDArray[np.uint16]
    ) -> PageEmbedding:
        if not rows:
            return PageEmbedding(
                np.zeros((0, self.fingerprint.dim), np.float16), boxes.reshape(-1, 4)
            )
        return PageEmbedding(unit(np.stack(rows)).astype(np.float16), boxes)
