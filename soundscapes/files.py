"""Files go when their row goes, whichever way the row went."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.files.storage import Storage
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.db.models.signals import post_delete
from django.dispatch import receiver

from soundscapes.models import Clip, Generation, Image, Layer
from soundscapes.services import formats


def _delete_on_commit(file: FieldFile) -> None:
    if file.name:
        transaction.on_commit(partial(_delete, file.storage, file.name))


def _delete(storage: Storage, name: str) -> None:
    storage.delete(name)


@receiver(post_delete, sender=Image)
def _delete_picture(instance: Image, **_kwargs: Any) -> None:
    _delete_on_commit(instance.file)
    _delete_on_commit(instance.thumbnail)


@receiver(post_delete, sender=Generation)
def _delete_audio(instance: Generation, **_kwargs: Any) -> None:
    _delete_on_commit(instance.audio)
    _delete_on_commit(instance.spectrogram)
    for name in formats.stored_formats(instance):
        transaction.on_commit(partial(_delete, instance.audio.storage, name))


@receiver(post_delete, sender=Layer)
def _delete_stem(instance: Layer, **_kwargs: Any) -> None:
    _delete_on_commit(instance.stem)


@receiver(post_delete, sender=Clip)
def _delete_recording(instance: Clip, **_kwargs: Any) -> None:
    if instance.source != Clip.Source.SYNTHESISED:  # the bank looks after its own files
        _delete_on_commit(instance.file)
