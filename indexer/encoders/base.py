"""What an encoder is: page in, multi-vector out, and a fingerprint that ties queries to pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol

from indexer.base.pages import PageEmbedding, QueryEmbedding, RenderedPage

ADAPTER_OF = (
    "adapter_of"  # option of an adapter with a name of its own: the encoder that it changes
)


@dataclass(frozen=True, slots=True)
class EncoderFingerprint:
    """What must be equal for a query to be comparable with a stored page.

    It is written into the collection at its first ingest and checked at every later use.
    """

    name: str
    checkpoint: str
    revision: str
    dim: int
    options: Mapping[str, str | int | float] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name} ({self.checkpoint}, revision {self.revision[:12]})"

    def of_adapter(self, name: str | None) -> EncoderFingerprint:
        """Return the fingerprint of an adapter with a name of its own; it says which encoder it changes."""
        if name is None:
            return self
        return replace(self, name=name, options={**self.options, ADAPTER_OF: self.name})

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> EncoderFingerprint:
        return cls(**values)


class PageEncoder(Protocol):
    """Turns pages and queries into multi-vectors of one space."""

    @property
    def fingerprint(self) -> EncoderFingerprint: ...

    @property
    def reads_words(self) -> bool:
        """Whether pages without a text layer must be read by OCR before they are encoded."""
        ...

    @property
    def window(self) -> int:
        """How many pages to hand over at once: enough for full batches, few enough to show progress."""
        ...

    def encode_pages(self, pages: Sequence[RenderedPage]) -> list[PageEmbedding]:
        """Return one embedding per page, in order. Batch-mates never change a page's embedding."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> list[QueryEmbedding]:
        """Return a multi-vector for each text, in order, T >= 1. Batch-mates never change one."""
        ...
