"""The sample documents: drawn alike each time, as committed, and fit for their questions."""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pymupdf
import pytest

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "samples"
SOURCES = {"Pure-text", "Table", "Chart", "Figure", "Layout", "Scan"}
PAGES = {
    "annual-report.pdf": 8,
    "financial-statements.pdf": 6,
    "pump-manual.pdf": 8,
    "scanned-letter.pdf": 2,
    "product-slides.pdf": 8,
    "services-agreement.pdf": 9,
}


@pytest.fixture(scope="module")
def drawing_code():
    """The folder of the script on the path, for as long as these tests run."""
    sys.path.insert(0, str(SAMPLES))
    yield
    sys.path.remove(str(SAMPLES))


@pytest.fixture(scope="module")
def drawn(drawing_code, tmp_path_factory):
    """A folder with every sample freshly drawn."""
    import draw

    folder = tmp_path_factory.mktemp("drawn")
    draw.draw_all(folder)
    return folder


def questions():
    lines = (SAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def grey(page):
    """The page at 36 dpi as grey levels."""
    pixels = page.get_pixmap(dpi=36, colorspace=pymupdf.csGRAY)
    levels = np.frombuffer(pixels.samples, dtype=np.uint8)
    return levels.reshape(pixels.height, pixels.width).astype(np.int16)


def words_of(name, number):
    """The text of a committed page, by 1-based number, on one line."""
    with pymupdf.open(SAMPLES / name) as document:
        return " ".join(document[number - 1].get_text().split())


def test_drawing_twice_gives_identical_bytes(drawn, tmp_path):
    # A process of its own, with another hash seed: no order may come from a set or a clock.
    command = [sys.executable, str(SAMPLES / "draw.py"), str(tmp_path)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "7"})
    for name in PAGES:
        assert (tmp_path / name).read_bytes() == (drawn / name).read_bytes(), name


@pytest.mark.parametrize("name", PAGES)
def test_the_committed_samples_are_what_the_script_draws(drawn, name):
    # By words and looks, not bytes: another version of PyMuPDF or zlib packs the same page anew.
    with pymupdf.open(SAMPLES / name) as ours, pymupdf.open(drawn / name) as theirs:
        assert len(ours) == len(theirs) == PAGES[name]
        for left, right in zip(ours, theirs, strict=True):
            assert left.get_text() == right.get_text()
            assert left.get_label() == right.get_label()
            assert np.abs(grey(left) - grey(right)).mean() < 1.0


def test_the_samples_stay_small():
    assert sum((SAMPLES / name).stat().st_size for name in PAGES) < 1_500_000


@pytest.mark.parametrize("name", PAGES)
def test_no_text_comes_near_the_edge_of_a_page(name):
    with pymupdf.open(SAMPLES / name) as document:
        for page in document:
            inner = pymupdf.Rect(18, 12, page.rect.width - 18, page.rect.height - 12)
            for *box, word, _, _, _ in page.get_text("words"):
                assert pymupdf.Rect(box) in inner, (page.number + 1, word)


def test_no_two_pages_say_the_same():
    texts = []
    for name in PAGES:
        with pymupdf.open(SAMPLES / name) as document:
            texts += [page.get_text() for page in document if page.get_text()]
    assert len(texts) == len(set(texts))


def test_the_scanned_letter_has_no_text_layer():
    with pymupdf.open(SAMPLES / "scanned-letter.pdf") as document:
        for page in document:
            assert page.get_text() == ""
            assert len(page.get_images()) == 1


def test_the_screenshot_slide_has_text_in_its_footer_only():
    with pymupdf.open(SAMPLES / "product-slides.pdf") as document:
        slide = document[4]
        assert len(slide.get_images()) == 1
        assert all(word[1] > 500 for word in slide.get_text("words"))


def test_the_agreement_labels_its_front_pages_in_roman_numerals():
    with pymupdf.open(SAMPLES / "services-agreement.pdf") as document:
        labels = [page.get_label() for page in document]
    assert labels == ["i", "ii", "1", "2", "3", "4", "5", "6", "7"]


def test_the_contents_of_the_agreement_name_the_right_pages():
    lines = words_of("services-agreement.pdf", 2)
    with pymupdf.open(SAMPLES / "services-agreement.pdf") as document:
        contents = [line.strip() for line in document[1].get_text().splitlines()]
    entries = [(name, number) for name, number in pairwise(contents) if number.isdigit()]
    assert len(entries) == 18, lines
    for name, number in entries:
        title = name.partition(".  ")[2] or name
        assert title in words_of("services-agreement.pdf", int(number) + 2), name


def test_statements_add_up(drawing_code):
    from drawing import ledger

    assert ledger.add((ledger.LIABILITIES, ledger.total(ledger.EQUITY))) == ledger.ASSETS
    assert ledger.total(ledger.REGIONS) == ledger.REVENUE
    assert ledger.less(ledger.OPERATING_INCOME, ledger.total(ledger.SEGMENT_PROFIT)) == (
        ledger.UNALLOCATED
    )
    assert sum(amount for _, amount in ledger.MATURITIES) == ledger.total(ledger.DEBT)[0]
    assert ledger.MATURITIES[0][1] == ledger.DEBT_CURRENT[0]
    assert ledger.CASH_OPENING[0] == ledger.CASH_CLOSING[1]
    assert [sum(item.row[:-1]) for item in ledger.PLANT] == [item.row[-1] for item in ledger.PLANT]


def test_the_printed_totals_agree_between_statements():
    pages = {number: words_of("financial-statements.pdf", number) for number in range(2, 7)}
    assert "Total assets $ 315,216 $ 296,920" in pages[2]
    assert "Total liabilities and equity $ 315,216 $ 296,920" in pages[2]
    assert "Net income $ 29,112 $ 25,842" in pages[3]
    assert "Net income $ 29,112 $ 25,842" in pages[4]
    assert "end of year $ 23,413 $ 18,640" in pages[4]
    assert "Cash and cash equivalents $ 23,413 $ 18,640" in pages[2]
    assert "Consolidated $ 325,275 $ 298,015 $ 43,148 $ 39,627" in pages[5]
    assert "Total inventories $ 52,318 $ 47,905" in pages[6]


def test_there_are_twenty_questions_with_every_field():
    rows = questions()
    assert len(rows) == 20
    assert len({row["question"] for row in rows}) == 20
    assert {row["document"] for row in rows} == set(PAGES)
    for row in rows:
        fields = {"document", "question", "answer", "evidence_pages", "evidence_sources"}
        assert fields <= row.keys() <= fields | {"accept", "example"}
        assert row["question"].endswith("?")
        assert row["answer"]
        assert set(row["evidence_sources"]) <= SOURCES


def test_six_questions_are_examples_for_people():
    examples = [row for row in questions() if row.get("example")]
    assert len(examples) == 6 and len({row["document"] for row in examples}) == 5
    assert all(row["evidence_pages"] for row in examples)


def test_every_evidence_page_exists():
    for row in questions():
        pages = row["evidence_pages"]
        assert pages == sorted(set(pages))
        assert all(1 <= page <= PAGES[row["document"]] for page in pages), row["question"]


def test_three_questions_have_no_answer_and_no_evidence():
    unanswerable = [row for row in questions() if row["answer"] == "Not answerable"]
    assert len(unanswerable) == 3
    for row in questions():
        assert (row in unanswerable) == (not row["evidence_pages"])
        assert bool(row["evidence_pages"]) == bool(row["evidence_sources"])


def test_three_questions_stand_only_on_pages_that_are_pictures():
    pictures = {("scanned-letter.pdf", 1), ("scanned-letter.pdf", 2), ("product-slides.pdf", 5)}
    count = 0
    for row in questions():
        places = {(row["document"], page) for page in row["evidence_pages"]}
        count += bool(places) and places <= pictures
    assert count == 3


@pytest.mark.parametrize(
    ("name", "page", "words"),
    [
        ("annual-report.pdf", 3, "43,000 homes on our Helping Hand scheme"),
        ("annual-report.pdf", 5, "£412.6m"),
        ("financial-statements.pdf", 3, "The loss was not insured"),
        ("financial-statements.pdf", 5, "Canada 52,430 46,180 13.5%"),
        ("pump-manual.pdf", 3, "Seal kit 340-900 holds items 2, 5 and 6"),
        ("pump-manual.pdf", 5, "Suction and discharge flanges M16 5.6 4 + 4 95"),
        ("pump-manual.pdf", 6, "set to 5.1 A"),
        ("pump-manual.pdf", 8, "Change the seal within 100 hours"),
        ("product-slides.pdf", 8, "Opens drip valves directly"),
        ("services-agreement.pdf", 4, "within thirty-five days of receipt"),
        ("services-agreement.pdf", 6, "€2,000,000 in a contract year"),
        ("services-agreement.pdf", 8, "months 19 to 24 €88,500"),
    ],
)
def test_the_evidence_is_printed_on_the_page_that_the_question_names(name, page, words):
    assert words in words_of(name, page)
    named = {p for row in questions() if row["document"] == name for p in row["evidence_pages"]}
    assert page in named
