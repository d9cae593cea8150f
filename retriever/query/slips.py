"""Put right what is mistyped in the words that name a place: `pgae 4`, `tabel 2`."""

from __future__ import annotations

from indexer.base.page_places import KINDS
from retriever.query import question_rules as rules


def without_slips(text: str) -> str:
    """Return a text in which a mistyped "page", "figure" or "table" before a number is put right."""
    return rules.BEFORE_NUMBER.sub(lambda match: _put_right(match[1]), text)


def _put_right(word: str) -> str:
    lower_case = word.lower()
    if lower_case in KINDS or lower_case in rules.REAL_WORDS or lower_case in rules.OFTEN_MISTYPED:
        return word
    return next((right for right in rules.OFTEN_MISTYPED if _is_slip(lower_case, right)), word)


def _is_slip(word: str, right: str) -> bool:
    """Say whether two neighbouring letters are swapped, one is missing, or one is doubled."""
    if word[0] != right[0]:
        return False
    if len(word) == len(right):
        apart = [i for i in range(len(word)) if word[i] != right[i]]
        return (
            len(apart) == 2
            and apart[1] == apart[0] + 1
            and word[apart[0]] == right[apart[1]]
            and word[apart[1]] == right[apart[0]]
        )
    if len(word) + 1 == len(right):
        return len(word) > 4 and any(
            right[:i] + right[i + 1 :] == word for i in range(1, len(right))
        )
    if len(word) == len(right) + 1:
        return any(
            word[:i] + word[i + 1 :] == right and word[i] == word[i - 1]
            for i in range(1, len(word))
        )
    return False
