"""The encoder `colvision`: a page is its image, a vector for each visual token of the checkpoint's model.

What else the model compares, a prompt around the image, has no place on a page, and is left out there.
Dimension key: N page vectors, T query tokens, D dim.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indexer.base.errors import EncoderUnavailable
from indexer.base.pages import PageEmbedding, QueryEmbedding, RenderedPage
from indexer.base.reading import encodable
from indexer.encoders.base import EncoderFingerprint
from indexer.encoders.checkpoints.messages import one_line
from indexer.encoders.multi_vector.checkpoint import OF_IMAGES, fingerprint_for, folder_of
from indexer.encoders.multi_vector.loading import load_model, outputs, unit
from indexer.encoders.multi_vector.visual_places import VisualPlaces
from indexer.encoders.options import EncoderOptions

_GPU_BATCH = 4
_PROBE_PX = (600, 800)


def load(device: str, options: EncoderOptions) -> MultiVectorImageEncoder:
    """Load the model of a checkpoint. Raises EncoderUnavailable where it is not what it should be."""
    fingerprint = fingerprint_for(OF_IMAGES, options)
    folder = folder_of(OF_IMAGES, options)
    model = load_model(folder, device)
    if "image" not in model.modalities:
        raise EncoderUnavailable(
            f"{folder} reads words only: set PAGESIGHT_ENCODER=colbert, with the same checkpoint"
        )
    encoder = MultiVectorImageEncoder(fingerprint, model)
    _probe(encoder, str(folder))
    return encoder


def _probe(encoder: MultiVectorImageEncoder, folder: str) -> None:
    """Encode an empty page and a question. Raises EncoderUnavailable for what cannot be searched with."""
    from PIL import Image

    try:
        vectors = encoder.encode_images([Image.new("RGB", _PROBE_PX, "white")])[0].vectors
        query = encoder.encode_queries(["What is this page about?"])[0]
    except (RuntimeError, ValueError, KeyError, TypeError) as error:
        raise EncoderUnavailable(f"{folder} cannot encode a page: {one_line(error)}") from error
    lengths = {vectors.shape[1], query.vectors.shape[1]}
    if lengths != {encoder.fingerprint.dim}:
        raise EncoderUnavailable(
            f"{folder} says that its vectors have {encoder.fingerprint.dim} numbers; they have "
            f"{sorted(lengths)}"
        )


class MultiVectorImageEncoder:
    """Encodes page images with a model of sentence-transformers. Safe to use from several threads.

    The side of questions may be another model than that of pages.
    """

    reads_words = False
    window = 16

    def __init__(self, fingerprint: EncoderFingerprint, model: Any) -> None:
        self.fingerprint = fingerprint
        self._model = model
        self._places = VisualPlaces(_input_module(model, "document", "image").processor)
        self._query_tokenizer = _input_module(model, "query", "text").tokenizer
        # A batch of one is as fast on a processor, and needs no padding.
        self._batch = _GPU_BATCH if model.device.type == "cuda" else 1
        self._empty_query = self._query_ids(outputs(model, [""], "query", 1)[0])

    def encode_pages(self, pages: Sequence[RenderedPage]) -> list[PageEmbedding]:
        """Return one embedding per page, in order: vectors (N, D) float16, a box for each."""
        return self.encode_images([page.image for page in pages])

    def encode_images(self, images: Sequence[Any]) -> list[PageEmbedding]:
        """The same for images of pages (PIL). Raises EncoderUnavailable for an unknown layout of tokens."""
        embeddings = []
        for features in outputs(self._model, list(images), "document", self._batch):
            places = self._places.of(features)
            if places is None:
                raise EncoderUnavailable(
                    "the model of the checkpoint does not say which part of a page its vectors look at: "
                    "choose another one"
                )
            positions, boxes = places
            is_compared = features["attention_mask"].cpu().numpy()[positions].astype(bool)
            vectors = features["token_embeddings"].float().cpu().numpy()[positions[is_compared]]
            embeddings.append(PageEmbedding(unit(vectors).astype(np.float16), boxes[is_compared]))
        return embeddings

    def encode_queries(self, texts: Sequence[str]) -> list[QueryEmbedding]:
        """Return a multi-vector for each text: what the model compares; what the text adds is content."""
        queries = []
        for features in outputs(self._model, [encodable(text) for text in texts], "query", 1):
            places = np.flatnonzero(features["attention_mask"].cpu().numpy())
            ids = self._query_ids(features)
            first, last = _span_of_text(ids, self._empty_query)
            vectors = features["token_embeddings"].float().cpu().numpy()[places]
            content = (places >= first) & (places < last)
            queries.append(
                QueryEmbedding(
                    vectors=unit(vectors),
                    tokens=tuple(
                        self._query_tokenizer.convert_ids_to_tokens([ids[at] for at in places])
                    ),
                    content=content if content.any() else np.ones(len(places), np.bool_),
                )
            )
        return queries

    def _query_ids(self, features: dict[str, Any]) -> list[int]:
        ids: list[int] = features["input_ids"].tolist()
        return ids


def _span_of_text(ids: Sequence[int], empty: Sequence[int]) -> tuple[int, int]:
    """Return where the tokens of a text begin and end: what stands around is that of the empty text."""
    first = 0
    while first < min(len(ids), len(empty)) and ids[first] == empty[first]:
        first += 1
    n_behind = 0
    while (
        n_behind < min(len(ids), len(empty)) - first and ids[-1 - n_behind] == empty[-1 - n_behind]
    ):
        n_behind += 1
    return first, len(ids) - n_behind


def _input_module(model: Any, task: str, modality: str) -> Any:
    """Return the module that reads inputs of a task: models may have one for each."""
    first = model[0]
    if not hasattr(first, "sub_modules"):
        return first
    return first.sub_modules[first._resolve_route(task=task, modality=modality)][0]
