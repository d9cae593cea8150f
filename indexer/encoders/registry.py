"""The encoders that a collection can be made with. Importing this loads no model and no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.base import EncoderFingerprint, PageEncoder
from indexer.encoders.fake import FakeEncoder
from indexer.encoders.lite import multi
from indexer.encoders.lite.identity import FINGERPRINT as LITE_FINGERPRINT
from indexer.encoders.lite.identity import HIDDEN
from indexer.encoders.lite.identity import WEIGHTS_BYTES as LITE_WEIGHTS_BYTES
from indexer.encoders.multi_vector.checkpoint import OF_IMAGES, OF_WORDS, fingerprint_for
from indexer.encoders.options import EncoderOptions
from indexer.encoders.pooling import PooledEncoder, pooled_fingerprint
from indexer.encoders.visual.facts import VisualFacts
from indexer.encoders.visual.families import VISUAL_MODELS


@dataclass(frozen=True, slots=True)
class EncoderFacts:
    """What a person wants to know before choosing.

    languages      that its questions may be in, by their codes (ISO 639-1); none: it does not matter
    dim            of its vectors; 0 where the checkpoint decides
    size_bytes     what the weights take on disk
    working_bytes  memory that one full page takes in float32, weights not counted; 0 where it is little
    """

    name: str
    summary: str
    licence: str
    dim: int
    checkpoint: str
    revision: str
    size_bytes: int
    n_parameters: int
    working_bytes: int
    reads_words: bool
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisteredEncoder:
    """The facts cost nothing; neither function pools.

    fingerprint  (options); reads a local checkpoint's files, loads no model
    load         (device, options)
    """

    facts: EncoderFacts
    fingerprint: Callable[[EncoderOptions], EncoderFingerprint]
    load: Callable[[str, EncoderOptions], PageEncoder]


def _with_package_weights(
    fingerprint: EncoderFingerprint,
    load: Callable[[str, EncoderOptions], PageEncoder],
    *,
    summary: str,
    licence: str,
    size_bytes: int,
    languages: tuple[str, ...] = (),
) -> RegisteredEncoder:
    """An encoder whose weights come with a Python package: one checkpoint, no visual tokens."""

    def refuse(options: EncoderOptions) -> None:
        if options.checkpoint is not None:
            raise EncoderUnavailable(
                f"the {fingerprint.name} encoder has one checkpoint only: unset "
                "PAGESIGHT_ENCODER_CHECKPOINT, or choose another PAGESIGHT_ENCODER"
            )
        options.require_no_resolution(fingerprint.name)

    def fingerprint_for(options: EncoderOptions) -> EncoderFingerprint:
        refuse(options)
        return fingerprint

    def load_for(device: str, options: EncoderOptions) -> PageEncoder:
        refuse(options)
        return load(device, options)

    facts = EncoderFacts(
        name=fingerprint.name,
        summary=summary,
        licence=licence,
        dim=fingerprint.dim,
        checkpoint=fingerprint.checkpoint,
        revision=fingerprint.revision,
        size_bytes=size_bytes,
        n_parameters=size_bytes // 4,  # stored in float32
        working_bytes=0,
        reads_words=True,
        languages=languages,
    )
    return RegisteredEncoder(facts, fingerprint_for, load_for)


def _visual(model: VisualFacts) -> RegisteredEncoder:
    def facts_for(options: EncoderOptions) -> VisualFacts:
        return model.at_resolution(options.min_visual_tokens, options.max_visual_tokens)

    def fingerprint(options: EncoderOptions) -> EncoderFingerprint:
        if options.checkpoint is None:
            return facts_for(options).fingerprint
        from indexer.encoders.visual.loading import visual_fingerprint

        return visual_fingerprint(facts_for(options), options.checkpoint)

    def load(device: str, options: EncoderOptions) -> PageEncoder:
        from indexer.encoders.visual.loading import load_visual

        return load_visual(
            facts_for(options),
            device=device,
            source=options.checkpoint,
            token_budget=options.token_budget,
            compile_queries=options.compile_queries,
        )

    facts = EncoderFacts(
        name=model.fingerprint.name,
        summary=model.summary,
        licence=model.licence,
        dim=model.fingerprint.dim,
        checkpoint=model.fingerprint.checkpoint,
        revision=model.fingerprint.revision,
        size_bytes=model.size_bytes,
        n_parameters=model.n_parameters,
        working_bytes=model.max_visual_tokens * model.token_bytes,
        reads_words=False,
        languages=("en",),  # what all of them were trained on; some answer others, unmeasured
    )
    return RegisteredEncoder(facts, fingerprint, load)


def _load_lite(device: str, options: EncoderOptions) -> PageEncoder:
    from indexer.encoders.lite.encoder import LiteEncoder

    return LiteEncoder(device=device, torchscript=options.torchscript)


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


def _of_checkpoint(name: str, summary: str) -> RegisteredEncoder:
    """An encoder that `MultiVectorEncoder` loads from the checkpoint that an operator names."""

    def load_for(device: str, options: EncoderOptions) -> PageEncoder:
        if name == OF_WORDS:
            from indexer.encoders.multi_vector.word_encoder import load as load_words

            return load_words(device, options)
        from indexer.encoders.multi_vector.image_encoder import load as load_images

        return load_images(device, options)

    facts = EncoderFacts(
        name=name,
        summary=summary,
        licence="the checkpoint's",
        dim=0,
        checkpoint="",
        revision="",
        size_bytes=0,
        n_parameters=0,
        working_bytes=0,
        reads_words=name == OF_WORDS,
    )
    return RegisteredEncoder(facts, partial(fingerprint_for, name), load_for)


ENCODERS: dict[str, RegisteredEncoder] = {
    "lite": _with_package_weights(
        LITE_FINGERPRINT,
        _load_lite,
        summary="MiniLM over the page's words (text layer or OCR): English, runs on a CPU",
        licence="Apache-2.0",
        size_bytes=LITE_WEIGHTS_BYTES,
        languages=("en",),
    ),
    multi.NAME: RegisteredEncoder(_LITE_MULTI, multi.fingerprint_for, multi.load),
    OF_WORDS: _of_checkpoint(
        OF_WORDS, "a text model of the ColBERT kind, from the checkpoint that you name"
    ),
    OF_IMAGES: _of_checkpoint(
        OF_IMAGES,
        "a model of the ColPali kind over the page image, from the checkpoint that you name",
    ),
    **{name: _visual(model) for name, model in VISUAL_MODELS.items()},
    "fake": _with_package_weights(
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
    encoder = _find(name).load(device, options)
    factor = options.token_pooling
    return encoder if factor == 1 else PooledEncoder(encoder, factor)


def fingerprint_of(name: str, options: EncoderOptions = _OWN) -> EncoderFingerprint:
    """Return what `load_encoder(name, ...).fingerprint` would be, without loading a model.

    Raises EncoderUnavailable for an unknown name, a checkpoint that is not there, and options that the
    encoder does not have.
    """
    return pooled_fingerprint(_find(name).fingerprint(options), options.token_pooling)


def facts_of(name: str) -> EncoderFacts:
    """Return what a person wants to know. Raises EncoderUnavailable for an unknown name."""
    return _find(name).facts


def languages_of(name: str) -> list[str]:
    """Return the codes of the languages that an encoder reads; none for one that is unknown here."""
    return list(ENCODERS[name].facts.languages) if name in ENCODERS else []


def _find(name: str) -> RegisteredEncoder:
    if name not in ENCODERS:
        raise EncoderUnavailable(f"encoder {name!r} is unknown: use one of {', '.join(ENCODERS)}")
    return ENCODERS[name]
