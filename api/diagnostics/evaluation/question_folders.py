"""Questions from folders in the forms of other benchmarks: BEIR, and ViDoRe, which is made like it.

    queries.jsonl    _id, text; or query_id, query; and answer, answer_format where there are any
    corpus.jsonl     _id or corpus_id; doc_id and page_number_in_doc say which page that is
    qrels/test.tsv   query-id, corpus-id, score

Each may be JSON lines, TSV or CSV, or a folder of such files. A corpus that does not say which page an
entry is has it in the id: `report.pdf#page=3`, `report_page_3`, `report_3.jpg`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from api.base.errors import InvalidQuestions
from api.diagnostics.evaluation.questions import (
    PagePlace,
    Question,
    gold_answer,
    read_file,
    read_lines,
)

_KINDS = (".jsonl", ".json", ".tsv", ".csv")
_PAGE_ID = re.compile(
    r"(?P<document>.+?)(?:#page=|[_/:-]?page[_-]?|[_/:-]p?)(?P<page>\d+)(?:\.(?:jpe?g|png|webp))?",
    re.IGNORECASE,
)
_DOCUMENT = ("document", "doc_id", "docid", "filename", "source", "title")
_PAGE = ("page_number_in_doc", "page_number", "page", "page_id")

Row = Mapping[str, Any]


def read_question_folder(folder: Path) -> list[Question]:
    """Read the questions of a folder; each is asked of the whole collection. Raises InvalidQuestions."""
    queries = list(_rows(folder, "queries"))
    if not queries:
        raise InvalidQuestions(f"{folder} holds no question: it needs a file queries.jsonl")
    places = _page_places(folder)
    gold: dict[str, set[PagePlace]] = defaultdict(set)
    for row in _rows(folder, "qrels"):
        query_id, page_id = _cell(row, "query_id"), _cell(row, "corpus_id")
        if float(_cell(row, "score", "relevance") or 1) > 0:
            gold[query_id].add(places.get(page_id) or _place_of_id(folder, page_id))
    by_zero = any(page == 0 for _, page in (*places.values(), *set().union(*gold.values())))
    return [_question(folder, row, gold, 1 if by_zero else 0) for row in queries]


def _question(
    folder: Path, row: Row, gold: Mapping[str, set[PagePlace]], page_offset: int
) -> Question:
    text = _cell(row, "text", "query", "question")
    if not text:
        raise InvalidQuestions(f"{folder} has a query without text: {json.dumps(row)[:200]}")
    places = set(gold.get(_cell(row, "_id", "query_id", "id"), ()))
    if not places and (image := _cell(row, "image_filename")):
        places = {_place_of_id(folder, image)}
    return Question(
        question=text,
        document=None,
        gold=frozenset((document, page + page_offset) for document, page in places),
        evidence_sources=tuple(filter(None, [_cell(row, "content_type", "query_type")])),
        answer=gold_answer(dict(row)),
    )


def _page_places(folder: Path) -> dict[str, PagePlace]:
    """Return corpus id to page, for the entries that say so."""
    places: dict[str, PagePlace] = {}
    for row in _rows(folder, "corpus"):
        metadata = row.get("metadata")
        fields = {**row, **metadata} if isinstance(metadata, dict) else row
        document, page = _cell(fields, *_DOCUMENT), _cell(fields, *_PAGE)
        if document and page.isdigit():
            places[_cell(row, "_id", "corpus_id", "id")] = (_file_name(document), int(page))
    return places


def _place_of_id(folder: Path, page_id: str) -> PagePlace:
    match = _PAGE_ID.fullmatch(page_id)
    if match is None:
        raise InvalidQuestions(
            f"{folder} does not say which page {page_id!r} is: give its corpus doc_id and page_number"
        )
    return (_file_name(match["document"]), int(match["page"]))


def _file_name(document: str) -> str:
    return document if document.lower().endswith(".pdf") else f"{document}.pdf"


def _rows(folder: Path, name: str) -> Iterator[Row]:
    """Yield the rows of `name.jsonl`, or of the files in a folder of that name; keys with `_` for `-`."""
    files = [folder / f"{name}{kind}" for kind in _KINDS if (folder / f"{name}{kind}").is_file()]
    below = sorted(path for path in (folder / name).glob("*") if path.is_file())
    files += [path for path in below if path.suffix in _KINDS]
    if not files and any(path.suffix == ".parquet" for path in below):
        raise InvalidQuestions(f"{folder / name} holds Parquet: write it as JSON lines first")
    for path in files:
        for row in _rows_of_file(path):
            yield {key.replace("-", "_"): value for key, value in row.items() if key}


def _rows_of_file(path: Path) -> Iterator[Row]:
    if path.suffix in (".tsv", ".csv"):
        table = io.StringIO(read_file(path))  # its cells may go on over lines
        yield from csv.DictReader(table, delimiter="\t" if path.suffix == ".tsv" else ",")
        return
    for n, line in enumerate(read_lines(path), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InvalidQuestions(f"{path} line {n} is no JSON object") from error
        if not isinstance(row, dict):
            raise InvalidQuestions(f"{path} line {n} is no JSON object")
        yield row


def _cell(row: Row, *names: str) -> str:
    """Return the first of the columns that has a value, as text; empty where none has."""
    for name in names:
        value = row.get(name)
        if value not in (None, ""):
            return str(value)
    return ""
