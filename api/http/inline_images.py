"""Images that come inside a request, as `data:` URIs. Nothing is ever fetched."""

from __future__ import annotations

import base64
import binascii
import re
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from retriever.errors import InvalidImage

MAX_PIXELS = 40_000_000
_DATA_URI = re.compile(r"data:image/[a-z0-9.+-]+;base64,", re.IGNORECASE)
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def read_picture(uri: str) -> Image.Image:
    """The image upright and in RGB. Raises InvalidImage."""
    begins = _DATA_URI.match(uri)
    if begins is None:
        raise InvalidImage(
            "an image must come as a data: URI (data:image/png;base64,...): no address is fetched"
        )
    try:
        data = base64.b64decode(uri[begins.end() :], validate=True)
        with Image.open(BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise InvalidImage(
                    f"an image has more than {MAX_PIXELS:,} pixels: send a smaller one"
                )
            return ImageOps.exif_transpose(image).convert("RGB")
    except (binascii.Error, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise InvalidImage("an image cannot be read: send JPEG, PNG, WebP or GIF") from error
    except (OSError, ValueError, SyntaxError) as error:  # what decoders raise on damaged data
        raise InvalidImage("an image is damaged: send it again") from error
