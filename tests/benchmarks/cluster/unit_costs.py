"""What a page and a question cost, each number with where it comes from, and what that makes of many.

Only prices are assumptions; change them to yours.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnitCost:
    """A number that was measured on two cores of a shared machine, or counted, or assumed."""

    name: str
    value: float
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class PageKind:
    """A page as an encoder leaves it; `n_vectors` of 128 dimensions."""

    name: str
    n_vectors: int
    encode_s: float
    source: str


_PERFORMANCE = "docs/performance.md: "
_STORED = "`stored_bytes`: 1,098 pages of 32 PDFs"
TEXT = PageKind("text (lite)", 161, 0.185, f"{_STORED}; {_PERFORMANCE}185 CPU ms a page")
VISUAL = PageKind(
    "picture (ColQwen2)", 744, 1 / 52, _PERFORMANCE + "744 vectors, 52 pages a second by count"
)

VECTOR_BYTES = UnitCost("a vector", 256, "bytes", "128 float16")
BOX_BYTES = UnitCost("its box", 8, "bytes", "four uint16")
INT8_BYTES = UnitCost("its int8 copy", 128, "bytes", "half of the vector")
TOKEN_BYTES = UnitCost(
    "its place in the token index", 40, "bytes", _PERFORMANCE + "32 of codes, 8 of page number"
)
QDRANT_BYTES = UnitCost(
    "a vector in Qdrant", 256 + 128, "bytes", "float16 and int8, without its own overhead"
)
POOLED_BYTES = UnitCost(
    "the pooled vectors of a page, in Qdrant",
    32 * 256 * 1.5,
    "bytes",
    "32 pooled float16 vectors and their links",
)
IMAGE_BYTES = UnitCost(
    "a page image", 135_000, "bytes", _STORED + ", WebP at 120 dpi and a small one in it"
)
ORIGINAL_BYTES = UnitCost("a page of an original", 33_000, "bytes", _STORED)
CATALOG_BYTES = UnitCost("a page in the catalog", 12_000, "bytes", _STORED)
INDEX_S = UnitCost(
    "the token index, a page", 0.0174, "CPU s", _PERFORMANCE + "29 minutes for 100,000 pages"
)
SEARCH_S = UnitCost("a search of 5,000 pages", 0.017, "CPU s", _PERFORMANCE + "5,000 pages, warm")
SEARCH_GROWTH = UnitCost(
    "a search of ten times the pages", 4.2, "times the time", _PERFORMANCE + "10,000 to 100,000"
)
PUTS = UnitCost(
    "a document in a bucket",
    8,
    "objects",
    "counted: 5 of the segment, original, its mark, one to spare",
)
REQUEST_S = UnitCost(
    "a request to a bucket", 0.030, "s", "assumed: an S3 server in the same region"
)

DISK_EUROS = UnitCost("a TB of disk", 80, "euros a month", "assumed: network SSD")
BUCKET_EUROS = UnitCost("a TB of a bucket", 20, "euros a month", "assumed: object storage")
MEMORY_EUROS = UnitCost(
    "a TB of memory", 4_000, "euros a month", "assumed: a machine of 64 GB for 250 euros"
)


COSTS = (
    VECTOR_BYTES, BOX_BYTES, INT8_BYTES, TOKEN_BYTES, QDRANT_BYTES, POOLED_BYTES, IMAGE_BYTES, ORIGINAL_BYTES,
    CATALOG_BYTES, INDEX_S, SEARCH_S, SEARCH_GROWTH, PUTS, REQUEST_S, DISK_EUROS, BUCKET_EUROS, MEMORY_EUROS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a layout keeps the parts of a page, in bytes a page."""

    name: str
    disk: float
    bucket: float
    memory: float

    def euros(self, n_pages: float) -> float:
        """Return what so many pages cost a month."""
        prices = ((self.disk, DISK_EUROS), (self.bucket, BUCKET_EUROS), (self.memory, MEMORY_EUROS))
        return sum(n_bytes * n_pages / 1e12 * price.value for n_bytes, price in prices)


def layouts(kind: PageKind) -> list[Layout]:
    """Return the layouts that there are, for pages of a kind."""
    vectors = kind.n_vectors * (VECTOR_BYTES.value + BOX_BYTES.value)
    int8, tokens = kind.n_vectors * INT8_BYTES.value, kind.n_vectors * TOKEN_BYTES.value
    files = IMAGE_BYTES.value + ORIGINAL_BYTES.value
    qdrant = kind.n_vectors * QDRANT_BYTES.value + POOLED_BYTES.value
    catalog = CATALOG_BYTES.value
    return [
        Layout("SQLite, FAISS, folder", files + vectors + int8 + tokens + catalog, 0, tokens),
        # On the disk of each process: copies of what searches read, the int8 copies.
        Layout(
            "PostgreSQL, FAISS, bucket", catalog + int8, files + vectors + int8 + tokens, tokens
        ),
        Layout("PostgreSQL, Qdrant, bucket", catalog + qdrant, files + vectors, POOLED_BYTES.value),
    ]


def search_s(n_pages: float) -> float:
    """Return the CPU seconds of a search of one collection of so many pages."""
    from math import log10

    if n_pages <= 5_000:
        return SEARCH_S.value
    return SEARCH_S.value + 0.006 * SEARCH_GROWTH.value ** log10(n_pages / 5_000)
