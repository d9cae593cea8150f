"""A text model of the ColBERT kind: MiniLM, whose vectors are turned into another space, untrained."""

from __future__ import annotations

import string
from pathlib import Path

import torch

from indexer.encoders.lite.weights import find_weights

DIM = 128
LENGTH = 60  # tokens that it reads at once: a page takes several windows


def save_colbert(folder: Path, length: int = LENGTH) -> Path:
    """Save it as sentence-transformers does, with prefixes, and no vectors for punctuation."""
    from sentence_transformers import MultiVectorEncoder
    from sentence_transformers.base.modules import Dense, Normalize, Transformer
    from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask

    turn = torch.nn.init.orthogonal_(
        torch.empty(DIM, 384), generator=torch.Generator().manual_seed(1)
    )
    dense = Dense(
        384,
        DIM,
        bias=False,
        activation_function=torch.nn.Identity(),
        module_input_name="token_embeddings",
        module_output_name="token_embeddings",
    )
    dense.linear.weight.data = turn
    model = MultiVectorEncoder(
        modules=[
            Transformer(str(find_weights()), document_length=length, query_length=32),
            dense,
            MultiVectorMask(skiplist_words=list(string.punctuation)),
            Normalize(),
        ],
        device="cpu",
        prompts={"query": "[Q] ", "document": "[D] "},
    )
    model.save_pretrained(str(folder), create_model_card=False)
    return folder
