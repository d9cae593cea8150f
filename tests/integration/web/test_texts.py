"""What the page says: every text in every language, and every key that is used is there."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.integration.web.conftest import OpenPage

WEB = ROOT / "api" / "web"
LANGUAGES = sorted(path.stem for path in (WEB / "texts").glob("*.js"))
KEY_IN_SCRIPT = re.compile(r"""\bt\(\s*"([a-z_.]+)"[\s,)]""")
KEY_IN_MARKUP = re.compile(r'data-(?:text|label|placeholder|title)="([^"]+)"')
FLAT = """
async (language) => {
  const texts = (await import(`/web/texts/${language}.js`)).default;
  const flat = (node, path) => typeof node === "string" ? [[path, node]]
    : "other" in node ? [[path, node.other]]
    : Object.entries(node).flatMap(([key, child]) => flat(child, path ? `${path}.${key}` : key));
  return Object.fromEntries(flat(texts, ""));
}
"""


def texts_of(page: Any, language: str) -> dict[str, str]:
    texts: dict[str, str] = page.evaluate(FLAT, language)
    return texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_text_with_the_same_values_in_it(
    address: str, open_page: OpenPage, language: str
) -> None:
    page = open_page(address)
    english, translation = texts_of(page, "en"), texts_of(page, language)
    assert translation.keys() == english.keys()
    for key, text in english.items():
        values = set(re.findall(r"\{\w+\}", text))
        assert set(re.findall(r"\{\w+\}", translation[key])) == values, key


def test_every_key_that_the_page_uses_has_a_text(address: str, open_page: OpenPage) -> None:
    texts = texts_of(open_page(address), "en")
    scripts = [path for path in WEB.rglob("*.js") if path.parent.name != "texts"]
    uses = {key for path in scripts for key in KEY_IN_SCRIPT.findall(path.read_text())}
    uses |= {key for path in WEB.rglob("*.html") for key in KEY_IN_MARKUP.findall(path.read_text())}
    assert len(uses) > 50
    assert sorted(uses - texts.keys()) == []
