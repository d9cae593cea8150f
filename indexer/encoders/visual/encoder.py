"""A page encoder that looks: page images through a vision-language model, one vector per visual token.

Dimension key: B pages of a batch, S tokens of the longest, N page vectors, T query tokens, D dim.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from indexer.base.errors import EncoderUnavailable
from indexer.base.pages import Boxes, PageEmbedding, QueryEmbedding, RenderedPage
from indexer.encoders.base import EncoderFingerprint
from indexer.encoders.visual.batching import TokenBudget, plan_batches
from indexer.encoders.visual.model_facts import QueryFormat
from indexer.encoders.visual.queries import tokenize_query

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image
    from torch import Tensor

# Visual tokens of one batch: 10 full pages on a GPU; on a CPU a batch of one is as fast.
GPU_BUDGET = 8_192
CPU_BUDGET = 768
# Pages handed over at once: several batches of like lengths on a GPU, on a CPU soon something to show.
GPU_WINDOW = 64
CPU_WINDOW = 4


@dataclass(frozen=True, slots=True, eq=False)
class PageBatch:
    """What the model is called with, on the CPU.

    inputs  keyword arguments of the model's forward
    kept    (B, S) bool, the visual tokens: neither prompt nor padding
    boxes   per page (N, 4), in the order of its kept tokens
    """

    inputs: dict[str, Tensor]
    kept: Tensor
    boxes: list[Boxes]


class VisualAdapter(Protocol):
    """What differs between the model families: how pages and queries become the model's inputs."""

    @property
    def tokenizer(self) -> Any: ...

    def n_visual_tokens(self, image: Image) -> int:
        """What the page costs in a batch, without resizing it."""
        ...

    def page_batch(self, images: Sequence[Image]) -> PageBatch: ...

    def on_device(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """What page_batch left to do where the model is."""
        ...

    def query_inputs(self, ids: Tensor) -> dict[str, Tensor]:
        """ids (B, T) -> keyword arguments of the model's forward."""
        ...


class VisualEncoder:
    """Obeys PageEncoder. Made by `load_visual`; safe to use from several threads."""

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
        # A tokenizer keeps its padding as state: pages change it, so queries have one of their own, and
        # pages take turns.
        self._tokenizer = copy.deepcopy(adapter.tokenizer)
        self._one_at_a_time = threading.Lock()
        self._on_gpu = device.type == "cuda"
        self.budget = TokenBudget(token_budget or (GPU_BUDGET if self._on_gpu else CPU_BUDGET))
        self._query_model = self._compiled() if compile_queries else self._model

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
        """One embedding per page, in order: vectors (N, D) float16 and the cell each one looks at.

        Raises EncoderUnavailable when a single page does not fit in the device's memory.
        """
        images = [page.image for page in pages]
        lengths = [self._adapter.n_visual_tokens(image) for image in images]
        return self.budget.run(
            lengths, lambda batch: self._prepare([images[i] for i in batch]), self._encode
        )

    def _prepare(self, images: Sequence[Image]) -> PageBatch:
        """Runs while the batch before it is encoded."""
        with self._one_at_a_time:
            batch = self._adapter.page_batch(images)
        if not self._on_gpu:
            return batch
        pinned = {name: tensor.pin_memory() for name, tensor in batch.inputs.items()}
        return PageBatch(pinned, batch.kept.pin_memory(), batch.boxes)

    def _encode(self, batch: PageBatch) -> list[PageEmbedding]:
        vectors = self._vectors(self._model, batch.inputs)  # (B, S, D)
        kept = batch.kept.to(self._device, non_blocking=True)
        # One copy back for the whole batch, of what is stored and nothing else.
        rows = vectors[kept].half().cpu().numpy()
        ends = np.cumsum([len(boxes) for boxes in batch.boxes])
        return [
            PageEmbedding(part, boxes)
            for part, boxes in zip(np.split(rows, ends[:-1]), batch.boxes, strict=True)
        ]

    def encode_queries(self, texts: Sequence[str]) -> list[QueryEmbedding]:
        """Prefix, question and augmentation: vectors (T, D) float32; content marks the question's words.

        Queries of equal length share a batch, which needs no padding then.
        """
        import torch

        read = [tokenize_query(self._tokenizer, self._query, text) for text in texts]
        lengths = [len(query.ids) for query in read]
        embeddings: dict[int, QueryEmbedding] = {}
        for length in set(lengths):
            alike = [i for i in range(len(read)) if lengths[i] == length]
            for batch in plan_batches(lengths, alike, self.budget.tokens):
                ids = torch.tensor([read[i].ids for i in batch])
                vectors = self._vectors(self._query_model, self._adapter.query_inputs(ids))
                for i, rows in zip(batch, vectors.cpu().numpy(), strict=True):
                    embeddings[i] = QueryEmbedding(rows, read[i].pieces, read[i].content)
        return [embeddings[i] for i in range(len(read))]

    def _vectors(self, model: Any, inputs: dict[str, Tensor]) -> Tensor:
        """(B, S, D) float32 of length one on the device; rows of padding are undefined."""
        import torch

        moved = {
            name: tensor.to(self._device, non_blocking=True) for name, tensor in inputs.items()
        }
        with torch.inference_mode():
            embeddings: Tensor = model(**self._adapter.on_device(moved)).embeddings
            return torch.nn.functional.normalize(embeddings.float(), dim=-1)

    def _compiled(self) -> Any:
        """The model for queries of any length, compiled now: a fault must not wait for a question."""
        import torch

        compiled = torch.compile(self._model, dynamic=True)
        tokens = tokenize_query(self._tokenizer, self._query, "What is this page about?")
        try:
            self._vectors(compiled, self._adapter.query_inputs(torch.tensor([tokens.ids])))
        except RuntimeError as error:  # of dynamo, of inductor, of the C++ compiler
            raise EncoderUnavailable(
                "the query path cannot be compiled: install a C++ compiler or unset "
                f"PAGESIGHT_COMPILE_QUERIES ({' '.join(str(error).split())[:200]})"
            ) from error
        return compiled
