"""Support orders the passages and stays between 0 and 1."""

from __future__ import annotations

import numpy as np

from generator import support as support_module
from generator.passages import passages_of
from generator.questions import read_question
from generator.support import MIDDLE, Quotation, quotations, strengths, support
from indexer.pages import PageEmbedding, PageWords, QueryEmbedding
from tests.unit.generator.typed_pages import ENCODER, read_page, typed

PAGE = typed(
    """
    The motor is lifted by a crane with two ropes. The bolts of the suction flange
    are tightened to 95 Nm. The wiring is checked by an electrician.
    """
)


def ask(question: str, *pages: PageWords) -> list[Quotation]:
    return quotations(
        read_question(question),
        ENCODER.encode_query(question),
        [read_page(words, number) for number, words in enumerate(pages, start=1)],
    )


def test_the_passage_that_holds_the_question_s_words_is_supported_best() -> None:
    best = ask("How tight must the bolts of the suction flange be?", PAGE)[0]
    assert best.passage.quote == "The bolts of the suction flange are tightened to 95 Nm."


def test_what_the_page_never_speaks_of_has_less_support() -> None:
    spoken = ask("How tight must the bolts of the suction flange be?", PAGE)[0]
    unspoken = ask("How tall is the lighthouse of Northmere?", PAGE)[0]
    assert unspoken.support < 0.5 < spoken.support


def test_a_name_that_the_page_does_not_have_costs_support() -> None:
    known = ask("How tight must the suction flange of the Motor be?", PAGE)[0]
    unknown = ask("How tight must the suction flange of the Zephyr be?", PAGE)[0]
    assert unknown.support < known.support


def test_a_passage_is_found_by_similarity_alone_when_no_word_is_the_same() -> None:
    words = typed("Alpha beta gamma delta one.\n\n\nEpsilon zeta eta theta two.")
    page = read_page(words)
    query = QueryEmbedding(
        page.embedding.vectors[6:7].astype(np.float32), ("unseen",), np.ones(1, np.bool_)
    )
    best = quotations(read_question("unseen"), query, [page])[0]
    assert best.passage.quote == "Epsilon zeta eta theta two."


def test_tokens_that_are_not_content_take_no_part() -> None:
    page = read_page(PAGE)
    question = read_question("suction flange")
    query = ENCODER.encode_query("suction flange")
    rng = np.random.default_rng(0)
    framed = QueryEmbedding(
        np.concatenate([rng.normal(size=(1, 32)).astype(np.float32), query.vectors]),
        ("[CLS]", *query.tokens),
        np.array([False, True, True]),
    )
    plain, with_frame = (quotations(question, q, [page])[0].support for q in (query, framed))
    assert plain == with_frame


def test_the_header_of_its_column_counts_for_a_row() -> None:
    table = """
    Item                 Torque    Thread
    Flange               95        M12
    """
    bare = """
    Flange               95        M12
    """
    question = "What is the torque of the flange?"
    row, alone = ask(question, typed(table)), ask(question, typed(bare))
    with_header = next(one for one in row if one.passage.quote.startswith("Flange"))
    assert with_header.support > alone[0].support


def test_pages_without_words_or_vectors_are_no_error() -> None:
    words = typed("Nothing was encoded here.")
    page = read_page(words)
    blind = support_module.ReadPage(
        page.hit, words, PageEmbedding(np.zeros((0, 32), np.float16), np.zeros((0, 4), np.uint16))
    )
    query = ENCODER.encode_query("encoded")
    assert quotations(read_question("encoded"), query, [read_page(PageWords())]) == []
    assert len(quotations(read_question("encoded"), query, [blind])) == 1


def test_every_passage_has_a_strength() -> None:
    page = read_page(PAGE)
    passages = passages_of(PAGE)
    question = "How tight are the bolts?"
    found = strengths(
        read_question(question), ENCODER.encode_query(question), page.embedding, passages
    )
    assert found.shape == (len(passages),)


def test_support_grows_with_strength_and_is_one_half_in_the_middle() -> None:
    supports = support(np.array([0.0, MIDDLE, 5.5]))
    assert 0 < supports[0] < supports[1] < supports[2] < 1
    assert supports[1] == 0.5
