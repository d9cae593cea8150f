"""What an operator may set about answering."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, PositiveInt


class GeneratorSettings(BaseModel):
    """Frozen; an unknown or malformed field is refused where it is built."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    generator: str = Field("extractive", description="What writes the answers.")
    min_support: float = Field(
        0.5,
        ge=0.0,
        le=1.0,
        description="Least support of a quotation; when none has as much, the answer is "
        "'not found'.",
    )
    max_quotations: PositiveInt = Field(3, description="Most passages one answer quotes.")
