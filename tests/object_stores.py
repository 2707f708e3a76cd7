"""An S3 server, as installations use it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import boto3
from moto.server import ThreadedMotoServer

KEYS = {"S3_ACCESS_KEY": "soundscapes", "S3_SECRET_KEY": "a secret of the tests"}


@contextmanager
def running() -> Iterator[str]:
    """Run a server without buckets; yield its URL."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def make_bucket(address: str) -> dict[str, str]:
    """Create a bucket; return the environment of an installation that stores its files there."""
    bucket = f"sounds-{uuid4().hex[:12]}"
    environment = {"S3_BUCKET": bucket, "S3_ENDPOINT": address, "S3_REGION": "eu-central-1"} | KEYS
    client(environment).create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return environment


def client(environment: dict[str, str]):
    """Return an SDK client that accesses the bucket directly."""
    return boto3.client(
        "s3",
        endpoint_url=environment["S3_ENDPOINT"],
        region_name=environment["S3_REGION"],
        aws_access_key_id=environment["S3_ACCESS_KEY"],
        aws_secret_access_key=environment["S3_SECRET_KEY"],
    )


def upload(environment: dict[str, str], folder: Path) -> None:
    """Upload all files of the folder."""
    store = client(environment)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            store.upload_file(str(path), environment["S3_BUCKET"], name)


def names_in(environment: dict[str, str]) -> set[str]:
    """Return the names of all objects in the bucket."""
    pages = client(environment).get_paginator("list_objects_v2")
    return {
        found["Key"]
        for page in pages.paginate(Bucket=environment["S3_BUCKET"])
        for found in page.get("Contents", ())
    }
