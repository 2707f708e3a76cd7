"""Recordings that only their owner's soundscapes use."""

import io

import pytest

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
    with pytest.raises(categories.CategoryError, match="recordings of users"):
        categories.delete_category(own.category)


def test_a_soundscape_names_the_recordings_of_users_in_it(own):
    shared = factories.ClipFactory(category=own.category)
    named = [{"clip": own.checksum}, {"clip": shared.checksum}]
    for plan in ({"credits": named}, {"credits": [], "others": named}):  # now, or if it goes on
        generation = factories.GenerationFactory(ready=True, plan=plan)
        assert own_recordings.titles_in(generation) == ["My dog"]
