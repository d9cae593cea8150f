"""How well an encoder ranks the pages of questions, by the figures of `pagesight eval`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from api.diagnostics.evaluation.ranking_quality import ndcg, recall
from api.diagnostics.training.labelled import LabelledQuestion
from indexer.base.pages import PageEmbedding, PageWords, RenderedPage
from indexer.catalog.document_records import Page
from indexer.encoders.base import PageEncoder
from retriever.scoring.kernels import maxsim_f16

if TYPE_CHECKING:
    from PIL.Image import Image

_K = 5


@dataclass(frozen=True, slots=True)
class RankingQuality:
    """Means over `n_questions`, each asked of all `n_pages`; `chance` is the nDCG of an order of chance."""

    n_questions: int
    n_pages: int
    ndcg: float
    recall_at_1: float
    recall_at_5: float
    chance: float

    def to_dict(self) -> dict[str, float]:
        return {
            "questions": self.n_questions,
            "pages": self.n_pages,
            "ndcg@5": self.ndcg,
            "recall@1": self.recall_at_1,
            "recall@5": self.recall_at_5,
            "ndcg@5_by_chance": self.chance,
        }


def rankings(
    encoder: PageEncoder,
    questions: Sequence[LabelledQuestion],
    pages: Sequence[Page],
    load_image: Callable[[int], Image],
) -> list[list[int]]:
    """Return the ids of all pages for each question, best first, by exact MaxSim."""
    embeddings = list(_embeddings(encoder, pages, load_image))
    vectors = np.concatenate([embedding.vectors for embedding in embeddings])
    offsets = np.cumsum([0, *(len(embedding.vectors) for embedding in embeddings)])
    ids = np.array([page.id for page in pages])
    queries = encoder.encode_queries([question.question for question in questions])
    return [
        ids[np.argsort(-maxsim_f16(query.vectors, vectors, offsets), kind="stable")].tolist()
        for query in queries
    ]


def quality(
    questions: Sequence[LabelledQuestion], orders: Sequence[Sequence[int]]
) -> RankingQuality:
    """Score orders of the same pages, one for each question; there is at least one."""
    pairs = list(zip(orders, (question.page_ids for question in questions), strict=True))
    n_pages = len(orders[0])
    return RankingQuality(
        n_questions=len(questions),
        n_pages=n_pages,
        ndcg=float(np.mean([ndcg(order, gold, _K) for order, gold in pairs])),
        recall_at_1=float(np.mean([recall(order, gold, 1) for order, gold in pairs])),
        recall_at_5=float(np.mean([recall(order, gold, _K) for order, gold in pairs])),
        chance=float(np.mean([_chance(len(gold), n_pages) for _, gold in pairs])),
    )


def _chance(n_right: int, n_pages: int) -> float:
    """Return the expected nDCG@5 of an order of chance: any place holds a right page as likely."""
    discounts = [1 / math.log2(i + 2) for i in range(_K)]
    gain = sum(discounts[:n_pages]) * n_right / n_pages
    return gain / sum(discounts[: min(n_right, _K)])


def _embeddings(
    encoder: PageEncoder, pages: Sequence[Page], load_image: Callable[[int], Image]
) -> Iterator[PageEmbedding]:
    for start in range(0, len(pages), encoder.window):
        window = pages[start : start + encoder.window]
        yield from encoder.encode_pages(
            [
                RenderedPage(
                    page.page_number,
                    page.label,
                    page.width_pt,
                    page.height_pt,
                    load_image(page.id),
                    PageWords(),
                )
                for page in window
            ]
        )
