"""What an operator may set about searching."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, PositiveInt


class RetrieverSettings(BaseModel):
    """Frozen; an unknown or malformed field is refused where it is built."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_query_characters: PositiveInt = Field(
        4_000, description="Longest question or query accepted, in characters."
    )
    max_k: PositiveInt = Field(100, description="Most pages one search may return.")
    scan_memory_bytes: PositiveInt = Field(
        4 * 1024**2,
        description="Working memory of one exact scan, in bytes; what fits the cache is fastest.",
    )
