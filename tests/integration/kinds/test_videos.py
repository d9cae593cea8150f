"""Pictures of a video that show something new are its pages, each with its second."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from indexer.base.pages import RenderedPage
from indexer.base.settings import IndexerSettings
from indexer.base.verdicts import Verdict
from indexer.inputs.kind import UnfitFile
from indexer.inputs.pdf.refusals import refused_by_child
from indexer.inputs.rasterizer import Rasterizer
from indexer.inputs.registry import form_of, kind_of, missing_for
from indexer.inputs.sandbox.frames import RenderRequest
from indexer.inputs.sandbox.warm_process import usage
from tests.support.kind_files import video_bytes

SETTINGS = IndexerSettings(layout="never")
TEXTS = ["The gate opens", "The pump starts", "The gate is closed"]


def read(
    data: bytes, folder: Path, settings: IndexerSettings = SETTINGS
) -> tuple[str, list[RenderedPage], list[str]]:
    """Return the media type, the pages and the warnings of a video."""
    path = folder / "incoming"
    path.write_bytes(data)
    with Rasterizer(settings).open(path) as document:
        return document.media_type, list(document.pages()), document.warnings


@pytest.mark.parametrize(
    ("form", "codec", "media_type"),
    [
        ("mp4", "libx264", "video/mp4"),
        ("mov", "libx264", "video/quicktime"),
        ("matroska", "libx264", "video/matroska"),
        ("webm", "libvpx", "video/webm"),
    ],
)
def test_pictures_that_show_something_new_are_pages_with_their_second(
    tmp_path: Path, form: str, codec: str, media_type: str
) -> None:
    pytest.importorskip("av", reason="the extra `video` is not installed")
    told_type, pages, warnings = read(
        video_bytes(TEXTS, form, codec, each_s=4, size=(320, 180)), tmp_path
    )
    assert (told_type, warnings) == (media_type, [])
    assert [(page.label, page.time_s) for page in pages] == [
        ("00:00", 0.0), ("00:04", 4.0), ("00:08", 8.0),
    ]  # fmt: skip
    assert {(page.image.size, page.image_coverage) for page in pages} == {((320, 180), 1.0)}


def test_what_is_said_stands_below_the_picture_over_which_it_lies(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="the extra `video` is not installed")
    spoken = [
        (0.5, 2.0, "Mind the <i>step</i>."),
        (5.0, 7.0, "Ölstand prüfen"),
        (7.2, 9.5, "مرحبا بالعالم"),
    ]
    _, pages, _ = read(video_bytes(TEXTS, "matroska", each_s=4, spoken=spoken), tmp_path)
    words = [page.words.text().replace("\n", " ") for page in pages]
    assert words == ["Mind the step.", "Ölstand prüfen", "مرحبا بالعالم"]
    assert all(page.image.height > 270 and page.words.boxes[0][1] > 0.7 * 65535 for page in pages)


def test_a_video_is_upright_and_has_no_more_pages_than_may_be(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="the extra `video` is not installed")
    data = video_bytes(TEXTS, each_s=2, degrees=-90)
    settings = IndexerSettings(layout="never", video_max_frames=2)
    _, pages, _ = read(data, tmp_path, settings)
    assert [page.image.size for page in pages] == [(270, 480)] * 2
    top_right = pages[0].image.crop((135, 0, 270, 240)).convert("L").getextrema()
    bottom = pages[0].image.crop((0, 320, 270, 480)).convert("L").getextrema()
    assert top_right[0] < 100 and bottom[0] > 200  # the text began at the top left before


def test_a_video_of_twenty_minutes_takes_little_memory(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="the extra `video` is not installed")
    texts = [f"Slide {number}" for number in range(20)]
    usage.peak_bytes = 0
    _, pages, _ = read(video_bytes(texts, each_s=60, fps=1, size=(320, 180)), tmp_path)
    assert [page.label for page in pages] == [f"{minute:02}:00" for minute in range(20)]
    assert 0 < usage.peak_bytes < 200 * 1024**2


@pytest.mark.parametrize(
    ("module", "media_type", "verdict", "extra"),
    [
        ("av", "video/mp4", Verdict.NEEDS_AV, "video"),
        ("pillow_heif", "image/heic", Verdict.NEEDS_PILLOW_HEIF, "heic"),
    ],
)
def test_without_its_extra_a_file_has_a_verdict_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, module: str, media_type: str, verdict: Verdict, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    request = RenderRequest(media_type, 1, 120, 1, 1, 1, 1.0, 1)
    with pytest.raises(UnfitFile) as caught:
        kind_of(media_type).open_file("/dev/null", media_type, request)
    refusal = refused_by_child(caught.value.cause, str(caught.value), form_of(media_type))
    assert refusal.verdict is verdict
    assert f"install `pagesight[{extra}]`" in str(refusal)
    assert missing_for(media_type) == f"pagesight[{extra}]"
