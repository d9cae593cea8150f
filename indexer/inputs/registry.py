"""The kinds of files that can be read, each a module of `kinds/`: a new one is a line here."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from typing import cast

from indexer.inputs.kind import FileLook, Kind, MediaType
from indexer.inputs.kinds import (
    archives,
    books,
    images,
    mail,
    office,
    outlook,
    pdf,
    texts,
    videos,
    web_pages,
)

# In the order in which they are asked: those with a mark in their first bytes before those without.
KINDS = cast(
    "tuple[Kind, ...]",
    (
        images,
        videos,
        books,
        outlook,
        office,
        archives,
        pdf,
        mail,
        web_pages,
        texts,
    ),
)

MEDIA_TYPES: tuple[MediaType, ...] = tuple(form for kind in KINDS for form in kind.MEDIA_TYPES)
ENDINGS: frozenset[str] = frozenset(ending for form in MEDIA_TYPES for ending in form.endings)
_KIND_OF = {form.name: kind for kind in KINDS for form in kind.MEDIA_TYPES}
_FORM_OF = {form.name: form for form in MEDIA_TYPES}


def media_type_of(look: FileLook) -> str | None:
    """Return the media type of a file by its content; None: it is of no kind that is read."""
    for kind in KINDS:
        media_type = kind.media_type_of(look)
        if media_type is not None:
            return media_type if _may_be_named(media_type, look.ending) else None
    return None


def _may_be_named(media_type: str, ending: str) -> bool:
    """Whether a file without a mark of its own is called neither a PDF nor another kind that has one."""
    claimed_form = named_media_type(ending)
    return _FORM_OF[media_type].is_marked or claimed_form is None or not claimed_form.is_marked


def kind_of(media_type: str) -> Kind:
    """Return the kind that reads a media type of the registry."""
    return _KIND_OF[media_type]


def named_media_type(ending: str) -> MediaType | None:
    """Return the media type that the ending of a name claims; None: it claims none."""
    return next((form for form in MEDIA_TYPES if ending in form.endings), None)


def missing_for(media_type: str) -> str:
    """Return what has to be installed for files of a media type to be read; "" where nothing is missing."""
    form = _FORM_OF[media_type]
    if form.module and find_spec(form.module) is None:
        return f"pagesight[{form.extra}]"
    is_missing = form.needs_program and shutil.which(form.program) is None
    return "LibreOffice" if is_missing else ""


def form_of(media_type: str) -> MediaType:
    """Return a media type of the registry by its name."""
    return _FORM_OF[media_type]


def usual_ending(media_type: str) -> str | None:
    """Return the ending that names of a media type usually have; None: it is not in the registry."""
    form = _FORM_OF.get(media_type)
    return form.endings[0] if form else None
