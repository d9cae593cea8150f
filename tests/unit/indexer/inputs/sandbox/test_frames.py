"""Frames over a real pipe, written by an honest hand and by others."""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterator

import pytest

from indexer.inputs.sandbox.frames import (
    MAX_HEADER_BYTES,
    BadFrame,
    EndOfFrames,
    FrameReader,
    FrameTimeout,
    write_frame,
)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for fd in (reading, writing):
        try:
            os.close(fd)
        except OSError:  # the test has closed it
            continue


def test_a_frame_arrives_as_it_was_written(pipe: tuple[int, int]) -> None:
    body = os.urandom(1_000_000)
    header = {"kind": "page", "texts": ["naïve", "页"]}
    writer = threading.Thread(
        target=write_frame, args=(pipe[1], header, [body[:10], b"", body[10:]])
    )
    writer.start()
    frame = FrameReader(pipe[0], len(body)).read(30)
    writer.join()
    assert frame.header == header
    assert bytes(frame.body) == body


def test_frames_follow_each_other(pipe: tuple[int, int]) -> None:
    write_frame(pipe[1], {"number": 1}, [b"one"])
    write_frame(pipe[1], {"number": 2})
    reader = FrameReader(pipe[0], 100)
    assert [reader.read(5).header["number"] for _ in range(2)] == [1, 2]


def test_silence_is_a_timeout(pipe: tuple[int, int]) -> None:
    with pytest.raises(FrameTimeout):
        FrameReader(pipe[0], 100).read(0.05)


def test_half_a_frame_is_a_timeout(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], struct.pack("<4sII", b"psf1", 100, 0) + b"{")
    with pytest.raises(FrameTimeout):
        FrameReader(pipe[0], 100).read(0.05)


def test_a_pipe_that_ends_within_a_frame_is_told_apart(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], b"psf")
    os.close(pipe[1])
    with pytest.raises(EndOfFrames):
        FrameReader(pipe[0], 100).read(5)


@pytest.mark.parametrize(
    "written",
    [
        b"Warning: something else prints here\n",
        struct.pack("<4sII", b"psf1", MAX_HEADER_BYTES + 1, 0),
        struct.pack("<4sII", b"psf1", 2, 101) + b"{}",
        struct.pack("<4sII", b"psf1", 4, 0) + b"\xff\xfe{}",
        struct.pack("<4sII", b"psf1", 5, 0) + b"{nope",
        struct.pack("<4sII", b"psf1", 2, 0) + b"[]",
        struct.pack("<4sII", b"psf1", 9_000, 0) + b"[" * 9_000,
    ],
    ids=["garbage", "giant header", "giant body", "not text", "not JSON", "no object", "too deep"],
)
def test_what_is_not_a_frame_is_refused(pipe: tuple[int, int], written: bytes) -> None:
    os.write(pipe[1], written)
    with pytest.raises(BadFrame):
        FrameReader(pipe[0], 100).read(5)
