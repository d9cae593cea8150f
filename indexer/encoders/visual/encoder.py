"""Encode page images with a vision-language model: one vector per visual token.

Dimension key: B pages of a batch, S tokens of the longest, N page vectors, T query tokens, D dim.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.base.errors import EncoderUnavailable
from indexer.base.pages import PageEmbedding, QueryEmbedding, RenderedPage
from indexer.encoders.base import EncoderFingerprint
from indexer.encoders.checkpoints.messages import one_line
from indexer.encoders.visual.batching import TokenBudget, plan_batches
from indexer.encoders.visual.facts import QueryFormat
from indexer.encoders.visual.family import PageBatch, VisualAdapter
from indexer.encoders.visual.queries import tokenize_query

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image
    from torch import Tensor

# Visual tokens of one batch: 10 full pages on a GPU; on a CPU a batch of one is as fast.
GPU_BUDGET = 8_192
CPU_BUDGET = 768
# Pages of one call: several batches of like lengths on a GPU; few on a CPU, so that progress shows.
GPU_WINDOW = 64
CPU_WINDOW = 4


class VisualEncoder:
    """Implements PageEncoder; `load_visual` makes it. Safe to use from several threads."""

    def __init__(
        self,
        model: Any,
        adapter: VisualAdapter,
        fingerprint: EncoderFingerprint,
        query: QueryFormat,
        *,
        device: torch.device,
        token_budget: int | None = None,
        compile_queries: bool = False,
    ) -> None:
        self._model = model.to(device)
        self._adapter = adapter
        self._fingerprint = fingerprint
        self._query = query
        self._device = device
        # A tokenizer keeps its padding as state. Pages change it: they take turns, and queries use a copy.
        self._tokenizer = copy.deepcopy(adapter.tokenizer)
        self._tokenizer_lock = threading.Lock()
        self._on_gpu = device.type == "cuda"
        self.budget = TokenBudget(token_budget or (GPU_BUDGET if self._on_gpu else CPU_BUDGET))
        self._query_model = self._compile() if compile_queries else self._model

    @property
    def fingerprint(self) -> EncoderFingerprint:
        return self._fingerprint

    @property
    def reads_words(self) -> bool:
        return False

    @property
    def window(self) -> int:
        return GPU_WINDOW if self._on_gpu else CPU_WINDOW

    def encode_pages(self, pages: Sequence[RenderedPage]) -> list[PageEmbedding]:
        """Return one embedding per page, in order: vectors (N, D) float16 and the cell of each.

        Raises EncoderUnavailable when a single page does not fit in the device's memory.
        """
        images = [page.image for page in pages]
        lengths = [self._adapter.n_visual_tokens(image) for image in images]
        return self.budget.run(
            lengths, lambda batch: self._prepare([images[i] for i in batch]), self._encode
        )

    def _prepare(self, images: Sequence[Image]) -> PageBatch:
        """Make the inputs of a batch; this runs while the batch before it is encoded."""
        with self._tokenizer_lock:
            batch = self._adapter.page_batch(images)
        if not self._on_gpu:
            return batch
        inputs = {name: tensor.pin_memory() for name, tensor in batch.inputs.items()}
        return PageBatch(inputs, batch.visual_mask.pin_memory(), batch.boxes)

    def _encode(self, batch: PageBatch) -> list[PageEmbedding]:
        vectors = self._vectors(self._model, batch.inputs)  # (B, S, D)
        visual_mask = batch.visual_mask.to(self._device, non_blocking=True)
        # One copy back for the whole batch, of the rows that are stored and no others.
        rows = vectors[visual_mask].half().cpu().numpy()
        ends = np.cumsum([len(boxes) for boxes in batch.boxes])
        return [
            PageEmbedding(part, boxes)
            for part, boxes in zip(np.split(rows, ends[:-1]), batch.boxes, strict=True)
        ]

    def encode_queries(self, texts: Sequence[str]) -> list[QueryEmbedding]:
        """Encode prefix, question and augmentation: vectors (T, D) float32; content marks the question.

        Queries of equal length share a batch, which needs no padding then.
        """
        import torch

        queries = [tokenize_query(self._tokenizer, self._query, text) for text in texts]
        lengths = [len(query.ids) for query in queries]
        embeddings: dict[int, QueryEmbedding] = {}
        for length in set(lengths):
            alike = [i for i in range(len(queries)) if lengths[i] == length]
            for batch in plan_batches(lengths, alike, self.budget.tokens):
                ids = torch.tensor([queries[i].ids for i in batch])
                vectors = self._vectors(self._query_model, self._adapter.query_inputs(ids))
                for i, rows in zip(batch, vectors.cpu().numpy(), strict=True):
                    embeddings[i] = QueryEmbedding(rows, queries[i].pieces, queries[i].content)
        return [embeddings[i] for i in range(len(queries))]

    def _vectors(self, model: Any, inputs: dict[str, Tensor]) -> Tensor:
        """Return (B, S, D) float32 of length one on the device; rows of padding are undefined."""
        import torch

        inputs = {
            name: tensor.to(self._device, non_blocking=True) for name, tensor in inputs.items()
        }
        with torch.inference_mode():
            embeddings: Tensor = model(**self._adapter.on_device(inputs)).embeddings
            return torch.nn.functional.normalize(embeddings.float(), dim=-1)

    def _compile(self) -> Any:
        """Compile the model for queries of any length now: a fault must not wait for a question."""
        import torch

        model = torch.compile(self._model, dynamic=True)
        tokens = tokenize_query(self._tokenizer, self._query, "What is this page about?")
        try:
            self._vectors(model, self._adapter.query_inputs(torch.tensor([tokens.ids])))
        except RuntimeError as error:  # of dynamo, of inductor, of the C++ compiler
            raise EncoderUnavailable(
                "the query path cannot be compiled: install a C++ compiler or unset "
                f"PAGESIGHT_COMPILE_QUERIES ({one_line(error, 200)})"
            ) from error
        return model
