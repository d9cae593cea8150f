"""What an operator may set about indexing. Environment names are made from these in `api.base.settings`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
)


class FrozenSettings(BaseModel):
    """Frozen settings that refuse an unknown or malformed field where they are built."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DataSettings(FrozenSettings):
    """Where data is kept."""

    data_dir: Path = Field(
        Path("pagesight-data"), description="Folder that holds everything pagesight stores."
    )
    database_url: str | None = Field(
        None,
        description="SQLAlchemy URL of the catalog. Default: an SQLite file in the data folder.",
    )
    storage: str | None = Field(
        None,
        pattern=r"^s3://[a-z0-9][a-z0-9.-]+(/[A-Za-z0-9._/-]*)?$",
        description="Bucket for originals, page images and vectors, as `s3://bucket/prefix`; the data folder "
        "holds copies then. Needs the extra `s3`; keys are found as AWS tools find them. Default: the data "
        "folder.",
    )
    s3_endpoint: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="Address of an S3 server that is not Amazon's, such as `http://minio:9000`.",
    )
    s3_region: str | None = Field(
        None, description="Region of the bucket. Default: as AWS tools find it."
    )
    cache_bytes: PositiveInt = Field(
        20 * 1024**3,
        description="Room for copies of what is stored in a bucket, for each process; those that were used "
        "longest ago go first.",
    )
    vectors: Literal["faiss", "qdrant"] = Field(
        "faiss",
        description="What large collections find their candidates with: FAISS in files beside the vectors, "
        "or a Qdrant server. Scores come from the stored vectors in any case.",
    )
    qdrant_url: str = Field(
        "http://127.0.0.1:6333",
        pattern=r"^(https?://\S+|:memory:)$",
        description="Address of Qdrant; `:memory:` is one in this process, for tests. Needs the extra "
        "`qdrant`.",
    )
    qdrant_api_key: SecretStr | None = Field(None, description="Key that Qdrant asks for.")
    qdrant_shards: PositiveInt = Field(
        1, description="Shards of a new Qdrant collection: as many as there are nodes, or more."
    )
    qdrant_replicas: PositiveInt = Field(
        1,
        description="Copies of each shard of a new Qdrant collection; all of them take each write.",
    )
    int8_copies: bool = Field(
        True,
        description="Keep an int8 copy of the vectors: half their bytes again, searches four times "
        "as fast.",
    )
    quarantine_days: float = Field(
        7.0,
        ge=0,
        le=36_500,
        description="Days after which what was moved to quarantine, as garbage or damaged, is removed; 0: "
        "never by itself.",
    )
    drop_deleted_days: float = Field(
        7.0,
        ge=0,
        le=36_500,
        description="Days after which the vectors of deleted pages are written out of a segment that holds "
        "others, too; sooner where they are many.",
    )
    reserve_bytes: NonNegativeInt = Field(
        64 * 1024**2,
        description="Room on the disk that is kept back, at most a tenth of it, so that a full "
        "disk still lets documents be deleted and the catalog be opened; 0: none.",
    )


class EncoderSettings(FrozenSettings):
    """The encoder: how pages become multi-vectors."""

    encoder: str = Field("lite", description="Page encoder of new collections.")
    encoder_checkpoint: str | None = Field(
        None,
        description="Folder or hub id (`owner/name@revision`) of the encoder's weights. Default: "
        "the encoder's own checkpoint.",
    )
    encoder_url: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="Address of a `pagesight encoder` that computes for this process, such as "
        "`http://encoder:8100`: the encoder's other settings are set there, and no torch is loaded here. It "
        "must be the one that `PAGESIGHT_ENCODER` names. With `PAGESIGHT_ENCODER=vllm`, of a vLLM server "
        "with a model of page images.",
    )
    encoder_key: SecretStr | None = Field(
        None, description="Key that `pagesight encoder` or vLLM asks for, and that it is sent."
    )
    other_encoders: str | None = Field(
        None,
        description="Further encoders that collections may have, as `NAME`, `NAME=CHECKPOINT`, or "
        "`NAME=http://...` for a `pagesight encoder`, a space between them; each is loaded when a collection "
        "needs it. They take the token pooling and the visual tokens of `PAGESIGHT_ENCODER`.",
    )
    device: str = Field("auto", description="`auto`, `cpu`, `cuda` or `cuda:N`.")
    token_pooling: int = Field(
        1,
        ge=1,
        le=3,
        description="Merge the vectors of a page until one in this many is left: smaller collections, "
        "faster scans, coarser evidence. Fixed for a collection.",
    )
    min_visual_tokens: int | None = Field(
        None,
        ge=4,
        le=16_384,
        description="Fewest vectors of a page, for `colqwen2` and `colqwen2.5`: smaller pages are "
        "scaled up. Fixed for a collection. Default: 4.",
    )
    max_visual_tokens: int | None = Field(
        None,
        ge=4,
        le=16_384,
        description="Most vectors of a page, for `colqwen2` and `colqwen2.5`: larger pages are scaled "
        "down. Fixed for a collection. Default: 768.",
    )
    token_budget: PositiveInt | None = Field(
        None,
        description="Visual tokens that a visual encoder takes at once, padding included; halved when memory "
        "runs out. Default: 8192 on a GPU, 768 on a CPU.",
    )
    lite_runtime: Literal["auto", "torch", "onnx"] = Field(
        "auto",
        description="What computes `lite` and `lite-multi`: `torch`, or `onnx` for ONNX Runtime on the "
        "processor, where commands start a second sooner, as torch is not imported. `auto`: `torch` on a "
        "GPU, and for pages on processors that multiply bfloat16, where it reads them faster; else `onnx`. "
        "Vectors of both may share a collection.",
    )
    torchscript: bool = Field(
        True,
        description="Run the `lite` encoder's forward pass as one TorchScript call, which other threads of "
        "the service do not interrupt.",
    )
    compile_queries: bool = Field(
        False,
        description="Compile the visual encoders' query path with `torch.compile`: slower start, "
        "faster queries; needs a C++ compiler.",
    )


class ReadingSettings(FrozenSettings):
    """Reading files: resolution, OCR, and what a file may cost."""

    ocr: Literal["auto", "always", "never"] = Field(
        "auto",
        description="What of page images is read by OCR: `auto` what has ink and no believable words of a "
        "text layer, `always` every page whole, or `never`.",
    )
    ocr_page_px: PositiveInt = Field(
        40_000_000,
        description="Pixels of one page that OCR searches for print, small print at a higher resolution "
        "included: an A4 page takes one million, a drawing of A0 33 million.",
    )
    ocr_page_cpu_s: PositiveFloat = Field(
        60.0,
        description="CPU seconds after which OCR reads no further line of a page; the document's warnings "
        "say so.",
    )
    layout: Literal["auto", "always", "never"] = Field(
        "auto",
        description="When the layout model looks at a page: `auto` where it is more than a column of prose, "
        "`always`, or `never`: blocks and tables then come from the positions of words alone.",
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
        512 * 1024 * 1024, description="Largest file accepted, in bytes."
    )
    web_hosts: str = Field(
        "",
        description="Hosts of which `pagesight ingest https://...` and `POST .../web` may fetch, such as "
        "`docs.example.org *.example.com`, a blank between; `*`: any public host. Default: none.",
    )
    max_attachments: NonNegativeInt = Field(
        100,
        description="Files that one document may bring along, those in its attachments included; "
        "those that can be read become documents of their own. 0: none is looked at.",
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


class VideoSettings(FrozenSettings):
    """Videos: which of their pictures are pages."""

    video_fps: PositiveFloat = Field(
        1.0,
        le=30,
        description="Pictures of a video that are looked at in a second; what shows nothing new is no page.",
    )
    video_min_frames: PositiveInt = Field(
        4, description="Fewest pictures of a video that are looked at, however short it is."
    )
    video_max_frames: PositiveInt = Field(
        240,
        description="Most pages of a video; of more those that are most like the one before are left out.",
    )
    video_scene_change: float = Field(
        0.02,
        gt=0,
        le=1,
        description="Share of the picture that changes at once: such a picture is looked at, too.",
    )
    video_least_change: float = Field(
        0.0002,
        ge=0,
        le=1,
        description="Share of the picture that differs from the page before; one with less is no page.",
    )


class JobSettings(FrozenSettings):
    """Jobs: uploads and queued files on their way into a collection."""

    first_pages_s: NonNegativeFloat = Field(
        10.0,
        description="Seconds after which the first pages of a document are searchable while the others "
        "are still being read; 0: a document appears as a whole.",
    )
    job_lease_s: PositiveFloat = Field(
        30.0,
        ge=0.3,
        description="Seconds after which a silent worker loses its job to another worker; a worker "
        "renews its lease three times in that time.",
    )
    job_attempts: PositiveInt = Field(
        3,
        description="Workers that may die over a file before its job fails and the queue goes on.",
    )
    job_stall_s: PositiveFloat = Field(
        1800.0, description="Seconds without a page after which a job is taken from its worker."
    )


class IndexerSettings(DataSettings, EncoderSettings, ReadingSettings, VideoSettings, JobSettings):
    """The settings of the indexer, a group for each topic of docs/settings.md."""
