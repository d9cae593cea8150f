"""An S3 server of the tests' own (moto, over HTTP), where its packages are installed."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from uuid import uuid4

import pytest

KEYS = {
    "AWS_ACCESS_KEY_ID": "pagesight",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "us-east-1",
}
_BUCKET = "pages"


@contextmanager
def running_s3() -> Iterator[str]:
    """The address of a server with an empty bucket. Skips the test where there is none."""
    if find_spec("moto") is None or find_spec("boto3") is None or find_spec("flask") is None:
        pytest.skip("moto[server] or boto3 is not installed: pip install -e '.[dev]'")
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # else a line for each request
    server.start()
    before = {name: os.environ.get(name) for name in KEYS}
    try:
        host, port = server.get_host_and_port()
        os.environ.update(KEYS)
        address = f"http://{host}:{port}"
        boto3.client("s3", endpoint_url=address).create_bucket(Bucket=_BUCKET)
        yield address
    finally:
        server.stop()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def new_prefix() -> str:
    """The address of a place in the bucket that nobody has used."""
    return f"s3://{_BUCKET}/{uuid4().hex}"
