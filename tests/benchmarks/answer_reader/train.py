"""Trains the reader on pages made of the data's rows.

    python -m tests.benchmarks.answer_reader.train TRAIN.jsonl.gz OUT_FOLDER [--minutes 60]

Loss: one softmax over the windows of a page and "nowhere", and one over both ends of the span within the
window that answers. A checkpoint (what was trained, float16) is written every five minutes.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from indexer.encoders.lite.weights import find_weights, load_tokenizer
from tests.benchmarks.answer_reader.made_pages import MadePage, PageMaker
from tests.benchmarks.answer_reader.network import Reader, Scores
from tests.benchmarks.answer_reader.windows import Window, question_pieces, window_of

_RATE, _WARM_UP, _SPAN_WEIGHT = 8e-4, 0.03, 0.5
_COVER_WEIGHT = (
    2.0  # as in the product's ranking, which the reader is to complement and not to repeat
)
_CHECKPOINT_S = 300


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the reader.")
    parser.add_argument("rows", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--pages", type=int, default=4, help="in a step")
    parser.add_argument("--passages", type=int, default=5, help="of a page")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(given.seed)
    folder = find_weights()
    tokenizer = load_tokenizer(folder)
    reader = Reader(folder / "model.safetensors", given.rank)
    maker = PageMaker(given.rows, random.Random(given.seed))
    train(
        reader, tokenizer, maker.pages(given.passages), given.pages, given.minutes * 60, given.out
    )


def train(
    reader: Reader,
    tokenizer: Tokenizer,
    pages: Iterator[MadePage],
    n_pages: int,
    duration_s: float,
    out: Path,
) -> None:
    parameters = list(reader.parameters())
    optimizer = torch.optim.AdamW(parameters, weight_decay=0.01, betas=(0.9, 0.98))
    begun = time.monotonic()
    n_steps = n_pieces = n_saved = 0
    losses: list[tuple[float, float, float]] = []
    while (part := (time.monotonic() - begun) / duration_s) < 1:
        for group in optimizer.param_groups:
            group["lr"] = _RATE * min(1.0, part / _WARM_UP + 0.02) * (1 - part)
        step_pages = list(islice(pages, n_pages))
        windows = [windows_of(tokenizer, page) for page in step_pages]
        flat = [window for own in windows for window in own]
        loss, figures = loss_of(reader(flat), step_pages, windows)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(figures)
        n_steps += 1
        n_pieces += sum(len(window.ids) for window in flat)
        if n_steps % 100 == 0:
            means = [sum(column) / len(losses) for column in zip(*losses, strict=True)]
            losses.clear()
            rate = n_pieces / (time.monotonic() - begun)
            print(
                f"{n_steps} steps, {n_pieces} pieces, {rate:.0f}/s: "
                f"rank {means[0]:.3f} (right {means[1]:.3f}), span {means[2]:.3f}",
                flush=True,
            )
        if time.monotonic() - begun > _CHECKPOINT_S * (n_saved + 1):
            n_saved += 1
            save(reader, out / f"{n_saved:02d}.safetensors")
    save(reader, out / "last.safetensors")


def windows_of(tokenizer: Tokenizer, page: MadePage) -> list[Window]:
    """Return a window for each passage; of one that is too long the part with the answer."""
    question = question_pieces(tokenizer, page.question)
    windows = []
    for n, passage in enumerate(page.passages):
        first = 0
        if n == page.right:
            offsets = tokenizer.encode(passage.text, add_special_tokens=False).offsets
            end = sum(start < page.span[1] for start, _ in offsets)
            first = max(0, end - 40)
        windows.append(window_of(tokenizer, question, *passage, first=first))
    return windows


def loss_of(
    scores: Scores, pages: list[MadePage], windows: list[list[Window]]
) -> tuple[Tensor, tuple[float, float, float]]:
    """Return the loss, and the mean loss of the ranking, the share ranked rightly, the loss of the span."""
    ranking, spans, n_right = [], [], 0
    at = 0
    for page, own in zip(pages, windows, strict=True):
        by_words = _COVER_WEIGHT * torch.tensor(page.covers)
        ranks = torch.cat([scores.rank[at : at + len(own)] + by_words, scores.rank.new_zeros(1)])
        goal = len(own) if page.right is None else page.right
        ranking.append(cross_entropy(ranks[None], torch.tensor([goal])))
        n_right += int(ranks.argmax()) == goal
        if page.right is not None:
            offsets = own[page.right].offsets
            inside = [
                i for i, (a, b) in enumerate(offsets) if b > page.span[0] and a < page.span[1]
            ]
            if inside:
                ends = (
                    (scores.start[at + page.right], inside[0]),
                    (scores.end[at + page.right], inside[-1]),
                )
                spans += [cross_entropy(s[None], torch.tensor([i])) for s, i in ends]
        at += len(own)
    rank_loss = torch.stack(ranking).mean()
    span_loss = torch.stack(spans).mean() if spans else rank_loss.new_zeros(())
    loss = rank_loss + _SPAN_WEIGHT * span_loss
    return loss, (float(rank_loss.detach()), n_right / len(pages), float(span_loss.detach()))


def save(reader: Reader, path: Path) -> None:
    tensors = {name: p.detach().half().contiguous() for name, p in reader.named_parameters()}
    save_file(tensors, path)


def load(path: Path, rank: int = 32) -> Reader:
    """Return a trained reader."""
    reader = Reader(find_weights() / "model.safetensors", rank)
    tensors = {name: tensor.float() for name, tensor in load_file(path).items()}
    reader.load_state_dict(tensors)
    return reader.eval()


if __name__ == "__main__":
    main()
