"""Names a page to a person: by its number in the file, and by what is printed on it where that differs."""

from __future__ import annotations

_MAX_CHARACTERS = 40  # of a printed label; files may claim any text as one


def page_name(page_number: int, label: str = "", n_pages: int | None = None) -> str:
    """Return `page 9`, or `page 9, printed "3"`.

    label    as the document has it: plain text, to be escaped where it is shown
    n_pages  of the document; with it the name is `page 9 of 12`
    """
    name = f"page {page_number}" if n_pages is None else f"page {page_number} of {n_pages}"
    printed_label = " ".join(label.split())
    if printed_label in ("", str(page_number)):
        return name
    if len(printed_label) > _MAX_CHARACTERS:
        printed_label = printed_label[: _MAX_CHARACTERS - 1] + "…"
    return f'{name}, printed "{printed_label}"'
