"""Hostile images, recordings and ZIP files: stored cleanly, or rejected with a message.

This tests all handmade files and a sample of those mutated by fixed seeds. `python -m
benchmarks.hostile` tests all of them on a real server.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from soundscapes.models import BatchJob, Clip, Image
from soundscapes.models.batch_jobs import Outcome
from tests import factories, sample_files
from tests.components import require
from tests.hostile import Hostile, archives, images, phones, recordings
from tests.queue import work_off

pytestmark = [pytest.mark.django_db, pytest.mark.once]

SECONDS = 15.0  # CPU time per file; slow machines take half of it
MEGABYTES = 300  # peak memory of a web process
FOREIGN = (b"script", b"<?php", b"Secretive", b"PK\3\4")  # must not be in a stored image
BY_SEED = ("mutated", "cut at")
LARGE = ("heavy", "large")  # kinds that take seconds to decode; a test of their own


def cpu_seconds() -> float:
    """Return the processor time of this process and of those that it waited for."""
    return sum(os.times()[:4])


def sample(hostile: Iterable[Hostile], count: int) -> list[Hostile]:
    """Everything made by hand, and `count` of what is broken by seeds."""
    everything = [each for each in hostile if each.kind not in LARGE]
    by_seed = [each for each in everything if each.name.startswith(BY_SEED)]
    by_hand = [each for each in everything if not each.name.startswith(BY_SEED)]
    return by_hand + Random(1).sample(by_seed, count)


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Callable[[Hostile], Path]:
    """Write a file once: making the large ones takes as long as reading them."""
    folder = tmp_path_factory.mktemp("hostile")
    paths: dict[str, Path] = {}

    def path_of(hostile: Hostile) -> Path:
        if hostile.name not in paths:
            paths[hostile.name] = folder / str(len(paths))
            paths[hostile.name].write_bytes(hostile.make())
        return paths[hostile.name]

    return path_of


@pytest.fixture(scope="module")
def uploaded(written) -> Callable[[Hostile], SimpleUploadedFile]:
    """Return a file as a browser sends it."""
    return lambda hostile: sample_files.upload(written(hostile).read_bytes(), hostile.name)


@pytest.fixture
def browser(sign_in, administrator, settings) -> Client:
    settings.QUOTAS = dict.fromkeys(settings.QUOTAS, (10**9, 3600))
    settings.API_WAIT_SECONDS = 0.0
    return sign_in(administrator)


def in_studio(browser: Client, upload) -> bool:
    answer = browser.post(reverse("create"), {"image": upload})
    assert answer.status_code in (302, 400, 413, 415), answer.text
    return answer.status_code == 302


def in_api(browser: Client, upload) -> bool:
    answer = browser.post(reverse("upload_image"), {"image": upload})
    assert answer.status_code in (202, 400, 413, 415), answer.text
    return answer.status_code == 202


def in_administration(browser: Client, upload) -> bool:
    image_set = factories.ImageSetFactory()
    fields = {"image_set": image_set.pk, "title": "A pond", "upload": upload}
    answer = browser.post(reverse("admin:soundscapes_image_add"), fields)
    assert answer.status_code in (200, 302)
    assert answer.status_code == 302 or "errorlist" in answer.text
    return answer.status_code == 302


DOORS = (in_studio, in_api, in_administration)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_a_hostile_image_is_stored_cleanly_or_rejected(browser, stored, uploaded, door):
    chosen = sample(images.images(), 200)[DOORS.index(door) :: len(DOORS)]
    outcomes, before = set(), stored()
    for hostile in chosen:
        count = Image.objects.count()
        upload = uploaded(hostile)
        started = cpu_seconds()
        is_taken = door(browser, upload)
        assert cpu_seconds() - started < SECONDS, hostile.name
        now = stored()
        new, before = now - before, now
        assert Image.objects.count() == count + is_taken, hostile.name
        assert len(new) == (2 if is_taken else 0), hostile.name
        assert not (is_taken and hostile.never), hostile.name
        assert is_taken or not hostile.always, hostile.name
        for name in new:
            data = (settings.MEDIA_ROOT / name).read_bytes()
            is_ours = data.startswith(b"\xff\xd8\xff") or data[8:12] == b"WEBP"
            assert is_ours, hostile.name
            assert not any(word in data for word in FOREIGN), hostile.name
        outcomes.add(is_taken)
    assert outcomes == {True, False}


DECODE = """
import os, sys
from pathlib import Path
import config.wsgi
from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos.reading import to_jpeg
from soundscapes.images.images import STORED_SIDE, check_photo
for path in map(Path, sys.argv[1:]):
    started = sum(os.times()[:4])
    try:
        to_jpeg(check_photo(path.read_bytes()).image, STORED_SIDE)
        is_taken = 1
    except PhotoError:
        is_taken = 0
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) // 1024
    print(peak, sum(os.times()[:4]) - started, is_taken)
"""


def test_images_do_not_exceed_the_memory_limit_of_a_web_process(written):
    require(Path("/proc/self/status").exists(), "Only Linux reports the peak memory of a process.")
    chosen = [each for each in images.images() if each.kind in ("bombs", "heavy")]
    chosen += phones.photos()
    done = subprocess.run(
        [sys.executable, "-c", DECODE, *map(written, chosen)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    for hostile, line in zip(chosen, done.stdout.splitlines(), strict=True):
        peak, seconds, is_taken = map(float, line.split())
        assert peak <= MEGABYTES, hostile.name
        assert seconds < SECONDS, hostile.name
        assert not (is_taken and hostile.never), hostile.name
        assert is_taken or not hostile.always, hostile.name


def batch_job_of(
    browser: Client, uploads: list[SimpleUploadedFile], name: str, **fields: object
) -> BatchJob:
    """Upload files together and return the finished batch job."""
    credit = {"author": "Ada", "source": "in words", "licence": "CC0"}
    answer = browser.post(reverse(f"admin:{name}"), {"chosen": uploads, **credit, **fields})
    assert answer.status_code == 302, answer.context["form"].errors
    assert all(type(error).__name__ == "BundleError" for error in work_off())
    return BatchJob.objects.latest("created_at")


def test_the_form_rejects_hostile_recordings_with_a_message(browser, stored, uploaded):
    category = factories.category_named("dog")
    for hostile in sample(recordings.recordings(), 20):  # each takes a process of its own
        count = Clip.objects.count()
        fields = {
            "upload": uploaded(hostile),
            "category": category.pk,
            "title": "A dog",
            "author": "Ada",
            "licence": "CC0",
            "collection": "in words",
        }
        started = cpu_seconds()
        answer = browser.post(reverse("admin:soundscapes_clip_add"), fields)
        assert cpu_seconds() - started < SECONDS, hostile.name
        is_taken = answer.status_code == 302
        assert is_taken or "errorlist" in answer.text, hostile.name
        assert Clip.objects.count() == count + is_taken
        assert len(stored()) == Clip.objects.count()
        assert not (is_taken and hostile.never), hostile.name
        assert is_taken or not hostile.always, (hostile.name, answer.text)


def test_each_hostile_file_of_an_upload_has_a_row(browser, uploaded):
    image_set, category = factories.ImageSetFactory(), factories.category_named("dog")
    for name, chosen, fields in (
        ("image_upload", sample(images.images(), 40)[-60:], {"image_set": image_set.pk}),
        ("clip_upload", sample(recordings.recordings(), 80)[-90:], {"category": category.pk}),
    ):
        batch_job = batch_job_of(browser, [uploaded(each) for each in chosen], name, **fields)
        assert len(batch_job.rows) == len(chosen), batch_job.error
        assert {row["outcome"] for row in batch_job.rows} <= set(Outcome.values)
        assert all(row["note"] for row in batch_job.rows)


def test_a_hostile_zip_fails_with_a_message_and_stores_nothing(browser, stored, uploaded):
    image_set = factories.ImageSetFactory()
    for hostile in archives.archives():
        upload = uploaded(hostile)
        started = cpu_seconds()
        batch_job = batch_job_of(browser, [upload], "image_upload", image_set=image_set.pk)
        assert cpu_seconds() - started < SECONDS, hostile.name
        assert batch_job.error or batch_job.rows, hostile.name
        assert all(row["outcome"] == Outcome.REFUSED for row in batch_job.rows), hostile.name
    assert image_set.images.count() == 0
    assert all(name.startswith("chores/") for name in stored())
