"""`pagesight ingest --estimate`: the cost of an ingest, before it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import typer
from rich.progress import track

from api.base.settings import Settings, load_settings
from api.cli.output import FAILED, OK, console, print_json, to_stderr
from api.schemas.ingest import estimate_body
from api.services.wiring import wire, wire_estimator
from indexer.base.errors import CollectionNotFound
from indexer.ingest.forecast import Estimate
from indexer.inputs.sources import find_sources


def print_estimate(paths: list[Path], collection: str | None, *, as_json: bool) -> None:
    """Print a forecast and exit. Nothing is written; a data folder that is not there is not made."""
    sources = find_sources(paths)
    settings = load_settings()
    is_known = _known_in(settings, collection)
    estimator = wire_estimator(settings)
    quiet = as_json or not to_stderr.is_terminal
    files = iter(track(sources, "counting", console=to_stderr, transient=True, disable=quiet))

    def advance() -> None:
        next(files, None)

    count = estimator.count(sources, is_known, advance)
    forecast = estimator.estimate(count)
    if as_json:
        print_json(estimate_body(forecast, settings.encoder).model_dump(mode="json"))
    else:
        _print(forecast, settings.encoder)
    raise typer.Exit(OK if count.files or count.n_unchanged else FAILED)


def _known_in(settings: Settings, collection: str | None) -> Callable[[str], bool]:
    """Return a test of a SHA-256: whether the collection has indexed these bytes.

    Raises EncoderMismatch for a collection of another encoder.
    """
    if collection is None or not settings.data_dir.exists():
        return lambda sha256: False
    services = wire(settings)
    catalog = services.stores.catalog
    try:
        target = catalog.collections.get(collection)
    except CollectionNotFound:
        return lambda sha256: False
    services.pipeline.check_encoder(target)

    def is_known(sha256: str) -> bool:
        document = catalog.documents.find(target.id, sha256)
        return document is not None and document.verdict.searchable

    return is_known


def _print(forecast: Estimate, encoder: str) -> None:
    count = forecast.count
    for file in count.refused_files:
        console.print(f"{file.verdict.value:<22}", style="red", end="")
        console.print(f"{file.name}  {file.message}", markup=False, soft_wrap=True)
    unchanged_part = f", {count.n_unchanged} unchanged" if count.n_unchanged else ""
    disk = {
        "originals": forecast.original_bytes,
        "page images": forecast.image_bytes,
        "vectors": forecast.vector_bytes + forecast.derived_bytes,
        "words": forecast.text_bytes,
    }
    page_s = f"{forecast.page_s.total:.2f} s a page with {encoder}"
    rows = {
        "files": f"{len(count.files)} to index{unchanged_part}, {len(count.refused_files)} refused",
        "pages": f"{count.n_pages:,}",
        "time": f"about {time_text(forecast.seconds)}, {page_s}",
        "disk": ", ".join(f"{_size_text(n_bytes)} {name}" for name, n_bytes in disk.items()),
        "memory": f"about {_size_text(forecast.peak_memory_bytes)} at the peak",
    }
    for name, text in rows.items():
        console.print(f"{name:<8}", style="bold", end="")
        console.print(text, markup=False, soft_wrap=True)
    pages = [f"{page.document} page {page.page_number}" for page in forecast.samples]
    if pages:
        text = f"from {', '.join(pages)}; nothing was written"
        console.print(text, style="dim", markup=False, soft_wrap=True)


def _size_text(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.1f} MB"


def time_text(seconds: float) -> str:
    """Return a forecast as people say it: seconds, minutes or hours."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"
