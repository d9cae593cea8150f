"""An answer as HTML that may be put into a page as it is.

What a model writes is read as Markdown without links, images and HTML; what is quoted from pages is plain
text. Whatever comes of it passes a sanitiser. The elements with a meaning of their own:

    <a class="marker" data-n="1">[1]</a>   a citation; "marker weak" where its page does not carry the claim
    <del class="removed">[7]</del>         a number that names no page that was read
    <span class="unproved" data-claim="1"> the first sentence that no citation supports, or a part of it
    <strong class="value">                 the value that answers
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from api.markup.leaves import Leaf, Marks, leaves_html, with_removed_numbers

_TRAILING_NUMBERS = re.compile(r"(?:[ \t]*\[\d{1,2}\])+$")
_HEADINGS = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h5", "h5": "h5", "h6": "h5"}

_BLOCK_OF_CODE = "<pre><code>{}</code></pre>\n"
_LEAVES = {
    "text": "{}",
    "code_inline": "<code>{}</code>",
    "fence": _BLOCK_OF_CODE,
    "code_block": _BLOCK_OF_CODE,
}
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "hr", "li", "ol", "p", "pre", "span",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_CLASSES = {
    "a": {"marker", "weak"},
    "del": {"removed"},
    "span": {"unproved"},
    "strong": {"value"},
    "td": {"center", "right"},
    "th": {"center", "right"},
}
_ATTRIBUTES = {"a": {"data-n"}, "ol": {"start"}, "span": {"data-claim"}}

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False})
_MARKDOWN.enable("table")
_MARKDOWN.disable(["link", "image", "autolink", "html_inline", "html_block", "reference"])


def markdown_answer_html(
    text: str, marks: Marks, removed_numbers: Sequence[tuple[int, int]] = ()
) -> str:
    """Return the HTML of a text that a model wrote.

    removed_numbers  numbers that were left out of the text, each with where it would stand
    """
    tokens = _MARKDOWN.parse(with_removed_numbers(text, removed_numbers))
    leaf_tokens = [
        leaf for token in tokens for leaf in (token.children or [token]) if leaf.type in _LEAVES
    ]
    leaves = [Leaf(token.content, token.type != "text") for token in leaf_tokens]
    for token, html in zip(leaf_tokens, leaves_html(leaves, marks), strict=True):
        token.content = _LEAVES[token.type].format(html)
        token.type = "html_inline" if token.type in ("text", "code_inline") else "html_block"
    for token in tokens:
        _reshape(token)
    return _clean(str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})))


def plain_answer_html(text: str, marks: Marks, values: Sequence[str] = ()) -> str:
    """Return the HTML of a text that quotes pages: its lines are kept, and nothing else is a sign.

    values  those of its lines that hold the value that answers, in their order
    """
    lines = text.split("\n")
    numbers = [_TRAILING_NUMBERS.search(line) for line in lines]
    bodies = [
        line[: match.start()] if match else line for line, match in zip(lines, numbers, strict=True)
    ]
    tails = [match[0] if match else "" for match in numbers]
    body_html = leaves_html(
        [Leaf(body) for body in bodies], Marks(unproved_sentences=marks.unproved_sentences)
    )
    tail_html = leaves_html([Leaf(tail) for tail in tails], Marks(marks.citations))
    paragraphs: list[list[str]] = [[]]
    values_left = list(values)
    for line, body, tail in zip(bodies, body_html, tail_html, strict=True):
        if values_left and line == values_left[0]:
            del values_left[0]
            paragraphs += [[f'<strong class="value">{body}</strong>{tail}'], []]
        elif line or tail:
            paragraphs[-1].append(body + tail)
        else:
            paragraphs.append([])
    return _clean("\n".join(f"<p>{'<br>'.join(lines)}</p>" for lines in paragraphs if lines))


def _reshape(token: Token) -> None:
    """Make headings smaller than the question's, and alignments classes."""
    token.tag = _HEADINGS.get(token.tag, token.tag)
    alignment = str(token.attrs.pop("style", "")).removeprefix("text-align:")
    if alignment in ("center", "right"):
        token.attrs["class"] = alignment


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes=set(),
        link_rel=None,
    )
