"""Rounds of jobs of all kinds for benchmarks/memory.py."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from time import sleep

import numpy as np
from PIL import Image as Picture

from soundscapes.accounts import exports
from soundscapes.generations import generations, previews, remixes, transcoding
from soundscapes.imports import batch_jobs
from soundscapes.jobs.kinds import job_kinds
from soundscapes.models import BatchJob, Category, Generation, Image, State, User
from soundscapes.models.generations import LONG
from soundscapes.models.jobs import ACTIVE_STATES

SIZES = ((640, 480), (1600, 1200), (4000, 3000), (500, 900), (2800, 800))
FORMATS = ("JPEG", "PNG", "WEBP")
DURATIONS = (600, 5, 30, 60, 17, 120, 30, 45, 30, 5, 300, 30, 10, 60, 30, 17, 30, 5, 120, 30)
SHAPES = 13  # of each size
QUICK = 120  # seconds of sound: longer ones take long to convert
SELDOM = 20  # rounds


def run_until(jobs: int) -> None:
    """Do rounds of jobs until the installation has done this many."""
    user, _made = User.objects.get_or_create(username="memory")
    for number in count(Generation.objects.count()):
        if _done() >= jobs:
            return
        for _part in _round(user, number):
            _wait()


def _done() -> int:
    return sum(kind.jobs.exclude(state=State.NEW).count() for kind in job_kinds())


def _wait() -> None:
    while any(kind.jobs.filter(state__in=ACTIVE_STATES).exists() for kind in job_kinds()):
        sleep(0.02)


def _round(user: User, number: int) -> Iterator[None]:
    """Queue jobs; yield when they have to be done before the next ones."""
    duration = DURATIONS[number % len(DURATIONS)]
    layers, mode = 1 + number % 5, ("calm", "faithful")[number % 2]
    made = generations.create_of_photo(
        user, _photo(number), duration=duration, layer_count=layers, mode=mode
    )
    yield
    made.refresh_from_db()
    for name in ("ogg", "mp3", "layers") if duration <= QUICK else ("mp3",):
        transcoding.get_or_create_rendition(made, name)
    yield
    if duration <= LONG:
        category = Category.objects.enabled().order_by("?")[0]
        previews.get_or_create_preview(made, 1, category, "")
    choices = made.current_choices()
    remixes.create_remix(user, made, [replace(choices[0], gain_db=-6.0), *choices[1:]])
    yield
    if number % SELDOM == 0:
        exports.request_export(user)
        keys = [str(key) for key in Image.objects.preloaded().values_list("pk", flat=True)]
        batch_jobs.create_batch_job(None, BatchJob.Kind.ENCODE, "images", {"images": keys})
        image = Image.objects.preloaded().order_by("?")[0]
        generations.create_generation(user, image, duration=1800, layer_count=3)
        yield


def _photo(number: int) -> bytes:
    pixels = np.random.default_rng(number).integers(0, 255, (30, 40, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    width, height = SIZES[number % len(SIZES)]
    picture = Picture.fromarray(pixels).resize((width - 40 * (number % SHAPES), height))
    picture.save(buffer, FORMATS[number % len(FORMATS)])
    return buffer.getvalue()
