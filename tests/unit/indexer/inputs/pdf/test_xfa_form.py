"""Rows of dynamic forms, from their template and data; XML of strangers within limits."""

from __future__ import annotations

import pytest

from indexer.inputs.pdf.xfa.small_xml import read_xml
from indexer.inputs.pdf.xfa.xfa_form import Row, form_rows

TEMPLATE = (
    '<template xmlns="http://www.xfa.org/schema/xfa-template/3.0/"><subform name="form1">{}</subform>'
    "</template>"
)
DATA = (
    '<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><form1>{}</form1>'
    "</xfa:data></xfa:datasets>"
)


def caption(text: str) -> str:
    return f"<caption><value><text>{text}</text></value></caption>"


def rows(template: str, data: str) -> list[Row]:
    return form_rows(
        read_xml(TEMPLATE.format(template).encode()), read_xml(DATA.format(data).encode())
    )


def test_captions_and_values_come_in_the_order_of_the_form() -> None:
    template = (
        "<draw><value><text>Loan application</text></value></draw>"
        f"<subform name='person'><field name='full'>{caption('Full name')}</field></subform>"
        "<field name='AmountRequested'/>"
        f"<field name='ref'>{caption('Reference')}</field>"
    )
    data = "<AmountRequested>27,300 EUR</AmountRequested><person><full>Ann  Lee</full></person>"
    assert rows(template, data) == [
        ("Loan application", ""),
        ("Full name", "Ann Lee"),
        ("Amount requested", "27,300 EUR"),
        ("Reference", ""),
    ]


def test_data_without_a_place_in_the_form_is_read_too() -> None:
    assert form_rows(None, read_xml(DATA.format("<dueDate>1 May</dueDate>").encode())) == [
        ("Due date", "1 May")
    ]
    assert form_rows(read_xml(TEMPLATE.format("<field name='a'/>").encode()), None) == [("A", "")]


def test_choices_boxes_and_buttons_have_what_people_see() -> None:
    template = (
        "<field name='country'><items><text>Norway</text><text>Chad</text></items>"
        "<items save='1'><text>NO</text><text>TD</text></items></field>"
        f"<field name='agree'>{caption('I agree')}<ui><checkButton/></ui>"
        "<items><text>1</text><text>0</text></items></field>"
        f"<exclGroup name='kind'>{caption('Kind')}"
        f"<field>{caption('New')}<items><text>n</text></items></field>"
        f"<field>{caption('Renewal')}<items><text>r</text></items></field></exclGroup>"
    )
    data = "<country>TD</country><agree>1</agree><kind>r</kind>"
    assert rows(template, data) == [("Country", "Chad"), ("I agree", "yes"), ("Kind", "Renewal")]


def test_repeated_groups_are_a_row_each() -> None:
    template = (
        f"<subform name='row'><field name='item'>{caption('Item')}</field>"
        "<field name='qty'/></subform>"
    )
    data = (
        "<row><item>Pump</item><qty>3</qty></row><row><item>Valve</item><qty>7</qty></row>"
        "<total>10</total>"
    )
    assert rows(template, data) == [
        ("Item", "Pump; Qty 3"),
        ("Item", "Valve; Qty 7"),
        ("Total", "10"),
    ]


def test_formatted_text_is_read_as_text() -> None:
    markup = '<body xmlns="http://www.w3.org/1999/xhtml"><p>In <b>bo</b>ld</p><p>two</p></body>'
    assert rows("", f"<note>{markup}</note>") == [("Note", "In bold two")]


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;&a;">]><a>&c;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>',
        b'<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/hostname"> %x;]><a/>',
        b"<a>&unknown;</a>",
        b"<a>" * 300,
        b"<a>" + b"<b/>" * 200_000 + b"</a>",
        b"<a",
        b"",
        b"\x00\xff\xfe",
        b'<?xml version="1.0" encoding="klingon"?><a/>',
    ],
)
def test_xml_that_is_broken_or_a_trap_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="its XML"):
        read_xml(data)
