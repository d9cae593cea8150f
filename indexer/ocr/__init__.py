"""Words read from page images: where it is needed, the reading, and the merge with a text layer.

rapidocr and onnxruntime are imported when the first page is read, not with this package.
"""

from indexer.ocr.merge import merge_words
from indexer.ocr.reader import PageReader

__all__ = ["PageReader", "merge_words"]
