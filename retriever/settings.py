"""What an operator may set about searching."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveInt, field_validator

from indexer.base.settings import FrozenSettings
from retriever.glossary import read_glossary


class RetrieverSettings(FrozenSettings):
    """Searches: how many pages are scored, how, and how exactly."""

    max_query_characters: PositiveInt = Field(
        4_000, description="Longest question or query accepted, in characters."
    )
    query_cache_size: NonNegativeInt = Field(
        256, description="Queries whose vectors are kept in memory; 0 encodes every query anew."
    )
    max_k: PositiveInt = Field(100, description="Most pages one search may return.")
    search_threads: PositiveInt | None = Field(
        None, description="Threads of one search; all cores when not set."
    )
    search_device: str = Field(
        "cpu",
        pattern=r"^\S+( \S+)*$",
        description="Where pages are scored: `cpu`, or a GPU (`cuda`, `cuda:N`) that keeps the vectors; "
        "several, with a blank between, share the pages.",
    )
    search_device_bytes: PositiveInt = Field(
        8 * 1024**3, description="Memory of each such GPU for vectors, in bytes."
    )
    hybrid: Literal["auto", "never"] = Field(
        "auto",
        description="Whether the words of pages count beside their vectors, and the page, figure and table "
        "numbers that a question names: `auto`, by a weight for each encoder; `never`: MaxSim alone.",
    )
    glossary: str = Field(
        "",
        description="Terms of a trade that questions and pages call differently: `finance`, which is "
        "shipped, or a text file with lines such as `capex = capital expenditures; purchases of property`.",
    )
    target_recall: float = Field(
        0.99,
        gt=0.0,
        le=1.0,
        description="Share of the exact ten best pages that a search of a large collection must "
        "find; 1 scores every page.",
    )
    candidates_from_pages: PositiveInt = Field(
        3_000,
        description="Most pages that are all scored exactly; larger collections go through stage 1.",
    )
    recall_sampling: float = Field(
        0.05,
        ge=0.0,
        le=1.0,
        description="Share of the time in which one thread measures the recall of stage 1; 0: never.",
    )

    @field_validator("glossary")
    @classmethod
    def _is_readable(cls, name: str) -> str:
        read_glossary(name)
        return name
