"""Addresses of pages, for whoever reads an answer somewhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from api.base.settings import Settings
from indexer.base.pages import FractionBox


@dataclass(frozen=True, slots=True)
class Links:
    """`base` is where people reach this service, without a slash at its end.

    framed  whether other sites may show a page in a frame
    sign    returns a path with its query as a link that opens without a key
    """

    base: str
    framed: bool = False
    sign: Callable[[str], str] = lambda address: address

    def viewer(
        self,
        page_id: int,
        boxes: Sequence[FractionBox] = (),
        light_boxes: Sequence[FractionBox] = (),
    ) -> str:
        """A page for people, with regions marked, some of them lightly."""
        named_boxes = [*(("box", box) for box in boxes), *(("light", box) for box in light_boxes)]
        marks = "&".join(f"{name}=" + ",".join(f"{v:g}" for v in box) for name, box in named_boxes)
        return self.base + self.sign(f"/pages/{page_id}" + (f"?{marks}" if marks else ""))

    def image(self, page_id: int, width: int | None = None) -> str:
        query = f"?width={width}" if width else ""
        return self.base + self.sign(f"/v1/pages/{page_id}/image{query}")


def base_address(request_url: object, settings: Settings) -> str:
    """Return PAGESIGHT_PUBLIC_URL, else the address that the request came to, without a slash at its end."""
    return (settings.public_url or str(request_url)).rstrip("/")
