"""The dots between a name and its figure are a word of their own, and no reason for OCR."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from indexer.base.pages import PageWords
from indexer.inputs.pdf.text.leaders import without_leaders
from indexer.layout.placed_words import PlacedWord
from indexer.ocr.readable import readable_words


def test_a_leader_is_parted_from_what_stands_before_and_behind_it() -> None:
    parts = list(without_leaders(PlacedWord("Total........5", (0.0, 0.0, 100.0, 10.0), (0, 0))))
    assert [part.text for part in parts] == ["Total", "........", "5"]
    assert [parts[0].box[0], parts[-1].box[2]] == [0.0, 100.0]
    assert all(a.box[2] == b.box[0] for a, b in pairwise(parts))
    whole = PlacedWord("etc...", (0.0, 0.0, 9.0, 9.0), (0, 0))
    assert list(without_leaders(whole)) == [whole]


def test_leaders_do_not_make_the_words_of_a_page_noise() -> None:
    texts = ("Rent", "." * 60, "12", "Fees", "." * 60, "7")
    words = PageWords(texts, np.zeros((6, 4), np.uint16), np.zeros(6, np.int32), "text")
    assert readable_words(words).all()
