"""Recordings that only their owner's soundscapes use."""

import io

import pytest
from django.db import connection

from soundscapes.models import Clip
from soundscapes.sounds import categories, own_recordings
from tests import factories, sample_files

pytestmark = pytest.mark.django_db


def recording():
    return io.BytesIO(sample_files.sound(sample_files.noise(1.0)))


@pytest.fixture
def own(owner, dog):
    return own_recordings.add_recording(owner, recording(), title="My dog", category=dog)


def test_only_its_owner_is_offered_a_recording(owner, stranger, own):
    assert list(Clip.objects.playable(owner)) == [own]
    assert not Clip.objects.playable(stranger).exists()
    assert not Clip.objects.playable().exists()
    assert not Clip.objects.shared().exists()


def test_two_people_may_have_the_same_recording(stranger, dog, own):
    twin = own_recordings.add_recording(stranger, recording(), title="Mine", category=dog)
    assert twin.checksum == own.checksum
    assert twin.file.name != own.file.name


def test_nobody_has_a_recording_twice(owner, dog, own):
    with pytest.raises(own_recordings.OwnRecordingError, match="already"):
        own_recordings.add_recording(owner, recording(), title="Again", category=dog)
    assert Clip.objects.get() == own


def test_a_category_with_a_recording_of_a_user_is_not_deleted(own):
    type(own.category).objects.update(target=None)
    own.category.refresh_from_db()
    with pytest.raises(categories.CategoryError, match="users' recordings"):
        categories.delete_category(own.category)


def test_a_soundscape_names_the_recordings_of_users_in_it(own):
    shared = factories.ClipFactory(category=own.category)
    named = [{"clip": own.checksum}, {"clip": shared.checksum}]
    for plan in ({"credits": named}, {"credits": [], "others": named}):  # now, or if it goes on
        generation = factories.GenerationFactory(ready=True, plan=plan)
        assert own_recordings.titles_in(generation) == ["My dog"]


def naming(clip, **values):
    plan = {"credits": [{"clip": clip.checksum}]}
    return factories.GenerationFactory(ready=True, plan=plan, **values)


def test_a_copy_of_its_owners_soundscape_keeps_a_recording(stranger, own):
    naming(own, owner=stranger, origin="Yard at noon")
    assert not own_recordings.delete_recording(own)
    own.refresh_from_db()
    assert not own.is_enabled


def test_soundscapes_of_others_with_the_same_recording_do_not_keep_it(stranger, dog, own):
    twin = own_recordings.add_recording(stranger, recording(), title="Mine", category=dog)
    naming(twin, owner=stranger)
    assert own_recordings.delete_recording(own)
    assert Clip.objects.get() == twin


def test_a_soundscape_planned_during_the_deletion_keeps_a_recording(owner, own):
    made = []

    def plan_first(execute, sql, params, many, context):
        if sql.startswith("SAVEPOINT") and not made:
            made.append(None)
            made[0] = naming(own, owner=owner)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(plan_first):
        assert not own_recordings.delete_recording(own)
    assert Clip.objects.filter(pk=own.pk).exists()
