"""What the registry lists: an encoder's facts, and how its fingerprint is told and its weights are loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.base import EncoderFingerprint, PageEncoder
from indexer.encoders.multi_vector.checkpoint import OF_WORDS, fingerprint_for
from indexer.encoders.options import EncoderOptions
from indexer.encoders.visual.facts import VisualFacts
from indexer.encoders.visual.named_adapters import NamedAdapter
from indexer.encoders.visual.onnx.folder import is_exported, read_exported


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


def with_package_weights(
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


def of_checkpoint(name: str, summary: str) -> RegisteredEncoder:
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


def visual_encoder(model: VisualFacts, adapter: NamedAdapter | None = None) -> RegisteredEncoder:
    """An encoder of page images, or a LoRA adapter of it that has a name of its own."""

    def facts_for(options: EncoderOptions) -> VisualFacts:
        return model.at_resolution(options.min_visual_tokens, options.max_visual_tokens)

    def source_for(options: EncoderOptions) -> str | None:
        return options.checkpoint if adapter is None else str(adapter.folder)

    name = None if adapter is None else adapter.name

    def fingerprint(options: EncoderOptions) -> EncoderFingerprint:
        source = source_for(options)
        if source is None:
            return facts_for(options).fingerprint
        if is_exported(source):
            return read_exported(source, model).fingerprint(facts_for(options))
        from indexer.encoders.visual.loading import visual_fingerprint

        return visual_fingerprint(facts_for(options), source, name)

    def load(device: str, options: EncoderOptions) -> PageEncoder:
        source = source_for(options)
        if source is not None and is_exported(source):
            from indexer.encoders.visual.onnx.encoder import OnnxVisualEncoder

            return OnnxVisualEncoder(facts_for(options), source, device)
        from indexer.encoders.visual.loading import load_visual

        return load_visual(
            facts_for(options),
            device=device,
            source=source,
            name=name,
            token_budget=options.token_budget,
            compile_queries=options.compile_queries,
        )

    facts = EncoderFacts(
        name=name or model.name,
        summary=model.summary if adapter is None else f"{model.name} with a LoRA adapter",
        licence=model.licence,
        dim=model.dim,
        checkpoint=model.checkpoint,
        revision=model.fingerprint.revision,
        size_bytes=model.size_bytes,
        n_parameters=model.n_parameters,
        working_bytes=model.max_visual_tokens * model.token_bytes,
        reads_words=False,
        languages=("en",),  # what all of them were trained on; some answer others, unmeasured
    )
    return RegisteredEncoder(facts, fingerprint, load)
