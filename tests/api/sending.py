"""Requests that create rows in the API, with an idempotency key or without."""

from __future__ import annotations

from tests import sample_files


def upload(api, number=0, key=None, **fields):
    headers = {"Idempotency-Key": key} if key else {}
    data = {"image": sample_files.upload(sample_files.photo(number)), **fields}
    return api.post("/api/v1/images/", data, format="multipart", headers=headers)


def ask(api, image, key=None, **options):
    headers = {"Idempotency-Key": key} if key is not None else {}
    return post(api, {"image": str(image.pk), **options}, headers)


def post(api, body, headers=None):
    return api.post("/api/v1/generations/", body, format="json", headers=headers or {})
