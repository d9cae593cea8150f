"""A typed letter as a flatbed scanner gives it: grey pictures of two sheets, without text."""

from __future__ import annotations

import io
import math
from itertools import pairwise

import numpy as np
import pymupdf
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from drawing import letter_text
from drawing.press import A4, Sample
from drawing.typeset import font

DPI = 150
# Drawn at twice the scan's size and shrunk after turning, which softens the type as a lens does.
OVER = 2
WIDTH_PX, HEIGHT_PX = 1240, 1754
PAPER, INK = 236, 46


def _face(name: str, size: float) -> ImageFont.FreeTypeFont:
    """A built-in font at a size in points, for drawing at OVER times DPI."""
    return ImageFont.truetype(io.BytesIO(font(name).buffer), round(size / 72 * DPI * OVER))


def _typed(sheet: Image.Image, text: str, top: int) -> int:
    """Typewriter lines from `top` (px); each key strikes a little high or low. The y below."""
    rng = np.random.default_rng(208)
    draw, face = ImageDraw.Draw(sheet), _face("mono", 11)
    advance, left, leading = face.getlength("m"), 2 * 168, 2 * 34
    for line in text.splitlines():
        for column, letter in enumerate(line):
            if letter == " ":
                continue
            ink = INK + int(rng.integers(-14, 30))
            place = (left + column * advance, top + int(rng.integers(-2, 3)))
            draw.text(place, letter, font=face, fill=ink, stroke_width=1, stroke_fill=ink)
        top += leading
    return top


def _letterhead(sheet: Image.Image) -> None:
    draw = ImageDraw.Draw(sheet)
    middle = sheet.width // 2
    for text, name, size, top in zip(
        letter_text.HEAD,
        ("serif-bold", "serif", "serif"),
        (21, 11, 10),
        (170, 292, 346),
        strict=True,
    ):
        draw.text((middle, top), text, font=_face(name, size), fill=INK, anchor="ma")
    draw.line((320, 420, sheet.width - 320, 420), fill=INK, width=5)
    draw.line((320, 432, sheet.width - 320, 432), fill=INK, width=2)
    x, y = 250, 190  # an anchor
    draw.ellipse((x - 18, y - 18, x + 18, y + 18), outline=INK, width=7)
    draw.line((x, y + 18, x, y + 190), fill=INK, width=11)
    draw.line((x - 52, y + 48, x + 52, y + 48), fill=INK, width=10)
    draw.arc((x - 88, y + 10, x + 88, y + 192), 18, 162, fill=INK, width=12)


def _stamp(sheet: Image.Image, centre: tuple[int, int]) -> None:
    """A rubber stamp, turned and patchy."""
    wide, tall = 640, 290
    mask = Image.new("L", (wide, tall), 0)
    draw = ImageDraw.Draw(mask)
    draw.rectangle((8, 8, wide - 9, tall - 9), outline=255, width=9)
    draw.rectangle((26, 26, wide - 27, tall - 27), outline=255, width=3)
    for text, size, top in zip(letter_text.STAMP, (11, 19, 15), (44, 96, 192), strict=True):
        draw.text((wide // 2, top), text, font=_face("sans-bold", size), fill=255, anchor="ma")
    patches = np.random.default_rng(18).normal(0.72, 0.5, (tall // 6 + 1, wide // 6 + 1))
    rough = Image.fromarray((np.clip(patches, 0.35, 1) * 255).astype(np.uint8))
    rough = rough.resize((wide, tall), Image.Resampling.BICUBIC)
    inked = np.asarray(mask, dtype=np.float32) * np.asarray(rough, dtype=np.float32) / 255
    mask = Image.fromarray(inked.astype(np.uint8)).rotate(7, expand=True)
    corner = (centre[0] - mask.width // 2, centre[1] - mask.height // 2)
    sheet.paste(95, (*corner, corner[0] + mask.width, corner[1] + mask.height), mask)


def _signature(sheet: Image.Image, left: int, middle: int) -> None:
    """A pen stroke that runs in loops and ends in a flourish."""
    draw = ImageDraw.Draw(sheet)
    points = []
    for step in range(420):
        t = step / 420
        x = left + 560 * t + 34 * math.sin(44 * t)
        tall = 95 * math.exp(-9 * (t - 0.08) ** 2 * 6) + 34 + 26 * math.sin(13 * t)
        points.append((x, middle - tall * math.cos(39 * t + 0.6) * (1 - 0.45 * t)))
    for step in range(60):
        t = step / 60
        points.append((left + 570 - 520 * t, middle + 30 + 52 * math.sin(math.pi * t) - 20 * t))
    for index, (start, end) in enumerate(pairwise(points)):
        draw.line((start, end), fill=58, width=5 + round(2 * math.sin(index / 9)))


def _scan(sheet: Image.Image, angle: float, seed: int) -> bytes:
    """Turn, shrink, shade and speckle the sheet; the bytes of a grey JPEG."""
    sheet = sheet.rotate(angle, Image.Resampling.BILINEAR, fillcolor=PAPER)
    sheet = sheet.resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.BOX)
    sheet = sheet.filter(ImageFilter.GaussianBlur(0.45))
    rng = np.random.default_rng(seed)
    grey = np.asarray(sheet, dtype=np.float32)
    across = np.linspace(-5, 6, WIDTH_PX, dtype=np.float32)[None, :]
    down = np.linspace(4, -5, HEIGHT_PX, dtype=np.float32)[:, None]
    grey = grey + across + down + rng.normal(0, 3.2, grey.shape).astype(np.float32)
    for y, x in zip(rng.integers(0, HEIGHT_PX, 90), rng.integers(0, WIDTH_PX, 90), strict=True):
        grey[y : y + 2, x : x + 2] -= float(rng.integers(30, 90))
    grey[:, :7] -= np.linspace(70, 0, 7, dtype=np.float32)[None, :]  # shadow of the lid
    for y in (HEIGHT_PX // 3, HEIGHT_PX * 7 // 10):  # folds, clear of the lines of type
        grey[y : y + 3] -= 6
    out = io.BytesIO()
    image = Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
    image.save(out, "JPEG", quality=48, dpi=(DPI, DPI))
    return out.getvalue()


def _build(document: pymupdf.Document) -> None:
    size = (WIDTH_PX * OVER, HEIGHT_PX * OVER)
    first, second = Image.new("L", size, PAPER), Image.new("L", size, PAPER)
    _letterhead(first)
    _typed(first, letter_text.FIRST, 520)
    _stamp(first, (1860, 860))
    below = _typed(second, letter_text.SECOND, 300)
    _signature(second, 1010, below - 430)
    for sheet, angle, seed in ((first, 0.9, 1), (second, -0.6, 2)):
        page = document.new_page(width=A4[0], height=A4[1])
        page.insert_image(page.rect, stream=_scan(sheet, angle, seed))


SAMPLE = Sample("scanned-letter.pdf", "Scan 0007", "", "20240318", _build)
