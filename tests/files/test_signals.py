"""Deletion of files with their rows."""

import pytest
from django.db import transaction

from soundscapes.images import images
from soundscapes.models import Clip, Generation, Image
from tests import factories, sample_files

pytestmark = pytest.mark.django_db


def test_a_deleted_image_loses_its_soundscapes_and_files(commit, stored):
    image = factories.ImageFactory()
    kept = factories.GenerationFactory(ready=True)
    theirs = {kept.audio.name, kept.image.file.name, kept.image.thumbnail.name}
    factories.GenerationFactory(image=image, owner=image.owner, ready=True)
    assert len(stored()) == 6
    with commit():
        image.delete()
    assert stored() == theirs


def test_a_deleted_user_loses_all_files(owner, commit, stored):
    image = images.upload_image(owner, sample_files.photo())  # also the user's latest image
    factories.GenerationFactory(owner=owner, image=image, ready=True)
    shared = factories.ImageFactory(of_set=True)
    factories.GenerationFactory(owner=owner, image=shared, ready=True)
    with commit():
        owner.delete()
    assert not Generation.objects.exists()
    assert stored() == {shared.file.name, shared.thumbnail.name}


def test_a_deleted_set_loses_its_images(commit, stored):
    image = factories.ImageFactory(of_set=True)
    with commit():
        image.image_set.delete()
    assert not Image.objects.exists()
    assert stored() == set()


def test_a_deleted_recording_loses_its_file_unlike_bank_clips(commit, stored):
    factories.ClipFactory()
    bank = factories.ClipFactory(source=Clip.Source.SYNTHESISED)
    with commit():
        Clip.objects.all().delete()
    assert stored() == {bank.file.name}


def test_a_deleted_conversion_loses_only_its_file(commit, stored):
    rendition = factories.RenditionFactory()
    others = stored() - {rendition.file.name}
    with commit():
        rendition.delete()
    assert stored() == others


def test_a_rolled_back_deletion_keeps_the_files(commit, stored):
    image = factories.ImageFactory()
    before = stored()

    with commit(), transaction.atomic():
        image.delete()
        transaction.set_rollback(True)
    assert Image.objects.exists()
    assert stored() == before
