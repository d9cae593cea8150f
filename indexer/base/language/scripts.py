"""The scripts that texts are written in, and the figures of each."""

from __future__ import annotations

import unicodedata

# Inside of a class of a regular expression. Words of these scripts stand without spaces between them.
IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
KANA = "\u3040-\u30ff"
HANGUL = "\uac00-\ud7af"
ARABIC = "\u0600-\u07bf\u0860-\u08ff\ufb50-\ufdff\ufe70-\ufefc"
RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"

_ZEROS = "\u0660\u06f0\u07c0\u0966\u09e6\u0e50"  # Arabic, Persian, N'Ko, Devanagari, Bengali, Thai
# Figures of other scripts as those that all know; NFKC does so with wide ones only.
PLAIN_FIGURES = {
    ord(zero) + n: str(unicodedata.decimal(chr(ord(zero) + n)))
    for zero in _ZEROS
    for n in range(10)
}
