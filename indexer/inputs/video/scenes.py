"""Choose which pictures of a video are its pages, by how much of the picture changes.

Pictures are compared as small grey ones: that sees one word of a slide change, and no noise of the coding.
What moves all the time, such as a face in a corner of the slides, makes no new page.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from indexer.inputs.sandbox.frames import SceneRules

SMALL_SIZE = (96, 72)
_N_CELLS = SMALL_SIZE[0] * SMALL_SIZE[1]
_NOISE = 20  # levels of 255 by which a cell differs in pictures that look the same
_BLANK = 6  # levels between the darkest and the lightest cell of a picture that shows nothing
_MOST_LOOKS = 4  # for each page that there may be: so many are compared before the most alike go
_LEAST_GAP = 0.25  # of the time between two looks: a cut that follows sooner is none
_LATELY = 0.25  # weight of the last look in how restless a cell is
_RESTLESS = 128  # of 255: it changed in three looks on end, or in most
_SETTLED_S = 2.0  # after which a picture that has just come is as sharp as its coding makes it
_SETTLING = 0.02  # share of the picture that changes meanwhile
_LONG_S = 30.0  # after which what moves all the time, or is said meanwhile, is a page


class Scene(NamedTuple):
    """A picture that is a page: its time stamp in the stream, its second, and its small grey copy."""

    pts: int
    time_s: float
    small: Any


def _changes(a: Any, b: Any) -> Any:
    """Return an image of which cells of two small grey pictures differ to the eye: 255, else 0."""
    from PIL import ImageChops

    return ImageChops.difference(a, b).point(lambda level: 255 if level >= _NOISE else 0)


def _share(changes: Any) -> float:
    return float(changes.histogram()[255]) / _N_CELLS


class SceneChooser:
    """Sees the pictures of a video in order and keeps those that show something new.

    duration_s  of the video
    is_spoken   it has subtitles
    """

    def __init__(self, rules: SceneRules, duration_s: float, *, is_spoken: bool = False) -> None:
        self._rules = rules
        n_looks = max(rules.min_frames, min(duration_s * rules.fps, _MOST_LOOKS * rules.max_frames))
        self._gap_s = duration_s / n_looks
        self._is_spoken = is_spoken
        self._scenes: list[Scene] = []
        self._first: Scene | None = None
        self._before: Any = None
        self._last_look: Scene | None = None
        self._restlessness: Any = None

    def see(self, pts: int, time_s: float, small: Any) -> None:
        """Look at the next picture."""
        scene = Scene(pts, time_s, small)
        before, self._before = self._before, small
        self._first = self._first or scene
        if self._last_look is not None:
            since_s = time_s - self._last_look.time_s
            if since_s < self._gap_s and not (
                since_s >= _LEAST_GAP * self._gap_s
                and _share(_changes(small, before)) >= self._rules.scene_change
            ):
                return
        if self._shows_something_new(scene):
            if self._is_settling(scene):
                scene = scene._replace(time_s=self._scenes.pop().time_s)
            self._scenes.append(scene)
            if len(self._scenes) > 2 * _MOST_LOOKS * self._rules.max_frames:
                _leave_out(self._scenes, _MOST_LOOKS * self._rules.max_frames)
        self._last_look = scene

    def _shows_something_new(self, scene: Scene) -> bool:
        from PIL import Image, ImageChops, ImageFilter

        if self._last_look is None:
            self._restlessness = Image.new("L", SMALL_SIZE)
        else:
            lately = _changes(scene.small, self._last_look.small)
            self._restlessness = Image.blend(self._restlessness, lately, _LATELY)
        darkest, lightest = scene.small.getextrema()
        if lightest - darkest < _BLANK:
            return False
        if not self._scenes:
            return True
        last = self._scenes[-1]
        changes = _changes(scene.small, last.small)
        if scene.time_s - last.time_s >= _LONG_S:
            return self._is_spoken or _share(changes) > self._rules.least_change
        is_restless = self._restlessness.point(lambda level: 255 if level >= _RESTLESS else 0)
        is_quiet = ImageChops.invert(is_restless.filter(ImageFilter.MaxFilter(5)))
        return _share(ImageChops.darker(changes, is_quiet)) > self._rules.least_change

    def _is_settling(self, scene: Scene) -> bool:
        """Whether it is the last scene once more, clearer now."""
        if not self._scenes:
            return False
        last = self._scenes[-1]
        is_soon = scene.time_s - last.time_s < _SETTLED_S
        return is_soon and _share(_changes(scene.small, last.small)) <= _SETTLING

    def scenes(self) -> list[Scene]:
        """Return what was kept, no more than may be; of a video that shows nothing its first picture."""
        if not self._scenes and self._first is not None:
            return [self._first]
        _leave_out(self._scenes, self._rules.max_frames)
        return self._scenes


def _leave_out(scenes: list[Scene], n_most: int) -> None:
    """Leave out the scenes that are most like the one before, until `n_most` are left."""

    def share(at: int) -> float:
        return _share(_changes(scenes[at - 1].small, scenes[at].small)) if at else 1.0

    shares = [share(at) for at in range(len(scenes))]
    while len(scenes) > n_most:
        at = min(range(1, len(shares)), key=shares.__getitem__)
        del scenes[at], shares[at]
        if at < len(scenes):
            shares[at] = share(at)
