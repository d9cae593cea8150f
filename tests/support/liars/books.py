"""Books and drawings that lie or ask."""

from __future__ import annotations

from tests.support.kind_files import epub_bytes, image_bytes, picture_of, zip_bytes
from tests.support.liars import Liars, swelling_entities

_BOOK = epub_bytes("word")
_CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="{}" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def _book(container: str, **files: str) -> bytes:
    parts = {name.replace("__", "."): content for name, content in files.items()}
    own = {"mimetype": "application/epub+zip", "META-INF/container.xml": container}
    return zip_bytes(own | parts, stored=["mimetype"])


def svg(body: str, size: str = "90") -> bytes:
    """Return a drawing."""
    space = "http://www.w3.org/2000/svg"
    return (
        f"<svg xmlns='{space}' xmlns:xlink='http://www.w3.org/1999/xlink' width='{size}' height='{size}'>"
        f"<text y='20'>word</text>{body}</svg>"
    ).encode()


def liars(url: str) -> Liars:
    """Return EPUB books, XPS, comic books and SVG drawings."""
    use = "<use xlink:href='#a{}'/>"
    uses = "".join(f"<g id='a{n}'>{use.format(n - 1) * 10}</g>" for n in range(1, 10))
    entities = swelling_entities()
    package = "<package xmlns='http://www.idpf.org/2007/opf'><manifest/><spine>{}</spine></package>"
    png = image_bytes(picture_of("x", size=(40, 40)), "PNG")
    return {
        "a book that is cut": ("a.epub", _BOOK[:300], "corrupt"),
        "a book without a package": ("a.epub", _book(_CONTAINER.format("c.opf")), "corrupt"),
        "a package outside of the book": ("a.epub", _book(_CONTAINER.format("../../etc/passwd")), "corrupt"),
        "a book without chapters": (
            "a.epub", _book(_CONTAINER.format("c.opf"), c__opf=package.format("")), "corrupt",
        ),
        "chapters that are not there": (
            "a.epub",
            _book(_CONTAINER.format("c.opf"), c__opf=package.format("<itemref idref='x'/>" * 9999)),
            "corrupt",
        ),
        "a package that is none": ("a.epub", _book(_CONTAINER.format("c.opf"), c__opf="word"), "corrupt"),
        "a container that is none": ("a.epub", _book("word"), "corrupt"),
        "a picture from elsewhere": ("a.epub", epub_bytes(f"word <img src='{url}'/>"), "indexed"),
        "a style from elsewhere": (
            "a.epub", epub_bytes(f"word <link rel='stylesheet' href='{url}'/>"), "indexed",
        ),
        "a chapter that is no XML": ("a.epub", epub_bytes("word <b <i>"), "indexed"),
        "an XPS that is cut": ("a.xps", zip_bytes({"a.fdseq": "<x/>", "b": "x" * 99})[:-9], "corrupt"),
        "an XPS of nothing": ("a.xps", zip_bytes({"FixedDocSeq.fdseq": "<x/>"}), "corrupt"),
        "a comic book of a picture that is none": (
            "a.cbz", zip_bytes({"1.png": png[:40]}), "indexed_with_warnings",
        ),
        "a drawing without end": ("a.svg", svg("", "1e9"), "corrupt"),
        "a drawing of no size": ("a.svg", svg("", "0"), "corrupt"),
        "a drawing less than nothing": ("a.svg", svg("", "-5"), "corrupt"),
        "a drawing of a size that is none": ("a.svg", svg("", "NaN"), "corrupt"),
        "a drawing that swells": ("a.svg", svg(f"<g id='a0'><path d='M0 0h9'/></g>{uses}"), "timeout"),
        "a drawing that shows itself": ("a.svg", svg("<g id='a'><use xlink:href='#a'/></g>"), "indexed"),
        "entities that swell": (
            "a.svg", f'<!DOCTYPE svg [<!ENTITY a0 "x">{entities}]>'.encode() + svg("&a11;"), "indexed",
        ),
        "a picture of the machine": ("a.svg", svg("<image xlink:href='file:///etc/passwd'/>"), "indexed"),
        "a drawing from elsewhere": (
            "a.svg", svg(f"<image href='{url}' width='9' height='9'/><script href='{url}'/>"), "indexed",
        ),
        "half a drawing": ("a.svg", svg("<g>")[:-9], "indexed"),
    }  # fmt: skip
