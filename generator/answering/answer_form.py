"""In which form a caller wants an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.prompts import NO_WISHES, SamplingWishes


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """What a caller asks of an answer beside its words.

    json_schema  what an answer as JSON has to follow; None: it is text
    wishes       how a model draws its tokens
    whole        read every page that the filter allows, part by part, instead of those that a search finds
    """

    json_schema: Mapping[str, Any] | None = None
    wishes: SamplingWishes = NO_WISHES
    whole: bool = False
