"""What is measured on a GPU, each by itself, in order: what is short and tells most comes first."""

from __future__ import annotations

from tests.benchmarks.gpu_check.answers import join_batches, write_answers
from tests.benchmarks.gpu_check.encoding import compare_with_cpu, compile_queries, encode_pages
from tests.benchmarks.gpu_check.scoring import choose_candidates, score_exactly
from tests.benchmarks.gpu_check.shapes import Check

CHECKS = (
    Check("parity of embeddings, GPU against CPU", "<= 0.01", 30, compare_with_cpu),
    Check("exact MaxSim", ">= 70 % of the card's bandwidth", 40, score_exactly),
    Check(
        "pages to vectors", ">= 3x the plain loop, MFU >= 50 %, query <= 15 ms", 170, encode_pages
    ),
    Check("answers written together", "none yet", 60, write_answers),
    Check("questions that join", "> 1", 90, join_batches),
    Check("compiled queries", "<= 15 ms", 120, compile_queries),
    Check("stage 1 in FAISS", "none yet", 90, choose_candidates),
)
