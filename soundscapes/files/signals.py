"""Files go when their row goes, whichever way the row went."""

from __future__ import annotations

from typing import Any

from django.db.models.fields.files import FieldFile
from django.db.models.signals import post_delete
from django.dispatch import receiver

from soundscapes.files import journal
from soundscapes.models import BatchJob, Clip, Export, Generation, Image, Rendition


def _delete_on_commit(*files: FieldFile) -> None:
    if names := [str(file.name) for file in files if file]:
        journal.delete_on_commit(*names)


@receiver(post_delete, sender=Image)
def _delete_picture(instance: Image, **_kwargs: Any) -> None:
    _delete_on_commit(instance.file, instance.thumbnail)


@receiver(post_delete, sender=Generation)
def _delete_made_files(instance: Generation, **_kwargs: Any) -> None:
    journal.delete_on_commit(f"{instance.folder}/")


@receiver(post_delete, sender=Rendition)
def _delete_rendition(instance: Rendition, **_kwargs: Any) -> None:
    _delete_on_commit(instance.file)


@receiver(post_delete, sender=BatchJob)
def _delete_what_it_came_with(instance: BatchJob, **_kwargs: Any) -> None:
    journal.delete_on_commit(f"{instance.folder}/")


@receiver(post_delete, sender=Export)
def _delete_export(instance: Export, **_kwargs: Any) -> None:
    _delete_on_commit(instance.file)


@receiver(post_delete, sender=Clip)
def _delete_recording(instance: Clip, **_kwargs: Any) -> None:
    if instance.source != Clip.Source.SYNTHESISED:  # the bank looks after its own files
        _delete_on_commit(instance.file)
