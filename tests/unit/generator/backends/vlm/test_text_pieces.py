from __future__ import annotations

from functools import cache

from hypothesis import example, given
from hypothesis import strategies as st

from generator.backends.vlm.text_pieces import TextPieces, TokenBytes
from tests.support.checkpoints import qwen_tokenizer


@cache
def tokenizer():  # type: ignore[no-untyped-def]
    return qwen_tokenizer()


@cache
def token_bytes() -> TokenBytes:
    return TokenBytes(tokenizer())


def pieces(ids: list[int], stop: tuple[str, ...] = ()) -> tuple[list[str], bool]:
    text = TextPieces(token_bytes(), stop)
    found = []
    for token in ids:
        found.append(text.feed(token))
        if text.stopped:
            break
    return [*found, text.close()], text.stopped


def ids_of(text: str) -> list[int]:
    ids: list[int] = tokenizer()(text, add_special_tokens=False)["input_ids"]
    return ids


@given(st.text(max_size=30))
def test_joined_pieces_are_the_text(text: str) -> None:
    ids = ids_of(text)
    expected = tokenizer().decode(ids, skip_special_tokens=True)
    assert "".join(pieces(ids)[0]) == expected


@given(st.lists(st.integers(0, 300), max_size=40))
@example(
    [169, 94]
)  # ED A1: half a surrogate, of which each byte is decoded to a replacement character
def test_any_tokens_give_what_decoding_them_at_once_gives(ids: list[int]) -> None:
    """Also bytes that are no text; only half a character at the very end is left out."""
    text = "".join(pieces(ids)[0])
    decoded = tokenizer().decode(ids, skip_special_tokens=True)
    raw = b"".join(token_bytes()[token] for token in ids)
    left_out = decoded.removeprefix(text)
    assert decoded.startswith(text)
    assert left_out in ("", "\ufffd") or (left_out == "\ufffd" * 2 and raw[-2] == 0xED)


def test_a_character_of_several_tokens_comes_in_one_piece() -> None:
    ids = ids_of("a🙂é")
    assert len(ids) == 7  # one for each byte
    assert [piece for piece in pieces(ids)[0] if piece] == ["a", "🙂", "é"]
    assert "".join(pieces(ids[:-1])[0]) == "a🙂"


def test_special_tokens_are_no_text() -> None:
    assert "".join(pieces(ids_of("a<|im_start|>b<|image_pad|>"))[0]) == "ab"


def test_a_stop_string_split_over_tokens_ends_the_text_before_it() -> None:
    ids = ids_of("one END two")
    assert len(ids) > 4
    told, stopped = pieces(ids, ("END",))
    assert stopped
    assert "".join(told) == "one "
    assert all("E" not in piece for piece in told)


def test_the_first_of_several_stop_strings_counts() -> None:
    assert "".join(pieces(ids_of("abcdef"), ("ef", "cd"))[0]) == "ab"


def test_what_only_began_like_a_stop_string_is_told() -> None:
    told, stopped = pieces(ids_of("an EN"), ("END",))
    assert not stopped
    assert "".join(told) == "an EN"
    assert "".join(pieces(ids_of("EEND."), ("END",))[0]) == "E"
