"""The lite encoder with its real weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from indexer.base.pages import PageEmbedding, QueryEmbedding, RenderedPage
from indexer.encoders.lite import pieces as pieces_module
from indexer.encoders.lite.encoder import LiteEncoder
from indexer.encoders.lite.model import MiniLM
from indexer.encoders.lite.weights import checked_weights, find_weights, load_tokenizer
from indexer.encoders.lite.windows import WINDOW
from tests.support.factories import words

PAGES = {
    "warranty": "The manufacturer repairs or replaces defective\nparts free of charge for twenty-four\n"
    "months after purchase, provided the receipt is kept.",
    "salaries": "Average staff compensation rose by four percent.\nBonuses were paid to senior engineers\n"
    "in December of that year.",
    "glaciers": "Ice sheets in Greenland lose mass every summer.\nMeltwater raises the level of the oceans\n"
    "by several millimetres a year.",
    "recipe": "Whisk the eggs with sugar until pale,\nfold in flour and melted butter,\n"
    "then bake for forty minutes at 180 degrees.",
    "vaccine": "Volunteers received two doses of the shot.\nAntibodies against the virus were found\n"
    "in most of the patients after three weeks.",
    "railway": "Trains between the two cities will run every hour.\nThe new track shortens the journey\n"
    "to less than ninety minutes.",
}
LONG = "\n".join(["quarterly figures of many regions, unaudited and unconsolidated, follow"] * 24)
QUESTIONS = {
    "warranty": "How long does the guarantee on broken components last?",
    "salaries": "Did employees earn more money?",
    "glaciers": "How does climate change affect the sea?",
    "recipe": "How do I make a cake in the oven?",
    "vaccine": "Did immunisation of people work in the clinical trial?",
    "railway": "How fast can I travel by rail?",
}


@pytest.fixture(scope="session")
def lite() -> LiteEncoder:
    return LiteEncoder(device="cpu")


@pytest.fixture(scope="session")
def toy_pages(lite: LiteEncoder) -> dict[str, PageEmbedding]:
    return dict(zip(PAGES, lite.encode_pages([page(text) for text in PAGES.values()]), strict=True))


def page(text: str) -> RenderedPage:
    image = Image.new("RGB", (8, 8), "white")
    return RenderedPage(1, "1", 612.0, 792.0, image, words(text))


def maxsim(query: QueryEmbedding, embedding: PageEmbedding) -> float:
    return float((query.vectors @ embedding.vectors.astype(np.float32).T).max(axis=1).sum())


@pytest.mark.parametrize("topic", QUESTIONS)
def test_a_question_in_other_words_finds_its_page(
    lite: LiteEncoder, toy_pages: dict[str, PageEmbedding], topic: str
) -> None:
    query = lite.encode_queries([QUESTIONS[topic]])[0]
    scores = {name: maxsim(query, embedding) for name, embedding in toy_pages.items()}
    assert max(scores, key=scores.__getitem__) == topic


def test_punctuation_and_stop_words_have_no_vector_on_a_page(lite: LiteEncoder) -> None:
    (embedding,) = lite.encode_pages([page("the\npump ,\nand of\nvalve")])
    assert len(embedding.vectors) == 2


def test_pieces_of_one_word_share_its_box(lite: LiteEncoder) -> None:
    source = page("electroencephalographically")
    (embedding,) = lite.encode_pages([source])
    assert len(embedding.vectors) > 1
    assert {tuple(box) for box in embedding.boxes.tolist()} == {
        tuple(source.words.boxes[0].tolist())
    }


def test_no_box_spans_two_lines(lite: LiteEncoder) -> None:
    source = page("\n".join(["one small pump turns"] * 9))
    (embedding,) = lite.encode_pages([source])
    line_height = int(source.words.boxes[0][3]) - int(source.words.boxes[0][1])
    heights = embedding.boxes[:, 3].astype(int) - embedding.boxes[:, 1]
    assert set(heights.tolist()) == {line_height}


def test_special_tokens_are_scored_but_are_no_content(lite: LiteEncoder) -> None:
    query = lite.encode_queries(["Is the pump broken?"])[0]
    assert query.tokens == ("[CLS]", "pump", "broken", "[SEP]")
    assert query.content.tolist() == [False, True, True, False]


def test_a_query_of_stop_words_keeps_them(lite: LiteEncoder) -> None:
    query = lite.encode_queries(["who are you?"])[0]
    assert query.tokens == ("[CLS]", "who", "are", "you", "?", "[SEP]")
    assert query.content.tolist() == [False, True, True, True, True, False]


def test_an_empty_query_has_its_special_tokens(lite: LiteEncoder) -> None:
    query = lite.encode_queries([""])[0]
    assert query.tokens == ("[CLS]", "[SEP]")
    assert not query.content.any()


def test_a_long_query_is_read_up_to_one_window(lite: LiteEncoder) -> None:
    assert len(lite.encode_queries(["pump " * 1000])[0].tokens) == WINDOW + 2


def test_the_end_of_a_long_page_is_found(lite: LiteEncoder) -> None:
    filler = "\n".join(
        ["quarterly figures of many regions, unaudited and unconsolidated, follow"] * 24
    )
    with_end, without = (
        page(f"{filler}\n{end}") for end in ("a crocodile ate it", "and so on again")
    )
    found, missed = lite.encode_pages([with_end, without])
    query = lite.encode_queries(["crocodile"])[0]
    assert maxsim(query, found) > maxsim(query, missed) + 0.3


def test_small_batches_give_the_vectors_of_large_ones(
    lite: LiteEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [page("\n".join([*PAGES.values()][:n])) for n in (1, 3, 6)] + [page(LONG)]
    together = lite.encode_pages(pages)
    monkeypatch.setattr(pieces_module, "TOKENS_PER_BATCH", 1)
    for one, many in zip(lite.encode_pages(pages), together, strict=True):
        cosines = (one.vectors.astype(np.float32) * many.vectors.astype(np.float32)).sum(axis=1)
        assert cosines.min() > 0.995


def hidden_states_of_transformers(windows: list[list[int]]) -> list[torch.Tensor]:
    from transformers import BertModel

    model = BertModel.from_pretrained(find_weights(), local_files_only=True, dtype=torch.float32)
    model.eval()
    with torch.inference_mode():
        return [model(input_ids=torch.tensor([w])).last_hidden_state[0] for w in windows]


def test_the_forward_pass_is_that_of_transformers() -> None:
    folder = find_weights()
    tokenizer = load_tokenizer(folder)
    windows = [tokenizer.encode(text).ids for text in (*PAGES.values(), "pump")]
    windows.append(windows[0])  # two of one length
    windows.sort(key=len)
    model = MiniLM(checked_weights(folder), torch.device("cpu"), torch.float32)
    ours = model.hidden(windows).split([len(w) for w in windows])
    for mine, theirs in zip(ours, hidden_states_of_transformers(windows), strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-4, rtol=1e-4)


def test_bfloat16_stays_close_to_float32() -> None:
    folder = find_weights()
    windows = [load_tokenizer(folder).encode(text).ids for text in PAGES.values()]
    exact, fast = (
        MiniLM(checked_weights(folder), torch.device("cpu"), dtype).hidden(windows)
        for dtype in (torch.float32, torch.bfloat16)
    )
    cosines = torch.nn.functional.cosine_similarity(exact, fast, dim=1)
    assert cosines.min() > 0.99
    assert cosines.mean() > 0.999
