"""Find and recognize lines of print with RapidOCR (PP-OCRv6 small, the models inside its wheel).

The only importer of rapidocr, onnxruntime and cv2. Detector, classifier and recognizer are called on their
own, so that one image can be searched for lines, another with more pixels cut up for reading, and a page be
turned before it is read. An engine belongs to one thread.

Dimension key: L lines.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import EncoderUnavailable
from indexer.base.onnx_telemetry import refuse_telemetry
from indexer.ocr.quads import Quads

ENGINE_BYTES = 150_000_000  # what an engine holds in memory, measured
_DETECTOR, _RECOGNIZER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
_CLASSIFIER = "ch_ppocr_mobile_v2.0_cls_mobile.onnx"
_INSTEAD = "or set PAGESIGHT_OCR=never to index text layers only"
_STRIDE_PX = 32  # the detector takes sides that are multiples of it
_STANDING = 1.5  # height over width from which the recognizer is given a crop lying on its side

_import_lock = threading.Lock()

Pixels = NDArray[np.uint8]  # (height, width, 3) RGB


class ReadLine(NamedTuple):
    """What the recognizer read of a line.

    score   0..1, the mean of its characters
    places  where each character that is no space has its middle: share 0..1 of the line's length
    """

    text: str
    score: float
    places: tuple[float, ...]


class Engine:
    """Raises EncoderUnavailable when the OCR package or its models are missing."""

    def __init__(self) -> None:
        self._rapidocr = _build()
        self._detector = self._rapidocr._load_det_model()
        self._recognizer = self._rapidocr._load_rec_model()
        self._classifier = self._rapidocr._load_cls_model()

    def detect(self, pixels: Pixels) -> Quads:
        """Return the corners (L, 4, 2) in px of what looks like a line of print."""
        import cv2

        height, width = pixels.shape[:2]
        canvas = cv2.copyMakeBorder(
            pixels,
            0,
            -height % _STRIDE_PX,
            0,
            -width % _STRIDE_PX,
            cv2.BORDER_REPLICATE,
        )
        result = self._detector(canvas)
        if result.boxes is None:
            return np.zeros((0, 4, 2))
        quads = np.asarray(result.boxes, np.float64)
        return np.clip(quads, 0, (width, height))

    def cut(self, pixels: Pixels, quads: Quads) -> list[Pixels]:
        """Return the pixels under each quad, upright as its corners say."""
        import cv2

        crops: list[Pixels] = []
        for quad in quads.astype(np.float32):
            along = max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[2] - quad[3]))
            across = max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2]))
            size = (max(1, round(float(along))), max(1, round(float(across))))
            target = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
            warp = cv2.getPerspectiveTransform(quad, target)
            crops.append(
                cv2.warpPerspective(
                    pixels, warp, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
                )
            )
        return crops

    def upside_down(self, crops: Sequence[Pixels]) -> list[tuple[bool, float]]:
        """Say of each line whether it stands on its head, and how sure that is (0.5..1)."""
        if not crops:
            return []
        result = self._classifier(list(crops))
        return [("180" in label, float(score)) for label, score in result.cls_res]

    def recognize(self, crop: Pixels) -> ReadLine:
        """Read one line."""
        from rapidocr.ch_ppocr_rec.typings import TextRecInput

        if crop.shape[0] >= _STANDING * crop.shape[1]:
            crop = np.ascontiguousarray(np.rot90(crop))
        result = self._recognizer(TextRecInput(img=[crop], return_word_box=True))
        text, info = result.txts[0], result.word_results[0]
        columns = [column for word in info.word_cols for column in word] if text else []
        length = max(info.line_txt_len, 1.0)
        places = tuple(min((column + 0.5) / length, 1.0) for column in columns)
        return ReadLine(text, float(result.scores[0]), places)


def _build() -> Any:
    """Build an engine on one thread that neither logs nor downloads."""
    with _import_lock:
        try:
            import cv2  # noqa: F401

            refuse_telemetry()
            import onnxruntime  # noqa: F401 - rapidocr would miss it at the first page only
            import rapidocr
            from rapidocr import RapidOCR
        except ImportError as error:
            raise EncoderUnavailable(
                f"page images cannot be read ({error}): install rapidocr and onnxruntime, "
                f"{_INSTEAD}"
            ) from error
    models = Path(rapidocr.__file__).parent / "models"
    for name in (_DETECTOR, _RECOGNIZER, _CLASSIFIER):
        if not (models / name).is_file():
            raise EncoderUnavailable(
                f"the OCR model {name} is missing: reinstall rapidocr 3.10, {_INSTEAD}"
            )
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Det.model_path": str(models / _DETECTOR),  # a path given is never downloaded
            "Cls.model_path": str(models / _CLASSIFIER),
            "Rec.model_path": str(models / _RECOGNIZER),
            "Det.limit_side_len": _STRIDE_PX,  # images come in the size in which they are searched
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
