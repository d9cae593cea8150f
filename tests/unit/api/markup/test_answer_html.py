"""Answers as HTML: what is meant stays, what could act does not."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.markup.answer_html import markdown_answer_html, plain_answer_html
from api.markup.leaves import Marks

PROVED = Marks({1: True, 2: False})
HARMLESS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "hr", "li", "ol", "p", "pre", "span",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


class Elements(HTMLParser):
    """Gathers the elements and attributes of a piece of HTML, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_markdown_is_rendered_with_its_tables() -> None:
    html = markdown_answer_html(
        "## Bolts\n\nThey take **45 Nm** [1].\n\n| Part | Nm |\n|---|--:|\n| Lid [1] | 45 |\n\n- a\n- b",
        PROVED,
    )
    assert "<h4>Bolts</h4>" in html and "<strong>45 Nm</strong>" in html
    assert '<td>Lid<a class="marker" data-n="1">[1]</a></td>' in html
    assert '<td class="right">45</td>' in html and "<li>a</li>" in html


def test_a_citation_that_its_page_does_not_carry_is_weak() -> None:
    html = markdown_answer_html("Blue [2].", PROVED)
    assert '<a class="marker weak" data-n="2">[2]</a>' in html


def test_a_number_that_is_no_citation_stays_text() -> None:
    assert markdown_answer_html("As in [9] and [1999].", PROVED) == "<p>As in [9] and [1999].</p>\n"


def test_a_citation_that_was_removed_is_shown_where_it_stood() -> None:
    text = "It is **sure.** Or not."
    html = markdown_answer_html(text, PROVED, [(7, text.index(" Or")), (8, len(text))])
    assert html == (
        '<p>It is <strong>sure.</strong> <del class="removed">[7]</del> Or not. '
        '<del class="removed">[8]</del></p>\n'
    )


def test_a_claim_without_proof_is_wrapped_through_emphasis() -> None:
    marks = Marks({1: True}, ["It was painted *blue in 1987.*"])
    html = markdown_answer_html("Tight [1]. It was painted *blue in 1987.* Yes [1].", marks)
    assert '<span class="unproved" data-claim="1">It was painted </span>' in html
    assert '<em><span class="unproved" data-claim="1">blue in 1987.</span></em>' in html
    assert html.startswith("<p>Tight<a") and "</em> Yes<a" in html


def test_a_row_and_an_item_without_proof_are_wrapped() -> None:
    text = "| Part | Colour |\n|---|---|\n| Lid | `blue` |\n\n1. first thing\n2. second thing\n"
    html = markdown_answer_html(text, Marks({}, ["| Lid | `blue` |", "2. second thing"]))
    assert '<td><span class="unproved" data-claim="1">Lid</span></td>' in html
    assert '<code><span class="unproved" data-claim="1">blue</span></code>' in html
    assert '<li><span class="unproved" data-claim="2">second thing</span></li>' in html
    assert "<li>first thing</li>" in html


def test_the_same_sentence_twice_is_wrapped_where_it_is_told() -> None:
    marks = Marks({}, ["It is red.", "It is blue."])
    html = plain_answer_html("It is red. It is red. It is blue.", marks)
    assert html == (
        '<p><span class="unproved" data-claim="1">It is red.</span> It is red. '
        '<span class="unproved" data-claim="2">It is blue.</span></p>'
    )


def test_a_claim_that_does_not_stand_there_marks_nothing() -> None:
    assert markdown_answer_html("Yes.", Marks({}, ["No.", ""])) == "<p>Yes.</p>\n"


def test_quoted_words_are_no_markdown() -> None:
    text = "95 Nm\nTorque: 95 [1]\n\n“2 * 3 * 4, see [1] | <b>” [2]"
    html = plain_answer_html(text, PROVED, ["95 Nm"])
    assert html.split("\n") == [
        '<p><strong class="value">95 Nm</strong></p>',
        '<p>Torque: 95<a class="marker" data-n="1">[1]</a></p>',
        '<p>“2 * 3 * 4, see [1] | &lt;b&gt;”<a class="marker weak" data-n="2">[2]</a></p>',
    ]


BAD = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://evil.example/x.png)",
    "[click](javascript:alert(1))",
    "[click](https://evil.example)",
    "<https://evil.example>",
    "[a]: https://evil.example\n\n[a]",
    "<a class='marker' data-n='1' onclick='alert(1)'>[1]</a>",
    "```html\n<script>alert(1)</script>\n```",
    '```mermaid\nclick A "javascript:alert(1)"\n```',
    "| <svg onload=alert(1)> |\n|---|\n| <iframe src=//evil.example> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\ue000\ue0017\ue001<b>",
]


@pytest.mark.parametrize("bad", BAD)
def test_nothing_of_an_answer_can_act(bad: str) -> None:
    marks = Marks({1: True}, [bad])
    for html in (
        markdown_answer_html(f"So [1] {bad}\n\n{bad}", marks, [(3, 2)]),
        plain_answer_html(f"{bad} [1]", marks, [bad]),
    ):
        elements = Elements(html)
        assert elements.tags <= HARMLESS
        assert {name for name, _ in elements.attributes} <= {"class", "data-n", "data-claim"}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [*BAD, "a b.", "*", "**c", "| d |", "- e", "# f", "[1]", " ", "\n", "`", "<", "&amp;"]
        )
    ),
    st.integers(0, 60),
)
def test_whatever_is_written_comes_out_harmless_and_whole(pieces: list[str], at: int) -> None:
    text = "".join(pieces)
    html = markdown_answer_html(text, Marks({1: True}, pieces), [(5, min(at, len(text)))])
    elements = Elements(html)
    assert elements.tags <= HARMLESS
    assert {name for name, _ in elements.attributes} <= {"class", "data-n", "data-claim", "start"}
    letters = re.findall("[a-f]", re.sub(r"^```\w+", "", text, flags=re.MULTILINE))
    if "```" not in text and "&" not in text and "---" not in text and "]:" not in text:
        assert re.findall("[a-f]", elements.text) == letters
