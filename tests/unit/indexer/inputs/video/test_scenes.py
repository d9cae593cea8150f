"""Which pictures of a video are pages, and what is said at each."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image, ImageDraw

from indexer.base.page_names import clock_time, page_name, place_name
from indexer.inputs.sandbox.frames import SceneRules
from indexer.inputs.video.captions import Cue, cue_text, page_captions
from indexer.inputs.video.scenes import SMALL_SIZE, SceneChooser


def slide(*boxes: tuple[int, int, int, int]) -> Image.Image:
    """Return a white picture with black boxes on it."""
    picture = Image.new("L", SMALL_SIZE, 255)
    for box in boxes:
        ImageDraw.Draw(picture).rectangle(box, fill=0)
    return picture


TITLE = (5, 5, 60, 9)


def times(
    pictures: Iterator[tuple[float, Image.Image]], duration_s: float, **rules: float
) -> list[float]:
    chooser = SceneChooser(SceneRules(**rules), duration_s)  # type: ignore[arg-type]
    for time_s, picture in pictures:
        chooser.see(round(time_s * 1000), time_s, picture)
    return [scene.time_s for scene in chooser.scenes()]


def test_what_changes_little_is_seen_and_what_does_not_change_is_no_page() -> None:
    shown = ((n / 2, slide(TITLE, (70, 30, 71 + (n >= 40), 31))) for n in range(120))
    assert times(shown, 60.0) == [0.0, 20.0]


def test_a_cut_between_two_looks_is_seen() -> None:
    whole = (0, 0, *SMALL_SIZE)
    shown = (
        (n / 10, slide(TITLE) if n < 33 else slide(TITLE, (0, 20, whole[2], 60)))
        for n in range(100)
    )
    assert times(shown, 10.0, fps=0.5) == [0.0, 3.3]


def test_what_moves_all_the_time_is_no_page_but_every_half_minute() -> None:
    moving = ((n / 2, slide(TITLE, (70 + n % 6, 40, 75 + n % 6, 60))) for n in range(400))
    seconds = times(moving, 200.0)
    assert len(seconds) < 12 and max(seconds) > 150


def test_a_black_picture_is_no_page_unless_there_is_nothing_else() -> None:
    black = Image.new("L", SMALL_SIZE)
    shown = ((float(n), black if n < 5 else slide(TITLE)) for n in range(10))
    assert times(shown, 10.0) == [5.0]
    assert times(((float(n), black) for n in range(10)), 10.0) == [0.0]


def test_of_too_many_those_go_that_are_most_alike() -> None:
    heights = [5, 6, 40, 41, 70]
    shown = ((3.0 * n, slide((5, 0, 90, height))) for n, height in enumerate(heights))
    assert times(shown, 15.0, max_frames=3) == [0.0, 6.0, 12.0]


def test_a_cue_belongs_to_the_picture_over_which_it_lies_longest() -> None:
    cues = [
        Cue(1.0, 3.0, "one"),
        Cue(9.0, 14.0, "two"),
        Cue(9.5, 14.0, "two"),
        Cue(30.0, 31.0, "three"),
    ]
    assert page_captions(cues, [0.0, 10.0, 20.0]) == ["one", "two", "three"]
    assert cue_text("0,0,Default,,0,0,0,,{\\i1}Mind,\\Nthe <b>step</b>") == "Mind, the step"


def test_a_picture_of_a_video_is_named_by_its_time() -> None:
    assert page_name(9, "02:31", time_s=151.48) == "02:31" == clock_time(151.48)
    assert clock_time(3751) == "1:02:31"
    assert place_name("clip.mp4", "02:31", time_s=151.48) == "clip.mp4 02:31"
    assert place_name("a.pdf", "page 9") == "a.pdf, page 9"
