"""Dynamic forms (XFA), in the child: what a page that says "please wait" would show, read from its packets.

The template says what is asked, in captions and texts; the data say what was filled in. Only the forms of
which a PDF has nothing else: where it has fields of its own, those show the same values on the page.
XFA 3.3 (Adobe, 2012). Standard library only, but for the packets' bytes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from indexer.inputs.pdf.xfa.small_xml import Element, read_xml

MAX_PACKET_BYTES = 16 * 1024**2
MAX_ROWS = 2000
_MAX_CHARACTERS = 2000  # of one label or value
_REFERENCE = re.compile(r"(\d+) \d+ R")
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Za-z])(?=[0-9])|[_.\-\s]+")
_GROUPS = {"subform", "subformSet", "area", "exclGroup", "template", "pageSet", "pageArea"}

Row = tuple[
    str, str
]  # what is asked, and what was filled in; a text of the form alone has no value


class FormReading(NamedTuple):
    """The rows of a form in its order; `problem`: why there are none, or not all."""

    rows: list[Row]
    problem: str


def form_of(document: Any) -> FormReading | None:
    """Read the dynamic form of a document; None where it has none, or has fields that show it."""
    catalog = document.pdf_catalog()
    kind, value = document.xref_get_key(catalog, "AcroForm/XFA")
    if kind == "null" or _has_fields(document, catalog):
        return None
    try:
        packets = _packets(document, kind, value)
        rows = form_rows(packets.get("template"), packets.get("datasets"))
    except ValueError as error:  # XML of no use
        return FormReading([], str(error))
    return FormReading(rows[:MAX_ROWS], "" if rows else "it holds no text and no values")


def _has_fields(document: Any, catalog: int) -> bool:
    kind, value = document.xref_get_key(catalog, "AcroForm/Fields")
    if kind == "xref":
        value = document.xref_object(int(value.split()[0]), compressed=True)
    return bool(_REFERENCE.search(value)) and any(
        document.page_annot_xrefs(number) for number in range(document.page_count)
    )


def _packets(document: Any, kind: str, value: str) -> dict[str, Element]:
    """Return template and datasets. Raises ValueError for XML that cannot be read."""
    if kind == "xref" and not document.xref_is_stream(int(value.split()[0])):
        value = document.xref_object(int(value.split()[0]), compressed=True)
    data = [_stream(document, int(number)) for number in _REFERENCE.findall(value)]
    whole = b"".join(data)
    if len(whole) > MAX_PACKET_BYTES:
        raise ValueError(f"its packets have more than {MAX_PACKET_BYTES} bytes")
    # Together the packets are one document in its frame; without one, each is a document of its own.
    packets, problem = _roots([whole])
    if not packets:
        packets, problem = _roots(data)
    if not packets:
        raise ValueError(problem)
    return packets


def _roots(parts: list[bytes]) -> tuple[dict[str, Element], str]:
    """Return template and data, as far as the parts hold them, and what is wrong with the last part."""
    packets: dict[str, Element] = {}
    problem = "it has neither template nor data"
    for part in parts:
        try:
            root = read_xml(part)
        except ValueError as error:
            problem = str(error)
            continue
        for element in (root, *root.children):
            if element.name in ("template", "datasets"):
                packets.setdefault(element.name, element)
    return packets, problem


def _stream(document: Any, xref: int) -> bytes:
    return bytes(document.xref_stream(xref) or b"")


# -- template and data -------------------------------------------------------------------------------


class _Field(NamedTuple):
    """A field or a text of the template; `values` are what was filled in under its name."""

    label: str
    default: str
    items: dict[str, str]  # what a stored value is shown as


def form_rows(template: Element | None, datasets: Element | None) -> list[Row]:
    """Return what is asked with what was filled in, in the order of the form; then the rest of the data."""
    leaves = list(_leaves(datasets)) if datasets is not None else []
    of_name: dict[str, list[_Leaf]] = defaultdict(list)
    for leaf in leaves:
        of_name[leaf.name].append(leaf)
    rows: list[Row] = []
    shown_places: set[int] = set()
    labels: dict[str, _Field] = {}
    for name, field in _fields(template) if template is not None else ():
        if not name:
            rows.append((field.label, ""))
            continue
        labels.setdefault(name, field)
        fresh = [leaf for leaf in of_name[name] if leaf.position not in shown_places]
        if len(fresh) > 1 and fresh[0].group is not None:
            continue  # repeated: a row for each group, below
        value = fresh[0].text if fresh else field.default
        shown_places.update(leaf.position for leaf in fresh[:1])
        rows.append((field.label, field.items.get(value, value)))
    return rows + _remaining(leaves, shown_places, labels)


def _remaining(leaves: list[_Leaf], shown_places: set[int], labels: dict[str, _Field]) -> list[Row]:
    """Return the data that no field of the form has shown: each group of repeated ones is one row."""
    rows: list[Row] = []
    last_group: int | None = None
    for leaf in leaves:
        if leaf.position in shown_places or not leaf.text:
            continue
        field = labels.get(leaf.name) or _Field(_readable(leaf.name), "", {})
        value = field.items.get(leaf.text, leaf.text)
        if leaf.group is not None and leaf.group == last_group:
            label, values = rows[-1]
            rows[-1] = (label, f"{values}; {field.label} {value}")
        else:
            rows.append((field.label, value))
        last_group = leaf.group
    return rows


def _fields(element: Element) -> Iterator[tuple[str, _Field]]:
    """Yield (name, field) in the order of the form; a text has no name."""
    for child in element.children:
        if child.name == "field":
            name = child.attributes.get("name", "")
            reference = _first(child, "bind")
            bound = reference.attributes.get("ref", "") if reference else ""
            last = re.split(r"[.$]", bound)[-1].partition("[")[0]
            label = _short(_text(_first(child, "caption"))) or _readable(name)
            yield last or name, _Field(label, _short(_text(_first(child, "value"))), _items(child))
        elif child.name == "draw":
            text = _short(_text(_first(child, "value")))
            if text:
                yield "", _Field(text, "", {})
        elif child.name in _GROUPS:
            yield from _group(child)


def _group(element: Element) -> Iterator[tuple[str, _Field]]:
    if element.name != "exclGroup":
        yield from _fields(element)
        return
    items: dict[str, str] = {}
    for button in element.children:  # only one is filled in, under the name of the group
        values = _first(button, "items")
        if button.name == "field" and values is not None and values.children:
            items[_text(values.children[0])] = _text(_first(button, "caption"))
    name = element.attributes.get("name", "")
    label = _short(_text(_first(element, "caption"))) or _readable(name)
    yield name, _Field(label, "", items)


def _items(field: Element) -> dict[str, str]:
    """Return what stored values of a choice or a check box are shown as."""
    lists = [child for child in field.children if child.name == "items"]
    interface = _first(field, "ui")
    if interface is not None and _first(interface, "checkButton") is not None:
        values = [_text(item) for item in lists[0].children] if lists else []
        return dict(zip(values, ("yes", "no"), strict=False)) if values else {"1": "yes", "0": "no"}
    stored_values = [child for child in lists if child.attributes.get("save") == "1"]
    shown_values = [child for child in lists if child.attributes.get("save") != "1"]
    if not stored_values or not shown_values:
        return {}
    return dict(
        zip(
            map(_text, stored_values[0].children),
            map(_text, shown_values[0].children),
            strict=False,
        )
    )


class _Leaf(NamedTuple):
    """A value of the data; `group`: the element it stands in, where that has siblings of its name."""

    position: int
    name: str
    text: str
    group: int | None


def _leaves(datasets: Element) -> Iterator[_Leaf]:
    data = _first(datasets, "data") or datasets
    position = 0
    stack: list[tuple[Element, int | None]] = [(child, None) for child in reversed(data.children)]
    while stack:
        element, group = stack.pop()
        inner = [child for child in element.children if not child.is_markup]
        if not inner:
            yield _Leaf(position, element.name, _short(_text(element)), group)
            position += 1
            continue
        n_of_name: dict[str, int] = defaultdict(int)
        for child in inner:
            n_of_name[child.name] += 1
        for child in reversed(inner):
            is_repeated = n_of_name[child.name] > 1 and bool(child.children)
            stack.append((child, id(child) if is_repeated else group))


def _first(element: Element, name: str) -> Element | None:
    return next((child for child in element.children if child.name == name), None)


def _text(element: Element | None) -> str:
    return "" if element is None else " ".join(element.all_text().split())


def _short(text: str) -> str:
    return text[:_MAX_CHARACTERS]


def _readable(name: str) -> str:
    """Return a name of a field as words: `AmountRequested` is "Amount requested"."""
    words = [word for word in _WORD_STARTS.split(name) if word]
    text = " ".join(word if word.isupper() else word.lower() for word in words)
    return text[:1].upper() + text[1:]
