"""Soundscapes in other formats, next to the WAV."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from soundscapes.models import Rendition, State
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_format_is_unique_and_a_ready_one_has_its_file():
    rendition = factories.RenditionFactory()
    for fields in (
        {"generation": rendition.generation, "format": rendition.format},
        {"state": State.READY, "file": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            factories.RenditionFactory(**fields)


def test_the_file_is_in_the_folder_of_the_soundscape():
    rendition = factories.RenditionFactory()
    assert rendition.file.name.startswith(f"{rendition.generation.folder}/")


def test_conversions_of_deleted_soundscapes_are_hidden():
    rendition = factories.RenditionFactory()
    assert list(Rendition.objects.visible()) == [rendition]
    rendition.generation.deleted_at = timezone.now()
    rendition.generation.save()
    assert not Rendition.objects.visible().exists()
