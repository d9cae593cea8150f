"""The encoders that a collection can be made with. Importing this loads no model and no torch."""

from __future__ import annotations

from pathlib import Path

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.base import ADAPTER_OF, EncoderFingerprint, PageEncoder
from indexer.encoders.fake import FakeEncoder
from indexer.encoders.lite import multi
from indexer.encoders.lite.identity import FINGERPRINT as LITE_FINGERPRINT
from indexer.encoders.lite.identity import HIDDEN
from indexer.encoders.lite.identity import INT8_FINGERPRINT as LITE_INT8_FINGERPRINT
from indexer.encoders.lite.identity import WEIGHTS_BYTES as LITE_WEIGHTS_BYTES
from indexer.encoders.multi_vector.checkpoint import OF_IMAGES, OF_WORDS
from indexer.encoders.options import EncoderOptions
from indexer.encoders.pooling import PooledEncoder, pooled_fingerprint
from indexer.encoders.registered import (
    EncoderFacts,
    RegisteredEncoder,
    of_checkpoint,
    visual_encoder,
    with_package_weights,
)
from indexer.encoders.visual.facts import VisualFacts
from indexer.encoders.visual.families import VISUAL_MODELS, family_of
from indexer.encoders.visual.named_adapters import (
    NamedAdapter,
    find_named_adapter,
    require_new_name,
)


def _load_lite(device: str, options: EncoderOptions) -> PageEncoder:
    from indexer.encoders.lite.encoder import LiteEncoder

    return LiteEncoder(
        device=device,
        runtime=options.lite_runtime,
        torchscript=options.torchscript,
        one_thread=options.one_thread,
    )


def _load_lite_int8(device: str, options: EncoderOptions) -> PageEncoder:
    from indexer.encoders.lite.encoder import LiteEncoder

    return LiteEncoder(device=device, int8=True)


_LITE_MULTI = EncoderFacts(
    name=multi.NAME,
    summary="multilingual-e5-small over the page's words: many languages, runs on a CPU",
    licence="MIT",
    dim=HIDDEN,
    checkpoint=multi.CHECKPOINT,
    revision=multi.REVISION,
    size_bytes=4 * multi.N_PARAMETERS,
    n_parameters=multi.N_PARAMETERS,
    working_bytes=0,
    reads_words=True,
    languages=multi.LANGUAGES,
)

ENCODERS: dict[str, RegisteredEncoder] = {
    "lite": with_package_weights(
        LITE_FINGERPRINT,
        _load_lite,
        summary="MiniLM over the page's words (text layer or OCR): English, runs on a CPU",
        licence="Apache-2.0",
        size_bytes=LITE_WEIGHTS_BYTES,
        languages=("en",),
    ),
    "lite-int8": with_package_weights(
        LITE_INT8_FINGERPRINT,
        _load_lite_int8,
        summary="as `lite`, by 8-bit integers and ONNX Runtime: half the time a page, needs no torch",
        licence="Apache-2.0",
        size_bytes=LITE_WEIGHTS_BYTES,
        languages=("en",),
    ),
    multi.NAME: RegisteredEncoder(_LITE_MULTI, multi.fingerprint_for, multi.load),
    OF_WORDS: of_checkpoint(
        OF_WORDS, "a text model of the ColBERT kind, from the checkpoint that you name"
    ),
    OF_IMAGES: of_checkpoint(
        OF_IMAGES,
        "a model of the ColPali kind over the page image, from the checkpoint that you name",
    ),
    **{name: visual_encoder(model) for name, model in VISUAL_MODELS.items()},
    "fake": with_package_weights(
        FakeEncoder().fingerprint,
        lambda device, options: FakeEncoder(),
        summary="matches equal words only: for tests and trials, no model",
        licence="AGPL-3.0-or-later",
        size_bytes=0,
    ),
}


_OWN = EncoderOptions()


def load_encoder(name: str, *, device: str, options: EncoderOptions = _OWN) -> PageEncoder:
    """Load an encoder, its weights in memory.

    device   `auto`, `cpu`, `cuda` or `cuda:N`
    options  its checkpoint is a folder or a hub id (`owner/name` or `owner/name@revision`)

    Raises EncoderUnavailable for an unknown name, missing or unexpected weights, a missing device, and
    options that the encoder does not have.
    """
    encoder = _find(name, options).load(device, options)
    factor = options.token_pooling
    return encoder if factor == 1 else PooledEncoder(encoder, factor)


def fingerprint_of(name: str, options: EncoderOptions = _OWN) -> EncoderFingerprint:
    """Return what `load_encoder(name, ...).fingerprint` would be, without loading a model.

    Raises EncoderUnavailable for an unknown name, a checkpoint that is not there, and options that the
    encoder does not have.
    """
    return pooled_fingerprint(_find(name, options).fingerprint(options), options.token_pooling)


def facts_of(name: str, options: EncoderOptions = _OWN) -> EncoderFacts:
    """Return what a person wants to know. Raises EncoderUnavailable for an unknown name."""
    return _find(name, options).facts


def maker_of(fingerprint: EncoderFingerprint) -> EncoderFacts | None:
    """Return the facts of the encoder that vectors are of; None for one that is unknown here."""
    name = str(fingerprint.options.get(ADAPTER_OF, fingerprint.name))
    return ENCODERS[name].facts if name in ENCODERS else None


def languages_of(fingerprint: EncoderFingerprint) -> list[str]:
    """Return the codes of the languages that an encoder reads; none for one that is unknown here."""
    facts = maker_of(fingerprint)
    return [] if facts is None else list(facts.languages)


def trainable_model(name: str, options: EncoderOptions) -> tuple[VisualFacts, str | None]:
    """Return the facts and the checkpoint of an encoder that can be trained and exported.

    Raises EncoderUnavailable for an encoder of another kind.
    """
    adapter = _named_adapter(name, options)
    model = VISUAL_MODELS.get(adapter.encoder if adapter else name)
    if model is None or not family_of(model).lora_targets:
        names = ", ".join(n for n, facts in VISUAL_MODELS.items() if family_of(facts).lora_targets)
        raise EncoderUnavailable(
            f"{name} can be neither trained nor exported: name {names}, or an adapter of one of them"
        )
    source = str(adapter.folder) if adapter else options.checkpoint
    return model.at_resolution(options.min_visual_tokens, options.max_visual_tokens), source


def require_new_encoder(name: str, adapters: Path) -> None:
    """Raise EncoderUnavailable for a name that no adapter in the folder `adapters` can be given."""
    if name in ENCODERS:
        raise EncoderUnavailable(f"{name} is an encoder already: give another name")
    require_new_name(adapters, name)


def _find(name: str, options: EncoderOptions) -> RegisteredEncoder:
    if name in ENCODERS:
        return ENCODERS[name]
    if adapter := _named_adapter(name, options):
        return visual_encoder(VISUAL_MODELS[adapter.encoder], adapter)
    raise EncoderUnavailable(
        f"encoder {name!r} is unknown: use one of {', '.join(ENCODERS)}, or an adapter that "
        "`pagesight train` or `pagesight models add` made"
    )


def _named_adapter(name: str, options: EncoderOptions) -> NamedAdapter | None:
    if options.adapters is None or name in ENCODERS:
        return None
    adapter = find_named_adapter(options.adapters, name)
    if adapter is not None and adapter.encoder not in VISUAL_MODELS:
        raise EncoderUnavailable(f"adapter {name} is of {adapter.encoder!r}, which is unknown here")
    return adapter
