"""Support orders the passages and stays between 0 and 1."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generator.passages.calibration import CALIBRATIONS, LITE, Calibration
from generator.passages.questions.parsed_question import read_question
from generator.passages.support import Quotation, ReadPage, quotations
from indexer.base.pages import PageEmbedding, PageWords, QueryEmbedding
from tests.support.typed_pages import ENCODER, read_page, typed

PAGE = typed(
    """
    The motor is lifted by a crane with two ropes. The bolts of the suction flange
    are tightened to 95 Nm. The wiring is checked by an electrician.
    """
)


def ask(question: str, *pages: PageWords) -> list[Quotation]:
    return quotations(
        read_question(question),
        ENCODER.encode_queries([question])[0],
        [read_page(words, number) for number, words in enumerate(pages, start=1)],
    )


def test_the_passage_that_holds_the_question_s_words_is_supported_best() -> None:
    best = ask("How tight must the bolts of the suction flange be?", PAGE)[0]
    assert best.passage.quote == "The bolts of the suction flange are tightened to 95 Nm."


def test_what_the_page_never_speaks_of_has_less_support() -> None:
    spoken = ask("How tight must the bolts of the suction flange be?", PAGE)[0]
    unspoken = ask("How tall is the lighthouse of Northmere?", PAGE)[0]
    assert unspoken.closeness < 0.5 < spoken.closeness


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
    query = ENCODER.encode_queries(["suction flange"])[0]
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
    with_header = next(one for one in row if one.passage.quote.endswith("Flange 95 M12"))
    assert with_header.support > alone[0].support


def test_pages_without_words_or_vectors_are_no_error() -> None:
    words = typed("Nothing was encoded here.")
    page = read_page(words)
    blind = ReadPage(
        page.hit, words, PageEmbedding(np.zeros((0, 32), np.float16), np.zeros((0, 4), np.uint16))
    )
    query = ENCODER.encode_queries(["encoded"])[0]
    assert quotations(read_question("encoded"), query, [read_page(PageWords())]) == []
    assert len(quotations(read_question("encoded"), query, [blind])) == 1


def test_a_heading_alone_is_weaker_than_the_words_that_answer() -> None:
    words = typed(
        "Suction Flange\n\n\nIts bolts are tightened to 95 Nm, those of the suction side too."
    )
    best = ask("How tight must the suction flange be?", words)[0]
    assert "95 Nm" in best.passage.quote


def test_a_running_head_is_never_quoted() -> None:
    pages = [
        typed(f"Northmere Annual Report 2024\n\n\n{said}")
        for said in ("Leaks fell by a third last year.", "Power came from biogas last year.")
    ]
    quoted = [
        one.passage.quote for one in ask("What does the Northmere report of 2024 say?", *pages)
    ]
    assert not any(quote.startswith("Northmere Annual") for quote in quoted)
    assert len(quoted) == 2


def test_an_entry_of_the_table_of_contents_is_weaker_than_the_place_it_names() -> None:
    contents = typed(
        "Suction flange and bolts ........ 4\n\n\nThe bolts of the suction flange are M16."
    )
    found = ask("Which bolts has the suction flange?", contents)
    assert found[0].passage.quote == "The bolts of the suction flange are M16."


def test_words_on_every_page_say_less_about_where_the_answer_stands() -> None:
    pages = [
        typed("Zephyr Works\n\n\nZephyr pays an invoice after it came."),
        typed("Zephyr Works\n\n\nInvoices have to be paid within ten days of receipt."),
        typed("Zephyr Works\n\n\nZephyr Works has ten halls."),
    ]
    best = ask("Within how many days of receipt has Zephyr to pay?", *pages)[0]
    assert best.page.hit.page.page_number == 2


def test_support_grows_with_strength_and_falls_with_what_it_was_compared_with() -> None:
    best = ask("How tight are the bolts?", PAGE)[0]
    assert best.n_compared == len(ask("How tight are the bolts?", PAGE))
    supports = [replace(best, strength=s).support for s in (-0.6, LITE.middle, 5.5)]
    assert 0 < supports[0] < supports[1] < supports[2] < 1
    assert replace(best, n_compared=100).support < best.support
    longer = ask("How tight are the bolts on the second floor of the old mill?", PAGE)[0]
    assert replace(longer, strength=best.strength).support < best.support


def test_a_passage_is_judged_by_the_calibration_of_the_encoder_that_found_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    best = ask("How tight are the bolts?", PAGE)[0]
    assert best.page.hit.fingerprint.name == "fake"
    assert best.closeness == LITE.closeness(best.strength)  # none was fitted to that encoder
    monkeypatch.setitem(CALIBRATIONS, "fake", Calibration(1.0, best.strength, 0.0, 0.0, 0.0, 0.0))
    assert best.closeness == best.support == 0.5


def test_the_word_that_the_best_passage_matches_worst_moves_all_passages_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = ask("How tight are the bolts?", PAGE)
    monkeypatch.setitem(CALIBRATIONS, "fake", replace(LITE, of_least=2.0, usual_least=0.0))
    after = ask("How tight are the bolts?", PAGE)
    assert [q.passage.quote for q in after] == [q.passage.quote for q in before]
    gains = [b.strength - a.strength for a, b in zip(before, after, strict=True)]
    assert gains == pytest.approx([gains[0]] * len(gains)) and abs(gains[0]) <= 2.0
    strangers = ask("How tight are the zebras?", PAGE)
    assert strangers[0].strength < after[0].strength
