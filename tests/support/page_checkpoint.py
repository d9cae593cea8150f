"""Models of page images as sentence-transformers saves them: tiny, untrained, with one side or two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from indexer.encoders.lite.weights import find_weights
from tests.support.checkpoints import colmodernvbert_model, colmodernvbert_processor

DIM = 32
_TEMPLATE = (
    "{% for m in messages %}{% for p in m.content %}"
    "{% if p.type == 'image' %}<image>{% else %}{{ p.text }}{% endif %}{% endfor %}{% endfor %}"
)


def save_page_model(folder: Path, *, asymmetric: bool = False) -> Path:
    """Save a ModernVBERT with a projection; `asymmetric`: questions go through MiniLM instead."""
    from sentence_transformers import MultiVectorEncoder
    from sentence_transformers.base.modules import Router, Transformer
    from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask

    page_side = [Transformer(str(_backbone(folder / "backbone"))), _dense(64)]
    sides: list[Any] = page_side
    if asymmetric:
        query_side = [Transformer(str(find_weights()), query_length=32), _dense(384)]
        sides = [Router.for_query_document(query_modules=query_side, document_modules=page_side)]
    model = MultiVectorEncoder(modules=[*sides, MultiVectorMask()], device="cpu")
    model.save_pretrained(str(folder / "model"), create_model_card=False)
    return folder / "model"


def _backbone(folder: Path) -> Path:
    from transformers import Idefics3Processor

    model, processor = colmodernvbert_model().vlm, colmodernvbert_processor()
    model.save_pretrained(folder)
    Idefics3Processor(
        processor.image_processor,
        processor.tokenizer,
        image_seq_len=model.image_seq_len,
        chat_template=_TEMPLATE,
    ).save_pretrained(folder)
    return folder


def _dense(width: int) -> Any:
    from sentence_transformers.base.modules import Dense

    names = {"module_input_name": "token_embeddings", "module_output_name": "token_embeddings"}
    dense = Dense(width, DIM, bias=False, activation_function=torch.nn.Identity(), **names)
    dense.linear.weight.data = torch.nn.init.orthogonal_(
        torch.empty(DIM, width), generator=torch.Generator().manual_seed(1)
    )
    return dense
