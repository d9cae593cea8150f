"""A new kind of file is one module and one line of the registry."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

TOY = '''
"""Files of a toy."""

from indexer.inputs.kind import MediaType, OpenedFile

MEDIA_TYPES = (MediaType("application/x-toy", "toy", (".toy",)),)


def media_type_of(look):
    return "application/x-toy" if look.start.startswith(b"TOY!") else None


def open_file(path, media_type, request):
    from pathlib import Path
    from indexer.inputs.pdf.reflowed import as_typed, pages_of
    return OpenedFile(pages_of([as_typed(Path(path).read_text()[4:])]))
'''
RUN = """
import sys
from pathlib import Path
from indexer.base.settings import IndexerSettings
from indexer.inputs.rasterizer import Rasterizer
from indexer.inputs.sources import find_sources
(source,) = find_sources([Path(sys.argv[1])])
with Rasterizer(IndexerSettings(layout="never")).open(source.path) as document:
    print(document.media_type, *(page.words.text() for page in document.pages()))
"""


def test_a_new_kind_is_one_module_and_one_line_of_the_registry(tmp_path: Path) -> None:
    code = tmp_path / "code"
    shutil.copytree(
        ROOT / "indexer", code / "indexer", ignore=shutil.ignore_patterns("__pycache__")
    )
    (code / "indexer" / "inputs" / "kinds" / "toy.py").write_text(TOY)
    registry = code / "indexer" / "inputs" / "registry.py"
    # Where it is imported, and in the list.
    registry.write_text(registry.read_text().replace("    pdf,\n", "    pdf,\n    toy,\n"))
    files = tmp_path / "files"
    files.mkdir()
    (files / "a.toy").write_text("TOY! hello")
    ran = subprocess.run(
        [sys.executable, "-c", RUN, str(files)],
        cwd=code, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert ran.stdout.strip() == "application/x-toy hello", ran.stderr
