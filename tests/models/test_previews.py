"""Sounds that somebody tries in a layer."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from soundscapes.models import Preview, State
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_preview_is_unique_and_a_ready_one_has_its_file():
    preview = factories.PreviewFactory()
    same = {"generation": preview.generation, "category": preview.category}
    for fields in (same, {"state": State.READY, "file": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            factories.PreviewFactory(**fields)


def test_the_file_is_in_the_folder_of_the_soundscape():
    preview = factories.PreviewFactory()
    assert preview.file.name.startswith(f"{preview.generation.folder}/")


def test_previews_of_deleted_soundscapes_are_hidden():
    preview = factories.PreviewFactory()
    assert list(Preview.objects.visible()) == [preview]
    preview.generation.deleted_at = timezone.now()
    preview.generation.save()
    assert not Preview.objects.visible().exists()


def test_finished_previews_of_a_user_are_listed_newest_first():
    older = factories.PreviewFactory()
    newer = factories.PreviewFactory(generation=older.generation)
    factories.PreviewFactory()
    factories.PreviewFactory(generation=older.generation, state=State.QUEUED)
    found = Preview.objects.finished_by(older.generation.owner)
    assert list(found) == [newer, older]
