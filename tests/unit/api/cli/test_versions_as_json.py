"""What the commands print as JSON of a document that has an older version, which has a date."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from api.cli.main import app
from indexer.inputs.sources import Source
from tests.builders import fake_services, write_pdf


def test_search_and_ask_print_the_version_of_each_page(tmp_path: Path) -> None:
    services = fake_services(tmp_path / "data", page_dpi=48)
    collection = services.create_collection("c")
    for rent in (900, 950):
        path = write_pdf(tmp_path / "lease.pdf", f"The rent is {rent} francs.")
        services.pipeline.ingest(collection, Source(path, path.name))
    env = {
        "PAGESIGHT_DATA_DIR": str(tmp_path / "data"), "PAGESIGHT_ENCODER": "fake",
        "PAGESIGHT_OCR": "never", "PAGESIGHT_RESERVE_BYTES": "0",
    }  # fmt: skip
    for command, key in (("search", "hits"), ("ask", "citations")):
        run = CliRunner().invoke(app, [command, "What is the rent?", "-c", "c", "--json"], env=env)
        assert run.exit_code == 0, run.exception
        (page,) = json.loads(run.stdout)[key]
        assert (page["version"]["number"], page["version"]["n_versions"]) == (2, 2)
