"""Files go when their row goes, whichever way the row went."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.files.storage import Storage, default_storage
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.db.models.signals import post_delete
from django.dispatch import receiver

from soundscapes.models import Chore, Clip, Export, Generation, Image, Rendition


def delete_folder(storage: Storage, folder: str) -> None:
    """Delete a folder with the files in it; one that is not there is no error."""
    try:
        _folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        storage.delete(f"{folder}/{name}")
    storage.delete(folder)


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
def _delete_made_files(instance: Generation, **_kwargs: Any) -> None:
    transaction.on_commit(partial(delete_folder, instance.audio.storage, instance.folder))


@receiver(post_delete, sender=Rendition)
def _delete_rendition(instance: Rendition, **_kwargs: Any) -> None:
    _delete_on_commit(instance.file)


@receiver(post_delete, sender=Chore)
def _delete_what_it_came_with(instance: Chore, **_kwargs: Any) -> None:
    transaction.on_commit(partial(delete_folder, default_storage, instance.folder))


@receiver(post_delete, sender=Export)
def _delete_export(instance: Export, **_kwargs: Any) -> None:
    _delete_on_commit(instance.file)


@receiver(post_delete, sender=Clip)
def _delete_recording(instance: Clip, **_kwargs: Any) -> None:
    if instance.source != Clip.Source.SYNTHESISED:  # the bank looks after its own files
        _delete_on_commit(instance.file)
