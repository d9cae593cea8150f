"""The server that is measured: `python -m tests.benchmarks.service.server FOLDER PORT PIECES PAUSE_S PAGES`.

Two small documents, the fake encoder, and a model that writes PIECES tokens, one every PAUSE_S seconds;
PIECES 0 quotes instead. With PAGES the collection `archive` has so many. Settings follow as `name=value`.
Everything else is what `pagesight serve` runs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from api.base.logs import configure_logs
from api.serve.app import create_app
from api.serve.process import run
from api.services.wiring import Services
from generator.backends.fake import FakeAnswerModel
from indexer.inputs.sources import Source
from tests.benchmarks.service.pages import write_pages
from tests.support.small_library import library, written_by

# Not from `tests.conftest`, which gives the tests a number of threads: a server chooses its own.
_SAMPLES = Path(__file__).parents[3] / "samples"
_PAGES_EACH = 100


def ingest_archive(services: Services, n_pages: int) -> None:
    """The collection `archive`: documents of generated pages."""
    collection = services.create_collection("archive")
    with TemporaryDirectory() as folder:
        for first in range(0, n_pages, _PAGES_EACH):
            path = Path(folder) / f"from-{first}.pdf"
            n_here = min(_PAGES_EACH, n_pages - first)
            write_pages(path, n_here, words_from=_SAMPLES, seed=first)
            outcome = services.pipeline.ingest(collection, Source(path, path.name))
            assert outcome.verdict.searchable, outcome.error


def main() -> None:
    folder, port, pieces, pause_s, pages = sys.argv[1:6]
    settings = dict(word.split("=") for word in sys.argv[6:])
    services = library(Path(folder), embedded_worker=False, **settings)
    ingest_archive(services, int(pages))
    if int(pieces):
        model = FakeAnswerModel(["word "] * int(pieces), pause_s=float(pause_s))
        services = written_by(services, model)
    assert "tests.conftest" not in sys.modules
    configure_logs("error", "json")
    run(create_app(services), "127.0.0.1", int(port))


if __name__ == "__main__":
    main()
