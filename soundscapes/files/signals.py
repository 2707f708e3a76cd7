"""Deletion of a row's files with the row, in whichever way it is deleted."""

from typing import Any

from django.db.models import Model
from django.db.models.signals import post_delete

from soundscapes.files import columns, journal
from soundscapes.files.columns import FileColumn


def register(*file_columns: FileColumn) -> None:
    columns.register(*file_columns)
    for model in {column.model for column in file_columns}:
        post_delete.connect(_delete_files, sender=model, dispatch_uid=model._meta.label)


def _delete_files(sender: type[Model], instance: Model, **_kwargs: Any) -> None:
    own = [column for column in columns.columns_of(sender) if column.is_own(instance)]
    names = [f"{column.folder}/{instance.pk}/" for column in own if column.owns_folder]
    if not names:
        files = (getattr(instance, column.column) for column in own)
        names = [str(file.name) for file in files if file]
    if names:
        journal.delete_on_commit(*names)
