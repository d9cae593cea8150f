"""Objects of an S3 bucket, below one prefix. The only importer of boto3.

The server proves what it takes: each object is put with its SHA-256, which the server computes anew. One that
does not answer is not asked again for some seconds, so that nobody waits for it in a row.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from indexer.base.errors import StorageUnavailable, Unreadable

PART_BYTES = 8 * 1024**2  # of what is fetched side by side
_SIDE_BY_SIDE = 8
_WHOLE_BYTES = 256 * 1024**2  # larger ones are put in parts, of which each is proven
_DOWN_S = 2.0
_ABSENT = ("404", "NoSuchKey", "NotFound")
_DELETED_AT_ONCE = 1000  # the most that S3 takes


@dataclass(frozen=True, slots=True)
class ListedObject:
    """What a listing says of an object; equal entity tags are equal bytes, other ones may be."""

    key: str
    n_bytes: int
    changed_at_ns: int
    entity_tag: str


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """What a server knows of an object; `sha256` is None where it was put in parts."""

    n_bytes: int
    changed_at_ns: int
    sha256: str | None


class Bucket:
    """Objects below `s3://bucket/prefix`. Safe to use from several threads.

    Raises StorageUnavailable where boto3 is not installed.
    """

    def __init__(
        self, address: str, *, endpoint_url: str | None = None, region: str | None = None
    ) -> None:
        """`endpoint_url`: of a server that is not Amazon's. Keys are found as boto3 finds them."""
        self.address = address
        parts = urlsplit(address)
        self._name, self._prefix = parts.netloc, parts.path.strip("/")
        self._client = _client(endpoint_url, region)
        self._down_until = 0.0
        self._threads = ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="bucket")

    # -- reading -----------------------------------------------------------------------------------

    def get(self, key: str) -> bytes | None:
        """Return the bytes of an object, None where there is none. Raises Unreadable."""
        with self._reading(key):
            answer = self._ask(self._client.get_object, Key=self._full(key))
            return None if answer is None else answer["Body"].read()

    def get_ranges(
        self, key: str, ranges: Iterable[tuple[int, int]]
    ) -> Iterator[tuple[int, bytes]]:
        """Yield (start, bytes) of parts start..stop of an object, side by side.

        Raises Unreadable, also where there is none: whoever opened it looks whether it is still named.
        """

        def part(bounds: tuple[int, int]) -> tuple[int, bytes]:
            start, stop = bounds
            with self._reading(key):
                answer = self._ask(
                    self._client.get_object,
                    Key=self._full(key),
                    Range=f"bytes={start}-{stop - 1}",
                )
                if answer is None:
                    raise StorageUnavailable(
                        f"{key} was removed while it was read: look for it anew"
                    )
                return start, answer["Body"].read()

        yield from self._threads.map(part, list(ranges))

    def blocks(self, key: str) -> Iterator[bytes]:
        """Yield the bytes of an object; nothing where there is none. Raises Unreadable."""
        with self._reading(key):
            answer = self._ask(self._client.get_object, Key=self._full(key))
            if answer is not None:
                yield from answer["Body"].iter_chunks(1 << 20)

    def facts(self, key: str) -> ObjectFacts | None:
        """Return what the server knows of an object, None where there is none. Raises Unreadable."""
        with self._reading(key):
            answer = self._ask(
                self._client.head_object, Key=self._full(key), ChecksumMode="ENABLED"
            )
        if answer is None:
            return None
        checksum = answer.get("ChecksumSHA256") or ""
        is_whole = bool(checksum) and "-" not in checksum
        return ObjectFacts(
            answer["ContentLength"],
            _in_ns(answer["LastModified"]),
            base64.b64decode(checksum).hex() if is_whole else None,
        )

    def list(self, prefix: str) -> Iterator[ListedObject]:
        """Yield the objects whose keys begin so. Raises Unreadable."""
        pages = self._client.get_paginator("list_objects_v2")
        with self._reading(prefix):
            for page in pages.paginate(Bucket=self._name, Prefix=self._full(prefix)):
                for entry in page.get("Contents", ()):
                    yield ListedObject(
                        entry["Key"][len(self._full("")) :],
                        entry["Size"],
                        _in_ns(entry["LastModified"]),
                        entry["ETag"].strip('"'),
                    )

    # -- writing -----------------------------------------------------------------------------------

    def put(self, key: str, source: Path) -> None:
        """Store a file; when this returns the server has proven that it has it. Raises StorageError."""
        with self._with_our_errors(key):
            if source.stat().st_size > _WHOLE_BYTES:
                options = {"ChecksumAlgorithm": "SHA256"}
                self._client.upload_file(str(source), self._name, self._full(key), options)
                return
            with source.open("rb") as file:
                self._client.put_object(
                    Bucket=self._name, Key=self._full(key), Body=file, ChecksumAlgorithm="SHA256"
                )

    def copy(self, key: str, target: str) -> bool:
        """Let an object be there under a second key; whether it was there. Raises StorageUnavailable."""
        with self._with_our_errors(target):
            source = {"Bucket": self._name, "Key": self._full(key)}
            return (
                self._ask(self._client.copy_object, Key=self._full(target), CopySource=source)
                is not None
            )

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; missing ones are fine. Raises StorageUnavailable."""
        every_key = list(keys)
        for start in range(0, len(every_key), _DELETED_AT_ONCE):
            batch = every_key[start : start + _DELETED_AT_ONCE]
            with self._with_our_errors(batch[0]):
                objects = [{"Key": self._full(key)} for key in batch]
                answer = self._client.delete_objects(
                    Bucket=self._name, Delete={"Objects": objects, "Quiet": True}
                )
            if errors := answer.get("Errors"):
                raise StorageUnavailable(
                    f"{self.address}: {errors[0].get('Key')} cannot be removed: {errors[0].get('Message')}"
                )

    # -- asking ------------------------------------------------------------------------------------

    def _full(self, key: str) -> str:
        return f"{self._prefix}/{key}" if self._prefix else key

    def _ask(self, ask: Any, **arguments: Any) -> Any:
        """Ask the server; None where there is no such object."""
        from botocore.exceptions import ClientError

        try:
            return ask(Bucket=self._name, **arguments)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _ABSENT:
                return None
            raise

    @contextmanager
    def _reading(self, key: str) -> Iterator[None]:
        """Raises Unreadable: what cannot be read now may be whole."""
        try:
            with self._with_our_errors(key):
                yield
        except StorageUnavailable as error:
            raise Unreadable(str(error)) from error

    @contextmanager
    def _with_our_errors(self, key: str) -> Iterator[None]:
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        if time.monotonic() < self._down_until:
            raise StorageUnavailable(
                f"{self.address} did not answer a moment ago: it is tried again"
            )
        try:
            yield
        except ClientError as error:
            raise self._unavailable(key, error) from error
        except (BotoCoreError, Boto3Error, OSError) as error:
            self._down_until = time.monotonic() + _DOWN_S
            raise self._unavailable(key, error) from error

    def _unavailable(self, key: str, error: Exception) -> StorageUnavailable:
        reason = " ".join(str(error).split())
        return StorageUnavailable(
            f"{self.address} does not take or give {key or 'its list'} now ({reason}): check "
            "PAGESIGHT_STORAGE or the address given, PAGESIGHT_S3_ENDPOINT, keys and server, then try again"
        )


def _in_ns(moment: datetime) -> int:
    return int(moment.timestamp()) * 10**9 + moment.microsecond * 1000


def _client(endpoint_url: str | None, region: str | None) -> Any:
    try:
        import boto3
        from botocore.config import Config
    except ModuleNotFoundError as error:
        raise StorageUnavailable(
            "a bucket needs boto3, which is not installed: pip install 'pagesight[s3]'"
        ) from error
    config = Config(
        connect_timeout=3,
        read_timeout=20,
        retries={"mode": "standard", "max_attempts": 3},
        max_pool_connections=4 * _SIDE_BY_SIDE,
        # Servers that are not Amazon's know names in the path.
        s3={"addressing_style": "path" if endpoint_url else "auto"},
    )
    return boto3.session.Session().client(
        "s3", endpoint_url=endpoint_url, region_name=region, config=config
    )
