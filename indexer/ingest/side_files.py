"""What the file beside a file says of it: `report.pdf.json` of `report.pdf`."""

from __future__ import annotations

from pathlib import Path

from indexer.base.document_properties import NO_PROPERTIES
from indexer.base.errors import InvalidProperties
from indexer.catalog.catalog import Catalog
from indexer.inputs.stated_properties import read_side_file


def apply_side_file(catalog: Catalog, document_id: str, path: Path) -> str | None:
    """Give a document what its side file says; return what is wrong with that, and then nothing is changed.

    Where there is none, what one of before said is gone. Raises DocumentNotFound.
    """
    try:
        properties = read_side_file(path)
    except FileNotFoundError:
        properties = NO_PROPERTIES
    except (InvalidProperties, OSError) as error:
        return f"side file: {error}"
    catalog.side_files.state(document_id, properties)
    return None
