"""What the lite encoder is: every constant that shapes its vectors, and the fingerprint of them all.

Chosen by page retrieval on MMLongBench-Doc (nDCG@5) and checked on FinanceBench.
"""

from __future__ import annotations

from dataclasses import replace

from indexer.encoders.base import EncoderFingerprint
from indexer.encoders.lite.content import STOP_WORDS_VERSION
from indexer.encoders.lite.windows import OVERLAP, WINDOW

CHECKPOINT = "sentence-transformers/all-MiniLM-L6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WEIGHTS_BYTES = 90_868_376
HIDDEN = 384
DIM = 128
# Weight of the window's mean beside a unit token vector. MiniLM was trained on means (sentence
# embeddings); 0.3 to 0.7 score alike, 0 is lower on FinanceBench, 1 over many documents.
BETA = 0.5
# Adjacent content pieces of one line that share a vector: half the index for no loss.
POOL = 2
# Of the matrix in projection.npz (float32, C order); a test compares.
PROJECTION_SHA256 = "407920d9056ec5a9f1e528f8b28f763f6ef9dfe9a09ebf8baed3de061e1f66ec"

FINGERPRINT = EncoderFingerprint(
    name="lite",
    checkpoint=CHECKPOINT,
    revision=WEIGHTS_SHA256,
    dim=DIM,
    options={
        "beta": BETA,
        "window": WINDOW,
        "overlap": OVERLAP,
        "pool": POOL,
        "projection": PROJECTION_SHA256[:16],
        "stop_words": STOP_WORDS_VERSION,
    },
)

# Products of integers move a vector by .13 (a cosine of .991): pages and queries need the same.
INT8_FINGERPRINT = replace(
    FINGERPRINT, name="lite-int8", options={**FINGERPRINT.options, "products": "int8"}
)
