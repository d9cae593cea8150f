"""The contrastive loss of late interaction. Imports torch.

Dimension key: Q questions and P pages of a batch, T tokens of a question, N vectors of a page, D dim.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import softplus


def maxsim_scores(questions: Sequence[Tensor], pages: Sequence[Tensor]) -> Tensor:
    """Return (Q, P): the sum over tokens (T, D) of the largest dot product with a vector (N, D) of the page.

    Khattab & Zaharia, ColBERT (arXiv 2004.12832), eq. 3. Pages keep their own lengths: no padding scores.
    """
    return torch.stack(
        [torch.stack([(q @ page.T).amax(dim=1).sum() for page in pages]) for q in questions]
    )


def contrastive_loss(scores: Tensor, own: Tensor, wrong: Tensor) -> Tensor:
    """Return the mean of log(1 + exp(s- - s+)) over the questions of a batch.

    s+ is the score of a question's own page, s- the largest of a page that is wrong for it, in-batch and
    hard negatives alike (Faysse et al., ColPali, arXiv 2407.01449, "In-batch contrastive loss").

    scores  (Q, P)
    own     (Q,) int64, the column of each question's page
    wrong   (Q, P) bool, the pages that are no answer; a question without one counts nothing
    """
    right_scores = scores.gather(1, own[:, None]).squeeze(1)
    wrong_scores = scores.masked_fill(~wrong, -torch.inf).amax(dim=1)
    has_wrong_page = wrong.any(dim=1)
    return softplus(wrong_scores - right_scores)[has_wrong_page].sum() / has_wrong_page.sum().clamp(
        min=1
    )
