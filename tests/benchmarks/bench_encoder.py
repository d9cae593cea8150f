"""CPU time of the lite encoder: python -m tests.benchmarks.bench_encoder

One thread, CPU seconds. Every claim is a ratio within this run: against transformers' BertModel over
the same windows padded to one length, and against float32.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from PIL import Image

from indexer.base.pages import PageWords, RenderedPage
from indexer.encoders.lite.encoder import LiteEncoder
from indexer.encoders.lite.model import MiniLM
from indexer.encoders.lite.weights import checked_weights, find_weights, load_tokenizer
from indexer.encoders.lite.windows import windows_of
from tests.benchmarks.worth import Worth, alternating

LINE = "The consolidated statements of operations show net revenue of 4,317 million dollars"
N_PAGES = 16
LINES_PER_PAGE = (20, 44, 60)  # a slide's worth, a report page, a dense page
N_QUERIES = 60  # of one run of `torchscript_worths`


def main() -> None:
    torch.set_num_threads(1)
    _bench_loading()
    folder = find_weights()
    tokenizer = load_tokenizer(folder)
    pages = [_page(LINES_PER_PAGE[i % len(LINES_PER_PAGE)]) for i in range(N_PAGES)]
    encodings = [
        tokenizer.encode(list(p.words.texts), is_pretokenized=True, add_special_tokens=False).ids
        for p in pages
    ]
    n_pieces = sum(map(len, encodings))
    windows = sorted(
        ([101, *ids[w.start : w.stop], 102] for ids in encodings for w in windows_of(len(ids))),
        key=len,
    )
    lite = LiteEncoder(device="cpu")
    whole = _cpu_s(lambda: lite.encode_pages(pages))
    _tell("lite encoder, whole", whole, n_pieces, whole)
    for dtype in (torch.bfloat16, torch.float32):
        model = MiniLM(checked_weights(folder), torch.device("cpu"), dtype)
        _tell(
            f"  forward pass, {dtype}", _cpu_s(lambda m=model: m.hidden(windows)), n_pieces, whole
        )
        padded = _cpu_s(_padded(windows, dtype))
        _tell(f"  transformers, padded, {dtype}", padded, n_pieces, whole)
    query = _cpu_s(lambda: lite.encode_queries(["What was the net revenue of the last year?"])[0])
    print(f"{'query':<40} {query * 1e3:8.1f} CPU ms")
    for worth in torchscript_worths(n_pairs=5):
        print(worth)


def torchscript_worths(n_pairs: int) -> list[Worth]:
    """Embed queries with and without TorchScript, alone and beside a thread that never rests."""
    torch.set_num_threads(1)
    encoders = {is_on: LiteEncoder(device="cpu", torchscript=is_on) for is_on in (True, False)}
    alone = Worth("PAGESIGHT_TORCHSCRIPT", "a query alone", "CPU ms", False)
    beside = Worth("PAGESIGHT_TORCHSCRIPT", "a query beside a busy thread", "ms", False)
    for encoder in encoders.values():
        _query_ms(encoder, time.process_time)  # torch optimises what it has seen once
    for pair in alternating(n_pairs):
        for is_on in pair:
            alone.add(_query_ms(encoders[is_on], time.process_time), is_on=is_on)
        with _busy_thread():
            for is_on in pair:
                beside.add(_query_ms(encoders[is_on], time.perf_counter), is_on=is_on)
    return [alone, beside]


def _query_ms(encoder: LiteEncoder, clock: Callable[[], float]) -> float:
    """Return the median over N_QUERIES different queries."""
    times_s = []
    for number in range(N_QUERIES):
        began = clock()
        encoder.encode_queries([f"What was the net revenue of the year {1900 + number}?"])
        times_s.append(clock() - began)
    return 1e3 * float(np.median(times_s))


@contextmanager
def _busy_thread() -> Iterator[None]:
    """Another thread that wants the interpreter all the time, whose turns are as short as a service's."""
    usual_s, rest = sys.getswitchinterval(), threading.Event()
    sys.setswitchinterval(0.001)

    def count_up() -> None:
        n_turns = 0
        while not rest.is_set():
            n_turns += 1

    thread = threading.Thread(target=count_up, daemon=True)
    thread.start()
    try:
        yield
    finally:
        rest.set()
        thread.join()
        sys.setswitchinterval(usual_s)


def _bench_loading() -> None:
    for what, code in {
        "load, imports included": "from indexer.encoders.registry import load_encoder as l;"
        "l('lite', device='cpu')",
        "  of which importing torch": "import torch",
        "fingerprint, no weights": "from indexer.encoders.registry import fingerprint_of as f; f('lite')",
    }.items():
        timed = f"{code}\nimport time; print(time.process_time())"
        run = subprocess.run(
            [sys.executable, "-c", timed], capture_output=True, text=True, check=True
        )
        print(f"{what:<40} {float(run.stdout) * 1e3:8.0f} CPU ms")


def _page(n_lines: int) -> RenderedPage:
    image = Image.new("RGB", (8, 8), "white")
    texts = tuple(LINE.split() * n_lines)
    lines = np.repeat(np.arange(n_lines, dtype=np.int32), len(LINE.split()))
    words = PageWords(texts, np.zeros((len(texts), 4), np.uint16), lines, "text")
    return RenderedPage(1, "1", 612.0, 792.0, image, words)


def _padded(windows: list[list[int]], dtype: torch.dtype) -> Callable[[], object]:
    from transformers import BertModel

    model = BertModel.from_pretrained(find_weights(), local_files_only=True, dtype=dtype).eval()
    length = max(map(len, windows))
    ids = torch.tensor([w + [0] * (length - len(w)) for w in windows])
    mask = torch.tensor([[1] * len(w) + [0] * (length - len(w)) for w in windows])

    def run() -> object:
        with torch.inference_mode():
            return model(input_ids=ids, attention_mask=mask)

    return run


def _cpu_s(run: Callable[[], object], n: int = 5) -> float:
    times = []
    for _ in range(n):
        before = time.process_time()
        run()
        times.append(time.process_time() - before)
    return float(np.median(times))


def _tell(what: str, seconds: float, n_pieces: int, whole: float) -> None:
    per_page = seconds / n_pieces * 800 * 1e3
    print(
        f"{what:<40} {per_page:8.1f} CPU ms per 800 pieces, {seconds / whole:.2f} of the whole",
        flush=True,
    )


if __name__ == "__main__":
    main()
