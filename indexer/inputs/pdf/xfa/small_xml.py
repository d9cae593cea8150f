"""Read small XML of strangers: no declarations, no entities but the five, no depth or size without a limit.

Standard library only, as the child imports it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

MAX_ELEMENTS = 100_000
MAX_DEPTH = 200
_XHTML = "http://www.w3.org/1999/xhtml"


@dataclass(slots=True)
class Element:
    """An element by its local name; `pieces` are its own text and its children, in order.

    is_markup  it is of XHTML: formatted text, not a value of its own
    """

    name: str
    attributes: dict[str, str]
    is_markup: bool = False
    pieces: list[str | Element] = field(default_factory=list)

    @property
    def children(self) -> list[Element]:
        return [piece for piece in self.pieces if isinstance(piece, Element)]

    def all_text(self) -> str:
        """Return the text of the element and of all in it; elements stand apart."""
        texts: list[str] = []
        stack: list[str | Element] = [self]
        while stack:
            piece = stack.pop()
            if isinstance(piece, str):
                texts.append(piece)
                continue
            if not piece.is_markup or piece.name in ("p", "br", "body", "div", "li"):
                texts.append(" ")
            stack += reversed(piece.pieces)
        return "".join(texts)


def read_xml(data: bytes) -> Element:
    """Return the root of a document. Raises ValueError where it is broken or goes beyond the limits."""
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.add
    parser.StartDoctypeDeclHandler = _refuse_declarations
    parser.EntityDeclHandler = _refuse_declarations
    try:
        parser.Parse(data, True)
    except (
        expat.ExpatError,
        LookupError,
    ) as error:  # an encoding that does not exist is a LookupError
        raise ValueError(f"its XML cannot be read ({error})") from error
    if builder.root is None:
        raise ValueError("its XML is empty")
    return builder.root


def _refuse_declarations(*_: object) -> NoReturn:
    raise ValueError("its XML declares entities or a document type")


class _Builder:
    """Prefixes are cut off, declared or not; only whether an element is XHTML is told by its namespace."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._n_elements = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._n_elements += 1
        if self._n_elements > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise ValueError("its XML has too many elements, or they lie too deep")
        parent = self._open[-1] if self._open else None
        local = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        is_markup = _XHTML in attributes.values() or (parent is not None and parent.is_markup)
        element = Element(name.rpartition(":")[2], local, is_markup)
        if parent is None:
            self.root = element
        else:
            parent.pieces.append(element)
        self._open.append(element)

    def end(self, _: str) -> None:
        self._open.pop()

    def add(self, text: str) -> None:
        self._open[-1].pieces.append(text)
