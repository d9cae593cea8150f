"""The kinds of files that can be read, as JSON."""

from __future__ import annotations

from pydantic import BaseModel

from indexer.inputs.registry import MEDIA_TYPES, missing_for


class MediaTypeBody(BaseModel):
    """One format. `title` is for people; `endings` of file names begin with their dot, the usual one first.

    `readable` is false where the service lacks a program or a package that its files need; `needs` names it.
    """

    media_type: str
    title: str
    endings: list[str]
    readable: bool
    needs: str


class KindsResponse(BaseModel):
    """All formats. `accept` is the value of that attribute of a file field: those readable here."""

    kinds: list[MediaTypeBody]
    accept: str


def kinds_body() -> KindsResponse:
    kinds = [
        MediaTypeBody(
            media_type=form.name,
            title=form.title,
            endings=list(form.endings),
            readable=not missing_for(form.name),
            needs=missing_for(form.name),
        )
        for form in MEDIA_TYPES
    ]
    accepted_values = [
        part for kind in kinds if kind.readable for part in (kind.media_type, *kind.endings)
    ]
    return KindsResponse(kinds=kinds, accept=",".join(accepted_values))
