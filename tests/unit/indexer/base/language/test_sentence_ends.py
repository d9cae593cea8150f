"""Sentences end in every script where a reader sees them end."""

from __future__ import annotations

import pytest

from generator.passages.splitting.sentences import sentences
from indexer.base.language.sentence_ends import BETWEEN


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It runs. Does it? Yes!", ["It runs.", "Does it?", "Yes!"]),
        ("動作します。本当？はい！", ["動作します。", "本当？", "はい！"]),
        ("「止まる。」と書く。終わり", ["「止まる。」と書く。", "終わり"]),
        ("يعمل الجهاز. هل هذا صحيح؟ نعم.", ["يعمل الجهاز.", "هل هذا صحيح؟", "نعم."]),
        ("작동합니다. 정말요? 네.", ["작동합니다.", "정말요?", "네."]),
    ],
)
def test_a_text_is_parted_at_the_ends_of_its_sentences(text: str, parts: list[str]) -> None:
    assert BETWEEN.split(text) == parts


@pytest.mark.parametrize(
    ("text", "n_sentences"),
    [
        ("Die Pumpe läuft bzw. steht still. Sie wird z.B. Montag geprüft.", 2),
        ("Le prix est fixé par M. Durand. Il vaut env. Trente euros.", 2),
        ("ポンプは 毎年 点検します。 部品を 同時に 交換します。", 2),
        ("يجب فحص المضخة كل سنة. تستبدل الأجزاء عند الحاجة؟ نعم.", 3),
        ("The pump runs at approx. 95 Nm. It stops then.", 2),
    ],
)
def test_words_of_a_page_are_parted_into_sentences(text: str, n_sentences: int) -> None:
    words = text.split()
    assert len(list(sentences(words, 0, len(words)))) == n_sentences
