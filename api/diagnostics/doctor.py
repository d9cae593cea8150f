"""What `pagesight doctor` looks at: packages, weights, memory, the data folder, and which models fit."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from api.base.settings import Settings
from api.diagnostics.hardware import memories, ram_bytes
from api.diagnostics.memory_fit import PROCESS_BYTES, Fit, fit, fits, models
from indexer.base.errors import PagesightError
from indexer.encoders.options import EncoderOptions
from indexer.encoders.registry import load_encoder

_PACKAGES = ("torch", "transformers", "numpy", "pymupdf", "rapidocr", "onnxruntime", "sqlalchemy")
_LITTLE_DISK_BYTES = 1_000_000_000
_SMALLER = "choose a smaller one of `pagesight models`, or another PAGESIGHT_DEVICE"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `fix` says what to do when it is not `ok`."""

    what: str
    found: str
    ok: bool = True
    fix: str = ""

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


def model_fits() -> list[Fit]:
    """Every model in every memory of this machine."""
    return fits(memories())


def examine(settings: Settings) -> list[Finding]:
    """Every check, in the order in which a person would fix things."""
    checks: tuple[Callable[[Settings], Finding], ...] = (
        _packages,
        _torchvision,
        _memory,
        _disk,
        _data_folder,
        _encoder,
        _generator,
    )
    return [check(settings) for check in checks]


def _packages(_: Settings) -> Finding:
    found, missing = [], []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    fix = f"install what is missing ({', '.join(missing)}) with `make install`" if missing else ""
    return Finding("packages", ", ".join(found), not missing, fix)


def _torchvision(_: Settings) -> Finding:
    """Its operators are not in the CPU build of torch, and transformers breaks at its import."""
    if find_spec("torchvision") is None:
        return Finding("torchvision", "absent, as it should be")
    return Finding("torchvision", "installed", False, "pip uninstall torchvision")


def _memory(_: Settings) -> Finding:
    total = ram_bytes()
    told = f"{total / 2**30:.1f} GiB, {os.cpu_count()} cores"
    if total >= PROCESS_BYTES:
        return Finding("memory", told)
    return Finding("memory", told, False, "the lite profile wants 1.5 GB of memory")


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    fix = "" if free >= _LITTLE_DISK_BYTES else "less than 1 GB is free: a page takes 0.1 to 0.4 MB"
    return Finding("disk", f"{free / 2**30:.1f} GiB free for {settings.data_dir}", not fix, fix)


def _data_folder(settings: Settings) -> Finding:
    if not settings.data_dir.exists():
        return Finding("data", f"{settings.data_dir} does not exist yet; the first ingest makes it")
    from api.services.wiring import wire

    try:
        collections = wire(settings).stores.catalog.collections()
    except PagesightError as error:
        return Finding("data", str(settings.data_dir), False, str(error))
    return Finding("data", f"{settings.data_dir}, {len(collections)} collections")


def _fit_of(settings: Settings, name: str) -> Fit | None:
    """A model on the set device; None for one without weights, or for a device that is not there."""
    places = {place.device: place for place in memories()}
    device = settings.device
    if device == "auto":
        device = next((name for name in places if name != "cpu"), "cpu")
    place = places.get("cuda:0" if device == "cuda" else device)
    model = next((one for one in models() if one.name == name), None)
    return None if place is None or model is None else fit(model, place)


def _encoder_fit(settings: Settings) -> Fit | None:
    """Of another checkpoint than the encoder's own nothing is known."""
    return _fit_of(settings, settings.encoder) if settings.encoder_checkpoint is None else None


def _encoder(settings: Settings) -> Finding:
    found = _encoder_fit(settings)
    if found is not None and not found.fits:  # loading it could end this process
        return Finding("encoder", f"{found.name} {found.told()}", False, _SMALLER)
    try:
        loaded = load_encoder(
            settings.encoder, device=settings.device, options=EncoderOptions.of(settings)
        )
    except PagesightError as error:
        return Finding("encoder", settings.encoder, False, str(error))
    return Finding("encoder", f"{loaded.fingerprint} loads")


def _generator(settings: Settings) -> Finding:
    """A model in this process shares its device with the encoder."""
    name = settings.generator
    found = _fit_of(settings, name)
    if found is None or settings.vlm_checkpoint is not None or settings.vlm_quantization != "none":
        return Finding("generator", name)
    encoder = _encoder_fit(settings)
    beside = encoder.weights_bytes + encoder.working_bytes if encoder else 0
    told = f"{name} {found.told()}; the encoder beside it takes {beside / 1e9:.1f} GB"
    ok = found.needs_bytes + beside <= found.has_bytes
    return Finding("generator", told, ok, "" if ok else _SMALLER)
