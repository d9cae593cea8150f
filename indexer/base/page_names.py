"""Names a page to a person: by its number in the file, and by what is printed on it where that differs.

A page that is a picture of a video is named by its time.
"""

from __future__ import annotations

_MAX_CHARACTERS = 40  # of a printed label; files may claim any text as one


def page_name(
    page_number: int, label: str = "", n_pages: int | None = None, *, time_s: float | None = None
) -> str:
    """Return `page 9`, or `page 9, printed "3"`; of a video `02:31`.

    label    as the document has it: plain text, to be escaped where it is shown
    n_pages  of the document; with it the name is `page 9 of 12`
    time_s   second of the video at which the page is shown
    """
    if time_s is not None:
        return clock_time(time_s)
    name = f"page {page_number}" if n_pages is None else f"page {page_number} of {n_pages}"
    printed_label = " ".join(label.split())
    if printed_label in ("", str(page_number)):
        return name
    if len(printed_label) > _MAX_CHARACTERS:
        printed_label = printed_label[: _MAX_CHARACTERS - 1] + "…"
    return f'{name}, printed "{printed_label}"'


def place_name(document: str, page: str, *, time_s: float | None = None) -> str:
    """Return `report.pdf, page 9`, or `clip.mp4 02:31`, of the names of a document and of a page of it."""
    return f"{document}, {page}" if time_s is None else f"{document} {page}"


def clock_time(time_s: float) -> str:
    """Return `02:31`, or `1:02:31`."""
    minutes, seconds = divmod(int(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"
