"""What is done for an answer between search and text, as a person is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

StepKind = Literal["cost", "search", "page", "region", "table", "note", "model", "limit"]


@dataclass(frozen=True, slots=True)
class StepTaken:
    """What was done for an answer between search and text; `Answer.steps` has them all.

    kind    `cost`: what an answer over whole documents will take; `search`: pages were searched again;
            `page`, `region`, `table`: one was looked at; `note`: a part of the pages was read; `model`: a
            larger one is asked; `limit`: what may be used up was used up
    text    what was searched for or looked at, for a person
    page_id of the page that was looked at, if it is one
    """

    kind: StepKind
    text: str
    page_id: int | None = None
