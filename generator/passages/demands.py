"""What a passage has to have beside its strength: a thing of the kind asked for, and the subject near it.

docs/decisions/0025-what-is-asked-for-is-there.md says why no sum of parts can stand for them.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from generator.passages.asked_thing import holds_thing
from generator.passages.questions.parsed_question import ParsedQuestion
from generator.passages.splitting.passage import Passage
from generator.passages.strength import COVER_WEIGHT
from generator.passages.subject import Subject, near_terms, subject_of

# What holds nothing of the kind asked for, an amount or a date, loses more than a passage can have.
WITHOUT_THING = 10.0
# So much is lost where nothing of what the question is about stands on any page, or near the passage: half of
# it has to be near.
_SUBJECT_ABSENT = 3.0
_MAX_SUBJECT_ABSENT = 1.5  # pages may say all of it in other words
_SUBJECT_NOT_NEAR = 2.0
_NOTHING_NEAR = 1.0  # more, where none of it is
_NEAR_ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class Demands:
    """What a question demands of the passages of some pages.

    absent  words of the subject that none of the pages has
    cost_of_subject, cost_of_cover  the strength that passages lack for words that no page has: those of the
                                    subject, and all of the question
    """

    question: ParsedQuestion
    subject: Subject
    absent: frozenset[str]
    cost_of_subject: float
    cost_of_cover: float

    def is_without_thing(self, passage: Passage, beside: tuple[str, str]) -> bool:
        """Say whether a passage, as it is quoted, holds nothing of the kind that is asked for.

        beside  quotes of the passages before and behind it
        """
        return not holds_thing(self.question, passage, *beside)

    def loss(self, passages: Sequence[Passage], position: int, name_terms: Set[str]) -> float:
        """Return the strength that a passage loses for being about something else.

        name_terms  name the document: they count as said on each of its pages
        """
        if self.subject.is_bare(passages[position]):
            return 0.0
        near = self.subject.near_share(
            near_terms(passages, position, self.question.kind), name_terms | self.absent
        )
        not_near = _SUBJECT_NOT_NEAR * max(0.0, 1 - near / _NEAR_ENOUGH)
        return self.cost_of_subject + not_near + _NOTHING_NEAR * (near == 0.0)

    def cost_of_absent(self, passage: Passage) -> float:
        """Return the strength that words which no page has cost a passage: as cover, and as subject."""
        return self.cost_of_cover + (0.0 if self.subject.is_bare(passage) else self.cost_of_subject)


def demands_of(question: ParsedQuestion, page_terms: Set[str]) -> Demands:
    """Return what a question demands.

    page_terms  of all pages that were read, and of the names of their documents
    """
    subject = subject_of(question)
    absent_share = 1 - question.cover(page_terms)
    key_terms = question.key_terms
    absent_keys = len(key_terms - page_terms) / len(key_terms) if key_terms else absent_share
    cost_of_cover = (COVER_WEIGHT + 1) * absent_share + absent_keys  # as `strengths` counts them
    absent = subject.absent_terms(page_terms)
    cost_of_subject = min(_SUBJECT_ABSENT * subject.share_of(absent), _MAX_SUBJECT_ABSENT)
    return Demands(question, subject, absent, cost_of_subject, cost_of_cover)


def beside(passages: Sequence[Passage], position: int) -> tuple[str, str]:
    """Return the quotes of the passages before and behind the one at `position`."""
    before = passages[position - 1].quote if position else ""
    behind = passages[position + 1].quote if position + 1 < len(passages) else ""
    return before, behind
