"""Streamed zip files."""

import io
import json
import zipfile

import pytest
from django.urls import reverse

from soundscapes.files import archives
from soundscapes.files.tagged_audio import as_wav
from tests.layers import rendered_layers

pytestmark = pytest.mark.django_db


def test_the_layers_are_a_zip_with_credits_and_plan(browser, original):
    rendered_layers(original)
    answer = browser.get(reverse("stems", args=[original.pk]))
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert archive.testzip() is None
        sounds = [name for name in archive.namelist() if name.endswith(".wav")]
        assert sounds == [f"{x.rank} {x.category.slug}.wav" for x in original.layers.all()]
        assert "Ada" in archive.read("credits.txt").decode()
        assert json.loads(archive.read("plan.json")) == original.plan
        first = original.layers.get(rank=1)
        with first.stem.open("rb") as file:
            assert archive.read(sounds[0]) == as_wav(file, first.title).read()


def test_a_zip_is_streamed_and_reproducible():
    members = {"a.txt": [b"one ", b"two"], "b/c.bin": [bytes(1000)]}
    taken = []

    def seen(name, pieces):
        for piece in pieces:
            taken.append(name)
            yield piece

    def archive():
        return archives.zipped((name, seen(name, pieces)) for name, pieces in members.items())

    pieces = archive()
    first = next(pieces)
    assert taken == ["a.txt"]  # nothing is read before it is needed
    whole = first + b"".join(pieces)
    assert whole == b"".join(archive())
    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        assert opened.testzip() is None
        assert {name: opened.read(name) for name in opened.namelist()} == {
            name: b"".join(pieces) for name, pieces in members.items()
        }
