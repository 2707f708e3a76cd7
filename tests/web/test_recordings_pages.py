"""Recordings of your own: private, in the mixer, in the export, and gone with the account."""

import io
import json
import zipfile
from dataclasses import replace

import pytest
from django.urls import reverse

from soundscapes.accounts import deletion, exports
from soundscapes.generations import generations, remixes
from soundscapes.images import images
from soundscapes.limits import storage
from soundscapes.models import Category, Clip, Generation
from soundscapes.sounds import own_recordings
from soundscapes.web.mixer import mixer_of
from tests import factories, sample_files
from tests.queue import work_off

pytestmark = pytest.mark.django_db

PAGE = "/account/recordings/"


@pytest.fixture
def browser(sign_in, owner):
    return sign_in(owner)


def recording(number=1, sound_format="WAV"):
    data = sample_files.sound(sample_files.noise(1.5, number), sound_format)
    return sample_files.upload(data, "yard.wav")


def add(browser, category, upload=None, **fields):
    values = {"title": "My yard", "category": category.pk, "recording": upload or recording()}
    return browser.post(PAGE, values | fields)


@pytest.fixture
def own(browser, sounds):
    assert add(browser, sounds[0].category).status_code == 302
    return Clip.objects.get(owner__isnull=False)


def make(user, **options):
    image = images.upload_image(user, sample_files.photo())
    generation = generations.create_generation(user, image, duration=5, seed=7, **options)
    assert work_off() == []
    generation.refresh_from_db()
    return generation


def clips_in(generation):
    return {credit["clip"] for credit in generation.credits}


def test_a_recording_is_uploaded_listed_and_heard(browser, owner, own):
    assert (own.title, own.author, own.is_preferred) == ("My yard", "owner", False)
    assert own.size == own.file.size == storage.usage(owner).used
    assert "My yard" in browser.get(PAGE).text
    assert browser.get(reverse("recording_file", args=[own.pk])).status_code == 200


@pytest.mark.parametrize("sound_format", ["OGG", "FLAC", "MP3"])
def test_other_formats_are_taken(browser, sounds, sound_format):
    answer = add(browser, sounds[0].category, recording(2, sound_format))
    assert answer.status_code == 302


def test_what_is_no_recording_says_why(browser, sounds, settings):
    category = sounds[0].category
    answer = add(browser, category, sample_files.upload(b"text", "a.wav"))
    assert (answer.status_code, "cannot be read" in answer.text) == (200, True)
    settings.OWN_RECORDING_BYTES = 1000
    assert add(browser, category).status_code == 413
    settings.OWN_RECORDING_BYTES, settings.OWN_RECORDINGS = 10**7, 1
    assert add(browser, category).status_code == 302
    assert "the maximum" in add(browser, category, recording(3)).text
    settings.OWN_RECORDINGS = 2
    assert "already" in add(browser, category).text
    assert Clip.objects.filter(owner__isnull=False).count() == 1


def test_a_full_account_takes_no_recording(browser, sounds, settings):
    settings.STORAGE_LIMIT = settings.NEW_STORAGE = 1000
    answer = add(browser, sounds[0].category)
    assert "enough storage" in answer.text
    assert not Clip.objects.filter(owner__isnull=False).exists()


def test_a_recording_is_nobody_else_s(sign_in, stranger, administrator, own, sounds):
    for user in (stranger, administrator):
        browser = sign_in(user)
        for name in ("recording_file", "recording_prefer", "recording_delete"):
            url = reverse(name, args=[own.pk])
            call = browser.get if name == "recording_file" else browser.post
            assert call(url).status_code == 404
        assert "My yard" not in browser.get(PAGE).text
        assert "My yard" not in browser.get(reverse("api_clips")).text
        assert browser.get(reverse("api_clip", args=[own.pk])).status_code == 404
    assert browser.get(reverse("clip_file", args=[own.pk])).status_code == 404
    assert "My yard" not in browser.get(reverse("admin:soundscapes_clip_changelist")).text
    Clip.objects.filter(pk=own.pk).update(is_preferred=True)
    theirs = make(stranger)
    assert own.checksum not in clips_in(theirs)
    assert own not in {clip for row in mixer_of(theirs).rows for clip in row.clips}


def test_two_people_and_the_site_may_have_the_same_recording(own, stranger, sounds):
    for user in (stranger, None):
        twin = factories.ClipFactory(
            category=sounds[0].category, owner=user, checksum=own.checksum, data=own.file.read()
        )
        own.file.seek(0)
        assert twin.file.name != own.file.name


def test_a_recording_is_used_where_it_was_chosen(owner, own):
    generation = make(owner)
    assert own.checksum not in clips_in(generation)
    assert own in {clip for row in mixer_of(generation).rows for clip in row.clips}
    choices = generation.current_choices()
    chosen = [
        replace(choice, clip=own.checksum) if choice.category == own.category.slug else choice
        for choice in choices
    ]
    remix = remixes.create_remix(owner, generation, chosen)
    assert work_off() == []
    remix.refresh_from_db()
    assert own.checksum in clips_in(remix)


def test_a_preferred_recording_is_always_used_for_its_category(browser, owner, own, sounds):
    url = reverse("recording_prefer", args=[own.pk])
    assert browser.post(url, {"is_preferred": "on"}).status_code == 302
    generation = make(owner)
    assert own.checksum in clips_in(generation)
    assert sounds[0].checksum not in clips_in(generation)
    assert browser.post(url).status_code == 302
    assert not Clip.objects.get(pk=own.pk).is_preferred


def test_a_soundscape_with_an_own_recording_says_so_before_it_is_shared(browser, owner, own):
    own_recordings.prefer(own, is_preferred=True)
    shown = browser.get(make(owner).get_absolute_url()).text
    assert "recordings of your own: My yard" in shown


def test_a_recording_that_a_plan_names_is_retired(browser, owner, own):
    own_recordings.prefer(own, is_preferred=True)
    make(owner)
    assert browser.post(reverse("recording_delete", args=[own.pk])).status_code == 302
    own.refresh_from_db()
    assert (own.is_enabled, own.is_preferred) == (False, False)
    Generation.objects.all().delete()
    browser.post(reverse("recording_delete", args=[own.pk]))
    assert not Clip.objects.filter(pk=own.pk).exists()


def test_recordings_are_exported_and_go_with_the_account(owner, own):
    export = exports.request_export(owner)
    assert work_off() == []
    export.refresh_from_db()
    with zipfile.ZipFile(io.BytesIO(export.file.read())) as archive:
        (row,) = json.loads(archive.read("recordings.json"))
        assert (row["title"], row["category"]) == ("My yard", own.category.slug)
        assert any(name.startswith("recordings/My yard") for name in archive.namelist())
    deletion.leave(owner)
    work_off()
    assert not Clip.objects.filter(pk=own.pk).exists()
    assert Category.objects.filter(pk=own.category_id).exists()
