"""Writes the digest of every image behind its tag, so that a rebuild is the same to the byte.

    FROM python:3.11-slim   becomes   FROM python:3.11-slim@sha256:...

`make pin-images` runs it: Docker asks the registry of each image (`docker buildx imagetools inspect`). Run
again, it takes the newest digest of the tag. Nothing is written unless every digest came.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

OWN_IMAGE = "pagesight"  # built here: no registry knows it
_NAMED = re.compile(
    r"^(?P<before>FROM +|\s*(?:- +)?image: +)(?P<image>[^\s@#]+:[^\s@#]+)(?:@sha256:[0-9a-f]{64})?",
    re.MULTILINE,
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def images_in(text: str) -> list[str]:
    """Return the images that a Dockerfile, compose file or manifest names by tag, without digests."""
    names = (match["image"] for match in _NAMED.finditer(text))
    return [name for name in names if not name.startswith(f"{OWN_IMAGE}:")]


def pinned(text: str, digests: dict[str, str]) -> str:
    """Return the same text with these digests behind the names of images."""

    def with_digest(match: re.Match[str]) -> str:
        digest = digests.get(match["image"])
        return match[0] if digest is None else f"{match['before']}{match['image']}@{digest}"

    return _NAMED.sub(with_digest, text)


def digest_of(image: str) -> str:
    """Ask the image's registry, by way of Docker. Raises SystemExit where no digest comes."""
    words = ["docker", "buildx", "imagetools", "inspect", image, "--format", "{{.Manifest.Digest}}"]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    digest = ran.stdout.strip()
    if ran.returncode or not _DIGEST.fullmatch(digest):
        raise SystemExit(f"no digest of {image}, so nothing was pinned: {ran.stderr.strip()}")
    return digest


def main(files: list[str]) -> None:
    """Pin what the files name."""
    texts = {Path(file): Path(file).read_text(encoding="utf-8") for file in files}
    images = sorted({image for text in texts.values() for image in images_in(text)})
    digests = {image: digest_of(image) for image in images}
    for path, text in texts.items():
        path.write_text(pinned(text, digests), encoding="utf-8")
    for image, digest in digests.items():
        print(f"{image}@{digest}")


if __name__ == "__main__":
    main(sys.argv[1:])
