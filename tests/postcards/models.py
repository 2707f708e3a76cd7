"""A sixth kind of job, in as many lines as one takes."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import models
from django.utils import timezone

from soundscapes.files.columns import FileColumn
from soundscapes.jobs.claims import Claim
from soundscapes.jobs.kinds import JobKind
from soundscapes.models import State
from soundscapes.models.jobs import Job, JobQuerySet


def postcard_path(postcard: Postcard, _filename: str) -> str:
    return f"postcards/{postcard.pk}.txt"


class Postcard(Job):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    text = models.TextField()
    file = models.FileField(upload_to=postcard_path, blank=True)

    objects = JobQuerySet.as_manager()


def make(claim: Claim) -> None:
    postcard = Postcard.objects.get(pk=claim.pk)
    claim.report(State.RENDERING, "Writing", 50)
    postcard.file.save("", ContentFile(postcard.text.encode("ascii")), save=False)
    claim.finish(file=postcard.file.name)


def purge() -> None:
    Postcard.objects.filter(finished_at__lt=timezone.now() - timedelta(days=1)).delete()


KIND = JobKind(
    name="postcard",
    label="Writing a postcard",
    model=Postcard,
    run=make,
    owner="sender",
    files=(FileColumn("postcards", Postcard, "file"),),
    is_file=True,
    purge=purge,
)
