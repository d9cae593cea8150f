"""Read the moving pictures of a file with PyAV, and the subtitles that lie over them. One thread decodes.

What the head of a file says of its length is not believed: its packets are counted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Any

from indexer.inputs.kind import UnfitFile
from indexer.inputs.video.captions import Cue, cue_text

_DEMUXERS = {"video/mp4": "mp4", "video/quicktime": "mov"}  # all others: Matroska
_OPTIONS = {
    "protocol_whitelist": "file",
    "enable_drefs": "0",
}  # nothing that the file names is opened
_MOST_PX = 40_000_000  # of one picture: 8K has 33 million
_MOST_PACKETS = 5_000_000
_PACKETS_PER_STEP = 100_000
_PX_PER_STEP = 200_000_000
_MUCH_PX = 3_000_000_000  # in all pictures: 9 minutes of 640 x 360, one of 1920 x 1080
_MOST_PX_DECODED = 12_000_000_000
_LEAST_PIXEL_WIDTH = 0.25
_LEAST_KEYS_EVERY_S = 30.0
_MOST_BACK = 3  # key pictures to go back for a picture: it may stand before its own in the file


class VideoStream:
    """The video stream of an open file; `count` it before anything else.

    duration_s  from its first picture to its last
    cues        of its subtitles
    n_damaged   packets that could not be decoded
    """

    def __init__(self, path: str, media_type: str) -> None:
        """Open the stream. Raises UnfitFile for a file that has none, or of more pixels than may be."""
        import av

        try:
            self._container = av.open(
                path,
                format=_DEMUXERS.get(media_type, "matroska"),
                options=_OPTIONS,
                metadata_errors="replace",
            )
        except av.FFmpegError as error:
            raise UnfitFile("corrupt", f"is no whole video ({error.strerror})") from error
        self._stream = _moving_pictures(self._container)
        self._decoder = self._stream.codec_context
        width_px, height_px = self._decoder.width, self._decoder.height
        self._n_px = width_px * height_px
        if self._n_px > _MOST_PX:
            size = f"{width_px} x {height_px} pixels"
            raise UnfitFile("too_large", f"has pictures of {size}, more than {_MOST_PX:,} in all")
        self._decoder.thread_count = 1
        self._decoder.options = {"max_pixels": str(_MOST_PX)}
        self._tick_s = float(self._stream.time_base or 0)
        self._start = self._end = 0
        self._keys: list[int] = []  # time stamps of the pictures that are decoded by themselves
        self._n_pictures = 0
        self._decoded_pts: int | None = None  # by `picture_at`, last
        self._following: Iterator[Any] = iter(())  # the pictures behind it
        self.cues: list[Cue] = []
        self.n_damaged = 0

    @property
    def metadata(self) -> dict[str, str]:
        """What the file says of itself."""
        return dict(self._container.metadata)

    @property
    def pixel_width(self) -> float:
        """How much wider than high a pixel is shown."""
        ratio = float(self._decoder.sample_aspect_ratio or 1)
        return ratio if _LEAST_PIXEL_WIDTH <= ratio <= 1 / _LEAST_PIXEL_WIDTH else 1.0

    @property
    def duration_s(self) -> float:
        return self.time_s(self._end)

    def time_s(self, pts: int) -> float:
        """Return the second at which a picture is shown."""
        return max(0.0, (pts - self._start) * self._tick_s)

    def count(self, on_step: Callable[[], None]) -> None:
        """Count the pictures and read the subtitles. Raises UnfitFile for a file without a picture."""
        subtitles = [s for s in self._container.streams.subtitles if s.codec_context is not None]
        stamps: list[int] = []
        for packet in self._packets(
            self._stream, *subtitles, every=_PACKETS_PER_STEP, on_step=on_step
        ):
            if packet.pts is None:
                continue
            if packet.stream.index != self._stream.index:
                self._read_cue(packet)
                continue
            stamps.append(packet.pts)
            if packet.is_keyframe:
                self._keys.append(packet.pts)
        if not stamps:
            raise UnfitFile("corrupt", "is a video without a picture")
        self._n_pictures = len(stamps)
        self._start, self._end = min(stamps), max(stamps)
        self._keys.sort()
        start_s = self._start * self._tick_s
        self.cues = [Cue(c.start_s - start_s, c.end_s - start_s, c.text) for c in self.cues]

    def pictures(self, on_step: Callable[[], None]) -> Iterator[Any]:
        """Yield the pictures from first to last.

        Of many pixels those are passed over on which no other picture depends, which halves the work; of more
        all but the key pictures, unless these are too few.
        """
        n_px = self._n_pictures * self._n_px
        are_keys_enough = len(self._keys) * _LEAST_KEYS_EVERY_S >= self.duration_s
        if n_px > _MOST_PX_DECODED and are_keys_enough:
            self._decoder.skip_frame = "NONKEY"
        elif n_px > _MUCH_PX:
            self._decoder.skip_frame = "NONREF"
        every = max(1, _PX_PER_STEP // max(self._n_px, 1))
        self._go_to(self._start)
        yield from self._pictures_of(self._packets(self._stream, every=every, on_step=on_step))

    def picture_at(self, pts: int) -> Any:
        """Return the picture of a time stamp, or the next there is. Raises UnfitFile where there is none."""
        key_index = bisect_right(self._keys, pts) - 1
        picture = None
        key = self._keys[key_index] if key_index >= 0 else self._start
        if self._decoded_pts is not None and key <= self._decoded_pts < pts:
            picture = self._first_from(pts)
        for n_back in range(_MOST_BACK):
            if picture is not None and picture.pts == pts:
                break
            self._go_to(self._keys[max(key_index - n_back, 0)] if self._keys else self._start)
            picture = self._first_from(pts) or picture
        if picture is None:
            raise UnfitFile("corrupt", "has no picture there any more")
        return picture

    def _first_from(self, pts: int) -> Any:
        for picture in self._following:
            self._decoded_pts = picture.pts
            if picture.pts >= pts:
                return picture
        return None

    def _go_to(self, pts: int) -> None:
        import av

        try:
            self._container.seek(pts, stream=self._stream)
        except av.FFmpegError:  # no index: from the beginning
            self._container.seek(0)
        self._decoded_pts = None
        self._following = self._pictures_of(self._packets(self._stream))

    def _packets(
        self, *streams: Any, every: int = 0, on_step: Callable[[], None] | None = None
    ) -> Iterator[Any]:
        """Yield packets as far as the file is whole; calls `on_step` after so many."""
        import av

        try:
            for number, packet in enumerate(self._container.demux(*streams), 1):
                if on_step is not None and number % every == 0:
                    on_step()
                if number > _MOST_PACKETS:
                    raise UnfitFile("too_large", f"has more than {_MOST_PACKETS:,} pictures")
                yield packet
        except av.FFmpegError:
            self.n_damaged += 1

    def _pictures_of(self, packets: Iterator[Any]) -> Iterator[Any]:
        import av

        for packet in packets:
            try:
                pictures = packet.decode()
            except av.FFmpegError:
                self.n_damaged += 1
                continue
            yield from (picture for picture in pictures if picture.pts is not None)

    def _read_cue(self, packet: Any) -> None:
        import av

        try:
            entries = packet.decode()
        except av.FFmpegError:
            self.n_damaged += 1
            return
        start_s = float(packet.pts * packet.time_base)
        end_s = start_s + float((packet.duration or 0) * packet.time_base)
        for entry in entries:
            event = getattr(entry, "ass", b"")  # a picture of words has none
            self.cues.append(Cue(start_s, end_s, cue_text(event.decode("utf-8", "replace"))))


def _moving_pictures(container: Any) -> Any:
    """Return the first video stream that is no cover. Raises UnfitFile where there is none."""
    from av.stream import Disposition

    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        raise UnfitFile("unsupported", "has no moving pictures, and sound is not read")
    if streams[0].codec_context is None:
        raise UnfitFile(
            "unsupported", "has moving pictures of a coding that is not known, unlike H.264"
        )
    return streams[0]
