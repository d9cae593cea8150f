"""[n] markers out of a stream, the claims before them, and the passages that carry the claims."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from generator.answering.answers import Citation
from generator.answering.citations import ClaimReader, Marker, MarkerReader, citation, support_for
from indexer.base.pages import PageWords
from retriever.hits import Evidence
from tests.support.typed_pages import ENCODER, read_page, typed

PAGE = read_page(
    typed("""
        The bolts of the suction flange are tightened to 95 Nm.

        The motor is lifted by a crane with two ropes.
    """),
    3,
)
QUERY = ENCODER.encode_queries(["How is the motor lifted?"])[0]


def read(*pieces: str) -> list[str | Marker]:
    """All parts; neighbouring texts joined."""
    reader = MarkerReader()
    parts: list[str | Marker] = []
    for part in [part for piece in pieces for part in reader.feed(piece)] + reader.close():
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] += part
        else:
            parts.append(part)
    return parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("95 Nm [1].", ["95 Nm", Marker((1,), " "), "."]),
        ("95 Nm[1][2]", ["95 Nm", Marker((1,), ""), Marker((2,), "")]),
        ("a [1, 2;3] b", ["a", Marker((1, 2, 3), " "), " b"]),
        ("a [Page 2] b", ["a", Marker((2,), " "), " b"]),
        ("a [2021] [x] [] [see 1", ["a [2021] [x] [] [see 1"]),
        ("a [[1]", ["a [", Marker((1,), "")]),
        ("ends open [1", ["ends open [1"]),
    ],
)
def test_markers_are_found_however_the_text_is_split(text: str, parts: list[str | Marker]) -> None:
    assert read(text) == parts
    assert read(*text) == parts
    assert all(read(text[:i], text[i:]) == parts for i in range(len(text)))


def test_text_that_cannot_become_a_marker_is_not_held_back() -> None:
    reader = MarkerReader()
    assert reader.feed("The bolts") == ["The bolts"]
    assert reader.feed(" take [a note of more than twenty letters") != []


def test_the_claim_of_a_marker_is_the_sentence_before_it() -> None:
    claims = ClaimReader()
    claims.add("First this. The bolts take 95 Nm.")
    claims.pass_marker()
    assert claims.claims() == ["First this.", "The bolts take 95 Nm."]
    claims.add(" The motor weighs 40 kg")
    for _ in range(2):
        claims.pass_marker()
        assert claims.claims() == ["The motor weighs 40 kg"]
    claims.add(", and the pump ")
    claims.add("12 kg")
    claims.pass_marker()
    assert claims.claims() == [", and the pump 12 kg"]


def test_a_claim_is_without_support_until_one_of_its_markers_supports_it() -> None:
    claims = ClaimReader()
    claims.add("The bolts take 95 Nm. The moon is cheese.")
    assert claims.pass_marker() == []
    claims.note_support("The bolts take 95 Nm.")
    claims.add(" The motor weighs 40 kg")
    assert claims.pass_marker() == ["The moon is cheese."]
    claims.note_support("The motor weighs 40 kg")
    claims.add(". As the pages say:\nYes. A kettle boils.")
    assert claims.close() == ["A kettle boils."]


def test_a_claim_is_proved_by_the_passage_that_says_it_not_by_what_was_asked() -> None:
    proof = support_for("The flange bolts take 95 Nm", QUERY, PAGE)
    assert proof is not None
    assert "95 Nm" in proof.passage.quote
    cited = citation(2, PAGE, proof, True)
    assert cited.quote in PAGE.words.text().replace("\n", " ")
    assert (cited.n, cited.page_number, cited.document) == (2, 3, "a.pdf")
    assert cited.box[1] < cited.box[3] < 0.1


def test_a_row_is_cited_that_holds_the_number_of_the_claim() -> None:
    page = read_page(
        typed("""
            Base plate to footing bolts M12 8.8 60 Nm takes the torque of a joint

            Casing joint M10 8.8 42 Nm
        """),
        3,
    )
    for claim in ("The joint takes a torque of 42 Nm", "The joint takes a torque of 60 Nm"):
        proof = support_for(claim, QUERY, page)
        assert proof is not None and claim[-5:] in proof.passage.quote
    other = support_for("The joint takes a torque of 17 Nm", QUERY, page)
    best = support_for("The joint takes a torque", QUERY, page)
    assert other is not None and best is not None and other.passage.quote == best.passage.quote


def test_a_claim_that_the_page_does_not_make_has_less_support() -> None:
    true = support_for("The motor is lifted by a crane", QUERY, PAGE)
    false = support_for("Penguins of Northmere paint lighthouses", QUERY, PAGE)
    assert true is not None
    assert false is not None
    assert false.closeness < 0.5 < true.closeness


def test_a_page_without_words_is_cited_by_its_best_evidence_without_a_quote() -> None:
    blank = read_page(PageWords())
    assert support_for("The motor weighs 40 kg", QUERY, blank) is None
    whole = citation(1, blank, None, True)
    assert (whole.quote, whole.support, whole.box) == ("", 0.0, (0.0, 0.0, 1.0, 1.0))
    weak, strong = Evidence((0.1, 0.1, 0.2, 0.2), 0.2), Evidence((0.5, 0.5, 0.6, 0.6), 0.8)
    seen = replace(blank, hit=replace(blank.hit, evidence=(weak, strong)))
    assert citation(1, seen, None, True).box == strong.box


def test_a_citation_says_in_a_word_how_strong_it_is() -> None:
    whole_page = citation(1, PAGE, None, supported=True)

    def word(support: float, supported: bool = True) -> str:
        return replace(whole_page, support=support, supported=supported).strength

    assert [word(0.75), word(0.74), word(0.5), word(0.49)] == [
        "clear",
        "partial",
        "partial",
        "weak",
    ]
    assert word(0.9, supported=False) == "weak"


def test_a_citation_that_was_stored_without_the_word_has_it_when_it_is_read() -> None:
    adapter = TypeAdapter(Citation)
    stored = adapter.dump_python(replace(citation(1, PAGE, None, True), support=0.8), mode="json")
    assert stored.pop("strength") == "clear"
    assert adapter.validate_python(stored).strength == "clear"
