"""Names that file systems have made, as people see and type them."""

from __future__ import annotations

import unicodedata

import pytest

from indexer.inputs.names import document_name


@pytest.mark.parametrize(
    ("on_disk", "stored"),
    [
        (b"b-\xe9.pdf", "b-\\xe9.pdf"),  # Latin-1
        (b"\x93\xfa\x96{.pdf", "\\x93\\xfa\\x96{.pdf"),  # Shift JIS
        (b"\xff\xfe.pdf", "\\xff\\xfe.pdf"),
        ("Kündigung.pdf".encode(), "Kündigung.pdf"),
        (b"a\nb.pdf", "ab.pdf"),
        ("\u202efdp.exe".encode(), "fdp.exe"),
        ("报告 2025.pdf".encode(), "报告 2025.pdf"),
    ],
)
def test_any_bytes_become_a_name_that_can_be_printed(on_disk: bytes, stored: str) -> None:
    name = document_name(on_disk.decode("utf-8", "surrogateescape"))
    assert name == stored
    assert document_name(name) == name and name.encode()


def test_a_letter_with_its_mark_apart_is_the_composed_letter() -> None:
    apart = unicodedata.normalize("NFD", "Kündigungsfrist.pdf")
    assert apart != "Kündigungsfrist.pdf" and document_name(apart) == "Kündigungsfrist.pdf"


def test_a_lone_surrogate_that_stands_for_no_byte_is_left_out() -> None:
    assert document_name("a\ud800b.pdf") == "ab.pdf"
