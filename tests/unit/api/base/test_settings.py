from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from api.base.errors import InvalidSettings
from api.base.settings import Settings, load_settings
from indexer.base.settings import IndexerSettings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_environment_sets_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGESIGHT_PAGE_DPI", "90")
    assert load_settings().page_dpi == 90


@pytest.mark.parametrize(
    ("name", "value"),
    [("TOKEN_POOLING", 3), ("MIN_VISUAL_TOKENS", 16), ("MAX_VISUAL_TOKENS", 512),
     ("TOKEN_BUDGET", 4096), ("COMPILE_QUERIES", True), ("QUERY_CACHE_SIZE", 0)],
)  # fmt: skip
def test_settings_of_encoders_are_read_from_text(
    name: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"PAGESIGHT_{name}", str(value))
    assert getattr(load_settings(), name.lower()) == value


@pytest.mark.parametrize("value", ["0", "4", "two"])
def test_pooling_by_another_factor_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGESIGHT_TOKEN_POOLING", value)
    with pytest.raises(InvalidSettings, match="PAGESIGHT_TOKEN_POOLING"):
        load_settings()


def test_the_env_file_sets_a_setting_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("# ours\nPAGESIGHT_PAGE_DPI=90\nOTHER=1\nPAGESIGHT_MAX_K=7\n")
    monkeypatch.setenv("PAGESIGHT_PAGE_DPI", "100")
    assert (load_settings().page_dpi, load_settings().max_k) == (100, 7)


def test_a_misspelt_name_is_refused_with_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGESIGHT_PAGE_DPY", "90")
    with pytest.raises(InvalidSettings, match="did you mean PAGESIGHT_PAGE_DPI"):
        load_settings()


def test_a_misspelt_name_in_the_env_file_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("export PAGESIGHT_MAXK=3\n")
    with pytest.raises(InvalidSettings, match="PAGESIGHT_MAX_K"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [("PAGE_DPI", "many"), ("PAGE_DPI", "0"), ("OCR", "sometimes"), ("MIN_SUPPORT", "2")],
)
def test_a_value_that_does_not_fit_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"PAGESIGHT_{name}", value)
    with pytest.raises(InvalidSettings, match=f"PAGESIGHT_{name}='{value}'"):
        load_settings()


@pytest.mark.parametrize("name", ["PUBLIC_URL", "FRAME_ORIGINS", "CORS_ORIGINS"])
def test_of_an_address_that_is_none_the_error_shows_what_one_looks_like(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"PAGESIGHT_{name}", "docs.example.org")
    with pytest.raises(InvalidSettings, match=rf"PAGESIGHT_{name}=.*such as `https://") as refusal:
        load_settings()
    assert "^" not in str(refusal.value)


def test_settings_cannot_be_changed_after_they_were_read() -> None:
    with pytest.raises(ValidationError):
        Settings().max_k = 3  # type: ignore[misc]


def test_a_package_refuses_a_field_it_does_not_know() -> None:
    with pytest.raises(ValidationError):
        IndexerSettings(page_dots=3)  # type: ignore[call-arg]
