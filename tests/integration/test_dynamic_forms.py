"""A dynamic form (XFA) whose page says "please wait" is read from its data, or warned of."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.base.layout import BlockKind
from indexer.base.pages import RenderedPage
from indexer.base.settings import IndexerSettings
from indexer.inputs.rasterizer import Rasterizer
from tests.builders import document_of

TEMPLATE = (
    '<template xmlns="http://www.xfa.org/schema/xfa-template/3.0/"><subform name="f">'
    "<field name='who'><caption><value><text>Name of the boat</text></value></caption></field>"
    "</subform></template>"
)
DATASETS = (
    '<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data>'
    "<f><who>Sula II</who></f></xfa:data></xfa:datasets>"
)
XDP = '<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/">{}</xdp:xdp>'


def form(path: Path, *packets: tuple[str, str], whole: bool = False, fields: str = "[]") -> Path:
    """Write a PDF whose page says "Please wait...", with these packets; `whole`: as one stream."""
    document = document_of("Please wait...")
    streams = []
    for name, xml in packets:
        xref = document.get_new_xref()
        document.update_object(xref, "<<>>")
        document.update_stream(xref, xml.encode())
        streams.append(f"({name}) {xref} 0 R")
    packet = streams[0].split(") ")[1] if whole else f"[{' '.join(streams)}]"
    catalog = document.pdf_catalog()
    document.xref_set_key(catalog, "AcroForm", f"<</Fields {fields}/XFA {packet}>>")
    document.save(path)
    return path


def read(path: Path) -> tuple[RenderedPage, list[str]]:
    with Rasterizer(IndexerSettings()).open(path) as opened:
        (page,) = opened.pages()
        return page, opened.warnings


PARTS = (("template", TEMPLATE), ("datasets", DATASETS))


@pytest.mark.parametrize(
    ("packets", "whole"),
    [
        (PARTS, False),
        ((("preamble", XDP.split("{}")[0]), *PARTS, ("postamble", XDP.split("{}")[1])), False),
        ((("xdp", XDP.format(TEMPLATE + DATASETS)),), True),
        ((("template", "<broken"), ("datasets", DATASETS.replace("who", "NameOfTheBoat"))), False),
    ],
)
def test_its_rows_are_words_of_the_page(
    tmp_path: Path, packets: tuple[tuple[str, str], ...], whole: bool
) -> None:
    page, warnings = read(form(tmp_path / "form.pdf", *packets, whole=whole))
    assert page.words.text().lower() == "please wait...\nname of the boat sula ii"
    assert warnings == [
        "page 1: dynamic form (XFA), its 1 row was read from its data; the page image does not show "
        "them"
    ]
    block = page.words.layout.blocks[-1]
    assert (block.kind, block.label_stop) == (BlockKind.FIELD, block.stop - 2)


def test_many_rows_stand_below_each_other_on_the_page(tmp_path: Path) -> None:
    data = "".join(f"<f{n}>value {n}</f{n}>" for n in range(1500))
    datasets = DATASETS.replace("<who>Sula II</who>", data)
    page, _ = read(form(tmp_path / "form.pdf", ("datasets", datasets)))
    boxes = page.words.boxes[2:]  # behind "Please wait..."
    assert page.words.text().count("\n") == 1500
    assert (boxes[1:, 1] >= boxes[:-1, 1]).all() and boxes[0, 1] > page.words.boxes[1, 3]


@pytest.mark.parametrize(
    "packets",
    [
        (("template", "<broken"),),
        (
            (
                "datasets",
                '<!DOCTYPE a [<!ENTITY x "y">]><datasets><data><a>&x;</a></data></datasets>',
            ),
        ),
        (("datasets", "<datasets/>"),),
        (("config", "<config/>"),),
    ],
)
def test_one_without_readable_data_is_warned_of(
    tmp_path: Path, packets: tuple[tuple[str, str], ...]
) -> None:
    page, warnings = read(form(tmp_path / "form.pdf", *packets))
    assert page.words.text() == "Please wait..."
    assert len(warnings) == 1 and warnings[0].startswith("page 1: dynamic form (XFA) whose data")


def test_an_entity_is_never_looked_up(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden")
    trap = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">]>' + DATASETS.replace(
        "Sula II", "&x;"
    )
    page, warnings = read(form(tmp_path / "form.pdf", ("datasets", trap)))
    assert "hidden" not in page.words.text() and len(warnings) == 1


def test_a_form_with_fields_of_its_own_shows_them_on_the_page(shared_data: Path) -> None:
    path = shared_data / "reports" / "form-filled.pdf"
    page, warnings = read(path)
    assert page.words.texts and warnings == []
