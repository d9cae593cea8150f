"""What an operator may set about indexing. Environment names are made from these in `api/settings.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt


class IndexerSettings(BaseModel):
    """Frozen; an unknown or malformed field is refused where it is built."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path = Field(
        Path("pagesight-data"), description="Folder that holds everything pagesight stores."
    )
    database_url: str | None = Field(
        None,
        description="SQLAlchemy URL of the catalog. Default: an SQLite file in the data folder.",
    )
    encoder: str = Field("lite", description="Page encoder of new collections.")
    encoder_checkpoint: str | None = Field(
        None,
        description="Folder or hub id (`owner/name@revision`) of the encoder's weights. Default: "
        "the encoder's own checkpoint.",
    )
    int8_copies: bool = Field(
        True,
        description="Keep an int8 copy of the vectors: half their bytes again, searches four times "
        "as fast.",
    )
    device: str = Field("auto", description="`auto`, `cpu`, `cuda` or `cuda:N`.")
    ocr: Literal["auto", "always", "never"] = Field(
        "auto",
        description="When page images are read by OCR: `auto` where the text layer is missing or "
        "images carry the text, `always`, or `never`.",
    )
    page_dpi: PositiveInt = Field(
        120, le=600, description="Resolution of stored page images, before the pixel caps."
    )
    max_page_px: PositiveInt = Field(
        4_000_000, description="Most pixels of one page image; larger pages are scaled down."
    )
    max_side_px: PositiveInt = Field(
        8_000, description="Longest side of one page image, in pixels."
    )
    max_file_bytes: PositiveInt = Field(
        512 * 1024 * 1024, description="Largest PDF accepted, in bytes."
    )
    max_pages: PositiveInt = Field(5_000, description="Most pages of one document.")
    page_cpu_s: PositiveFloat = Field(
        10.0, description="CPU seconds that one page may cost the rasterizer."
    )
    page_wall_s: PositiveFloat = Field(
        90.0, description="Wall seconds after which a silent rasterizer is ended."
    )
    rasterizer_memory_bytes: PositiveInt = Field(
        1024**3, ge=256 * 1024**2, description="Address space of the rasterizer process, in bytes."
    )
