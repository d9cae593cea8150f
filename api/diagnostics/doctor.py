"""What `pagesight doctor` looks at: packages, weights, memory, the data folder, and which models fit."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from api.base.main_memory import ram_bytes
from api.base.settings import Settings
from api.diagnostics.gguf_check import check_gguf
from api.diagnostics.hardware import memories
from api.diagnostics.memory_fit import PROCESS_BYTES, Fit, fit, fits, gguf_fits, models
from api.services.engines import make_encoders
from indexer.base.errors import PagesightError
from indexer.inputs.registry import MEDIA_TYPES, missing_for
from indexer.ocr.tesseract import Tesseract

_PACKAGES = ("torch", "transformers", "numpy", "pymupdf", "rapidocr", "onnxruntime", "sqlalchemy")
_LITTLE_DISK_BYTES = 1_000_000_000
_INSTALL_LANGUAGES = "install its languages, such as `apt install tesseract-ocr-rus`"
_INSTALL_TESSERACT = (
    "install Tesseract and its languages, such as `apt install tesseract-ocr tesseract-ocr-rus`"
)
_INSTALL_LIBREOFFICE = "install LibreOffice, such as `apt install libreoffice`"
_INSTALL_EXTRAS = "`pip install 'pagesight[video,heic]'`"
_SMALLER = "choose a smaller one of `pagesight models`, or another PAGESIGHT_DEVICE"


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one subject; `fix` says what to do when it is not `ok`."""

    subject: str
    state: str
    ok: bool = True
    fix: str = ""

    def to_dict(self) -> dict[str, object]:
        return {"what": self.subject, "found": self.state, "ok": self.ok, "fix": self.fix}


def model_fits(settings: Settings) -> list[Fit]:
    """Return how each model fits in each memory of this machine, GGUF models in the main memory."""
    places = memories()
    main_memory = next(place for place in places if place.device == "cpu")
    return [*fits(places), *gguf_fits(main_memory, settings.gguf_context_tokens)]


def examine(settings: Settings) -> list[Finding]:
    """Run every check, in the order in which a person would fix things."""
    checks: tuple[Callable[[Settings], Finding], ...] = (
        _packages,
        _torchvision,
        _memory,
        _disk,
        _data_folder,
        _scripts,
        _office_files,
        _files_of_extras,
        _encoder,
        _generator,
    )
    return [check(settings) for check in checks]


def _packages(_: Settings) -> Finding:
    versions, missing = [], []
    for name in _PACKAGES:
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    fix = f"install what is missing ({', '.join(missing)}) with `make install`" if missing else ""
    return Finding("packages", ", ".join(versions), not missing, fix)


def _torchvision(_: Settings) -> Finding:
    """Its operators are not in the CPU build of torch, and transformers breaks at its import."""
    if find_spec("torchvision") is None:
        return Finding("torchvision", "absent, as it should be")
    return Finding("torchvision", "installed", False, "pip uninstall torchvision")


def _scripts(settings: Settings) -> Finding:
    """Tesseract is optional: without it, pages in other scripts are indexed with a warning."""
    if settings.ocr == "never":
        return Finding("OCR scripts", "none: PAGESIGHT_OCR=never")
    tesseract = Tesseract.find()
    state = "Latin, Chinese, Japanese"
    if tesseract is None:
        return Finding("OCR scripts", f"{state}; for others {_INSTALL_TESSERACT}")
    languages = ", ".join(tesseract.languages)
    if not languages:
        return Finding("OCR scripts", f"{state}; Tesseract has no other: {_INSTALL_LANGUAGES}")
    return Finding("OCR scripts", f"{state}; by Tesseract {languages}")


def _office_files(_: Settings) -> Finding:
    """LibreOffice is optional: without it, words of some office files are read, the others are refused."""
    if not any(missing_for(form.name) for form in MEDIA_TYPES if form.needs_program):
        return Finding("office files", "printed by LibreOffice")
    return Finding("office files", f"words alone; to read all of them {_INSTALL_LIBREOFFICE}")


def _files_of_extras(_: Settings) -> Finding:
    """Videos and HEIC images are optional: each kind is refused without its extra."""
    missing = [form.title for form in MEDIA_TYPES if form.module and missing_for(form.name)]
    if not missing:
        return Finding("videos, HEIC", "by PyAV and pillow-heif")
    return Finding("videos, HEIC", f"no {', '.join(missing)}; to read them {_INSTALL_EXTRAS}")


def _memory(_: Settings) -> Finding:
    total = ram_bytes()
    state = f"{total / 2**30:.1f} GiB, {os.cpu_count()} cores"
    if total >= PROCESS_BYTES:
        return Finding("memory", state)
    return Finding("memory", state, False, "the lite profile wants 1.5 GB of memory")


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    fix = "" if free >= _LITTLE_DISK_BYTES else "less than 1 GB is free: a page takes 0.1 to 0.4 MB"
    return Finding("disk", f"{free / 2**30:.1f} GiB free for {settings.data_dir}", not fix, fix)


def _data_folder(settings: Settings) -> Finding:
    place = settings.storage or str(settings.data_dir)
    if settings.storage is None and not settings.data_dir.exists():
        return Finding("data", f"{place} does not exist yet; the first ingest makes it")
    from api.services.wiring import wire

    try:
        catalog = wire(settings).stores.catalog
        collections = catalog.collections.all()
        n_older = catalog.documents.n_of_older_readers()
    except PagesightError as error:
        return Finding("data", place, False, str(error))
    state = f"{place}, {len(collections)} collections"
    if not n_older:
        return Finding("data", state)
    state += f"; {sum(n_older.values())} documents were read by an older reader"
    names = [collection.name for collection in collections if collection.id in n_older]
    commands = ", ".join(f"`pagesight reread -c {name}`" for name in names)
    return Finding("data", state, fix=f"to read them anew: {commands}")


def _fit_of(settings: Settings, name: str) -> Fit | None:
    """Return how a model fits on the configured device; None without weights or without that device."""
    places = {place.device: place for place in memories()}
    device = settings.device
    if device == "auto":
        device = next((name for name in places if name != "cpu"), "cpu")
    place = places.get("cuda:0" if device == "cuda" else device)
    model = next((model for model in models() if model.name == name), None)
    return None if place is None or model is None else fit(model, place)


def _encoder_fit(settings: Settings) -> Fit | None:
    """Return None for an encoder elsewhere, and for a checkpoint of another: its size is not known."""
    if settings.encoder_url or settings.encoder_checkpoint is not None:
        return None
    return _fit_of(settings, settings.encoder)


def _encoder(settings: Settings) -> Finding:
    memory_fit = _encoder_fit(settings)
    if memory_fit is not None and not memory_fit.fits:  # loading it could end this process
        return Finding("encoder", f"{memory_fit.name} {memory_fit.summary()}", False, _SMALLER)
    try:
        encoder = make_encoders(settings).own.get()
    except PagesightError as error:
        return Finding("encoder", settings.encoder, False, str(error))
    state = f"answers at {settings.encoder_url}" if settings.encoder_url else "loads"
    return Finding("encoder", f"{encoder.fingerprint} {state}")


def _generator(settings: Settings) -> Finding:
    """A model in this process shares its device with the encoder."""
    name = settings.generator
    if name == "gguf":
        return _gguf(settings)
    memory_fit = _fit_of(settings, name)
    if (
        memory_fit is None
        or settings.vlm_checkpoint is not None
        or settings.vlm_quantization != "none"
    ):
        return Finding("generator", name)
    encoder = _encoder_fit(settings)
    beside = encoder.weights_bytes + encoder.working_bytes if encoder else 0
    state = f"{name} {memory_fit.summary()}; the encoder beside it takes {beside / 1e9:.1f} GB"
    ok = memory_fit.needs_bytes + beside <= memory_fit.has_bytes
    return Finding("generator", state, ok, "" if ok else _SMALLER)


def _gguf(settings: Settings) -> Finding:
    encoder = _encoder_fit(settings)
    beside_bytes = PROCESS_BYTES + (encoder.weights_bytes + encoder.working_bytes if encoder else 0)
    try:
        return Finding("generator", check_gguf(settings, beside_bytes))
    except PagesightError as error:
        return Finding("generator", f"gguf, {settings.gguf}", False, str(error))
