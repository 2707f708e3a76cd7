"""Recordings of your own: private, in the mixer, in the export, and gone with the account."""

import io
import json
import zipfile
from dataclasses import replace
from threading import BoundedSemaphore

import pytest
from django.urls import reverse

from soundscapes.accounts import deletion, exports
from soundscapes.engine.layer_choices import LayerChoice
from soundscapes.engine.sound.credits import credits_text
from soundscapes.engine.sound.plan import Plan
from soundscapes.generations import generations, remixes
from soundscapes.images import images
from soundscapes.limits import storage
from soundscapes.models import Category, Clip, Generation
from soundscapes.sounds import own_recordings
from soundscapes.web.mixer import mixer_of
from tests import factories, sample_files
from tests.hostile.recordings import recording_bases
from tests.queue import work_off

pytestmark = pytest.mark.django_db

PAGE = "/account/recordings/"


def recording(number=1, sound_format="WAV"):
    data = sample_files.sound(sample_files.noise(1.5, number), sound_format)
    return sample_files.upload(data, "yard.wav")


def add(browser, category, upload=None, **fields):
    chosen = category.pk if category else ""
    values = {"title": "My yard", "category": chosen, "recording": upload or recording()}
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


@pytest.mark.parametrize("name", ["browser.webm", "opus.ogg", "memo.m4a"])
def test_what_browsers_record_is_taken(browser, sounds, name):
    upload = sample_files.upload(recording_bases()[name], name)
    assert add(browser, sounds[0].category, upload).status_code == 302


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


def test_few_recordings_are_read_at_once(browser, sounds, monkeypatch):
    monkeypatch.setattr(own_recordings, "_READING", BoundedSemaphore(1))
    with own_recordings._READING:
        answer = add(browser, sounds[0].category)
    assert (answer.status_code, "Try again in a few seconds" in answer.text) == (503, True)
    assert add(browser, sounds[0].category).status_code == 302


def test_a_full_account_takes_no_recording(browser, sounds, settings):
    settings.STORAGE_LIMIT = settings.NEW_STORAGE = 1000
    answer = add(browser, sounds[0].category)
    assert "enough storage" in answer.text
    assert not Clip.objects.filter(owner__isnull=False).exists()


def test_a_recording_is_nobody_else_s(sign_in, stranger, administrator, own, sounds):
    for user in (stranger, administrator):
        browser = sign_in(user)
        names = ("file", "edit", "prefer", "delete")
        for name in (f"recording_{each}" for each in names):
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


@pytest.fixture
def bell(browser, sounds):
    """A recording without a category."""
    assert add(browser, None, recording(9), title="Ship's bell").status_code == 302
    return Clip.objects.get(title="Ship's bell")


def with_bell(owner, made, bell):
    choices = made.current_choices()
    chosen = LayerChoice(len(choices) + 1, bell.category.slug)
    remix = remixes.create_remix(owner, made, [*choices, chosen])
    assert work_off() == []
    remix.refresh_from_db()
    assert remix.state == "ready", remix.error
    return remix


def test_a_recording_without_a_category_is_a_layer_of_its_own(browser, owner, made, bell):
    assert (bell.category.kind, bell.is_preferred) == ("occasional", False)
    assert f'value="{bell.category.slug}">Ship&#x27;s bell' in browser.get(url_of(made)).text
    remix = with_bell(owner, made, bell)
    layer = remix.layers.get(category=bell.category)
    assert layer.reason == "Chosen by hand: a recording of your own."
    assert remix.title.endswith("Ship's bell")
    assert bell.checksum in clips_in(remix)
    assert "Ship's bell:\n- “Ship's bell” by owner" in credits_text(Plan.from_json(remix.plan))
    answer = browser.get(reverse("api_generation", args=[remix.pk])).json()
    assert answer["layers"][-1]["label"] == "Ship's bell"
    assert "Ship&#x27;s bell" in browser.get(url_of(remix)).text
    assert list(Generation.objects.owned_by(owner).search("bell")) == [remix]


def test_a_layer_changes_to_a_recording_without_a_category(browser, made, bell, settings):
    settings.API_WAIT_SECONDS = 0.0
    slug = bell.category.slug
    row = browser.get(reverse("layer_row", args=[made.pk]), {"place": 1, "place-1-category": slug})
    assert f'value="{slug}" selected' in row.text
    preview = reverse("preview", args=[made.pk, 1, slug])
    assert browser.get(preview).status_code == 202
    assert work_off() == []
    assert browser.get(preview).status_code == 200


def test_a_recording_without_a_category_is_offered_to_nobody_else(sign_in, stranger, bell, sounds):
    theirs, slug = make(stranger), bell.category.slug
    browser = sign_in(stranger)
    assert slug not in browser.get(url_of(theirs)).text
    assert browser.get(reverse("preview", args=[theirs.pk, 1, slug])).status_code == 404
    query = {"place": 1, "place-1-category": slug}
    assert browser.get(reverse("layer_row", args=[theirs.pk]), query).status_code == 404
    for url in ("api_categories", "history", "recordings"):
        assert "Ship" not in browser.get(reverse(url)).text
    with pytest.raises(remixes.RemixError, match="no longer available"):
        with_bell(stranger, theirs, bell)


def test_what_stands_for_a_recording_goes_with_it(browser, owner, made, bell):
    category = bell.category
    remix = with_bell(owner, made, bell)
    deletion_of = reverse("recording_delete", args=[bell.pk])
    browser.post(deletion_of)
    assert "Ship&#x27;s bell" in browser.get(url_of(remix)).text
    remix.delete()
    browser.post(deletion_of)
    assert not Category.everything.filter(pk=category.pk).exists()


def test_no_ranking_contains_a_recording(owner, bell):
    assert bell.category not in Category.objects.offered()
    generation = make(owner)
    assert not generation.image.similarities.filter(category=bell.category).exists()


def url_of(generation):
    return generation.get_absolute_url()


def edit(browser, clip, title, category=None):
    fields = {"title": title, "category": category.pk if category else ""}
    return browser.post(reverse("recording_edit", args=[clip.pk]), fields)


def test_a_recording_is_renamed_and_moved(browser, owner, own, sounds):
    own_recordings.prefer(own, is_preferred=True)
    assert edit(browser, own, "Our yard", own.category).status_code == 302
    own.refresh_from_db()
    assert (own.title, own.is_preferred) == ("Our yard", True)
    assert edit(browser, own, "Our yard", sounds[1].category).status_code == 302
    own.refresh_from_db()
    assert (own.category, own.is_preferred) == (sounds[1].category, False)


def test_a_recording_loses_its_category_and_gets_one(browser, own, sounds):
    first = own.category
    edit(browser, own, "Yard")
    own.refresh_from_db()
    assert (own.category.is_private, own.category.label) == (True, "Yard")
    edit(browser, own, "Garden")
    own.refresh_from_db()
    assert own.category.label == "Garden"
    edit(browser, own, "Garden", first)
    assert not Category.everything.filter(is_private=True).exists()


def test_a_recording_keeps_its_name_if_the_new_one_is_wrong(browser, own):
    answer = edit(browser, own, "")
    assert answer.status_code == 200
    assert "This field is required" in answer.text
    assert "My yard" in answer.text
    own.refresh_from_db()
    assert own.title == "My yard"


def test_the_page_of_deletion_counts_recordings(browser, own, bell):
    assert (
        "<strong>2</strong> recordings of your own" in browser.get(reverse("delete_account")).text
    )
