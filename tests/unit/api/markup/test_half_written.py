from __future__ import annotations

import re

from api.markup.answer_html import markdown_answer_html
from api.markup.half_written import shown_part
from api.markup.leaves import Marks

ANSWER = """The bolts take **45 Nm** [1], *dry*, by `KD-340` [12].

| Part | Torque |
|---|--:|
| Housing | 45 Nm [1] |

1. Clean them.
- 5 * 3 = 15 **now**

```
a ** b | [1
```
"""


def test_no_beginning_of_an_answer_shows_a_sign_that_waits_for_its_end() -> None:
    for end in range(len(ANSWER) + 1):
        begun = ANSWER[:end]
        html = markdown_answer_html(shown_part(begun), Marks({1: True, 12: True}))
        text = re.sub(r"<[^>]*>", "", re.sub(r"(?s)<pre>.*?</pre>|<a .*?</a>", "", html))
        assert not re.search(r"\*\*|`|\||\[|---|^\s*[-*]\s*$", text, re.MULTILINE), (begun, html)
        assert text.count("*") <= 1, (begun, html)


def test_what_is_whole_stays_as_it_is() -> None:
    for text in ("", "A. B [1].\n", "| a | b |\n|---|---|\n| 1 | 2 |\n\nand **c**", "2 * 3 is 6"):
        assert shown_part(text) == text
