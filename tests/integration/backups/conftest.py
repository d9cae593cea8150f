"""A library to back up, and a folder for its backups."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from api.services.wiring import Services
from indexer.maintenance.backups.backup_folder import BackupFolder
from tests.builders import fake_services
from tests.support.small_library import library


@pytest.fixture(scope="session")
def whole_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two collections, made once; each test has its own copy."""
    services = library(tmp_path_factory.mktemp("library"))
    services.database.engine.dispose()
    return services.settings.data_dir


@pytest.fixture
def services(tmp_path: Path, whole_library: Path) -> Services:
    return fake_services(Path(shutil.copytree(whole_library, tmp_path / "data")))


@pytest.fixture
def folder(tmp_path: Path) -> BackupFolder:
    return BackupFolder(tmp_path / "backups", create=True)
