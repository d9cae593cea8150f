"""What the logs say, and what they never do."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from api.base.logs import configure_logs, describe_error, request_id, request_id_of
from indexer.base.errors import DamagedFile

SECRET = "what does the patient suffer from?"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    names = ("pagesight", "api", "generator", "retriever", "indexer")
    levels = [logging.getLogger(name).level for name in names]
    yield
    root.handlers[:], root.level = before
    for name, level in zip(names, levels, strict=True):
        logging.getLogger(name).setLevel(level)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_one_json_object_with_the_id_of_its_request(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("info", "json")
    token = request_id.set("abc-1")
    logging.getLogger("pagesight.http").info("request\nof %s", "x", extra={"status": 200})
    logging.getLogger("pagesight.http").debug("not told")
    request_id.reset(token)
    logging.getLogger("somebody.else").warning("theirs")
    ours, theirs = lines(capsys)
    assert (ours["event"], ours["status"], ours["level"]) == ("request\nof x", 200, "info")
    assert (ours["request_id"], ours["logger"]) == ("abc-1", "pagesight.http")
    assert str(ours["timestamp"]).endswith("Z")
    assert theirs["event"] == "theirs" and "request_id" not in theirs


def test_other_peoples_exceptions_are_told_without_what_they_quote(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("info", "json")

    def search() -> None:
        try:
            {}[SECRET]
        except KeyError as error:
            raise DamagedFile("segment 7 is damaged: run `pagesight verify`") from error

    try:
        search()
    except DamagedFile:
        logging.getLogger("pagesight.api").exception("a search broke off")
    text = capsys.readouterr().err
    assert SECRET not in text
    told_of = json.loads(text)["exception"]
    assert "DamagedFile: segment 7 is damaged" in told_of
    assert "caused by KeyError\n" in told_of and "test_logs.py" in told_of


@pytest.mark.parametrize("kind", [IntegrityError, OperationalError])
def test_a_statements_values_are_not_told(kind: type[IntegrityError]) -> None:
    error = kind("INSERT INTO messages VALUES (?)", (SECRET,), ValueError(SECRET))
    assert SECRET not in describe_error(error)


def test_a_terminal_gets_text(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("warning", "text")
    logging.getLogger("pagesight.api").warning("the disk is full")
    logging.getLogger("pagesight.api").info("not told")
    said = capsys.readouterr().err
    assert "the disk is full" in said and "not told" not in said and not said.startswith("{")


@pytest.mark.parametrize("given", ["abc", "1-2.3_4:5/6+7=", "x" * 128])
def test_a_clients_own_id_is_kept(given: str) -> None:
    assert request_id_of(given) == given


@pytest.mark.parametrize("given", [None, "", "a b", "a\nb", "x" * 129, "é", '"'])
def test_an_id_that_cannot_stand_in_a_log_is_replaced(given: str | None) -> None:
    made = request_id_of(given)
    assert made != given and len(made) == 32 and made != request_id_of(given)
