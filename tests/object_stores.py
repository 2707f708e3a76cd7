"""An S3 server, as installations use it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import boto3
import requests
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


def client(environment: dict[str, str], service: str = "s3"):
    """Return an SDK client that accesses the bucket directly."""
    return boto3.client(
        service,
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


@contextmanager
def with_permissions(environment: dict[str, str], *actions: str) -> Iterator[dict[str, str]]:
    """Make the server check keys; yield the environment of one that allows these actions."""
    iam = client(environment, "iam")
    name = uuid4().hex
    iam.create_user(UserName=name)
    rights = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [rights]})
    iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    keys = {"S3_ACCESS_KEY": key["AccessKeyId"], "S3_SECRET_KEY": key["SecretAccessKey"]}
    _check_keys(environment, after_calls="0")
    try:
        yield environment | keys
    finally:
        _check_keys(environment, after_calls="inf")


def _check_keys(environment: dict[str, str], after_calls: str) -> None:
    url = f"{environment['S3_ENDPOINT']}/moto-api/reset-auth"
    requests.post(url, data=after_calls, timeout=10).raise_for_status()
