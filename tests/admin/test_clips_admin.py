"""Clips in the admin: uploads, credits and actions."""

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import modelform_factory
from django.urls import reverse

from soundscapes.admin.clips import ClipForm
from soundscapes.files.storage import WholeFileStorage
from soundscapes.models import Category, Clip
from soundscapes.models.batch_jobs import Outcome
from soundscapes.sounds import clips
from tests import factories, sample_files
from tests.admin.forms import done, form_errors, page, report, send_clips
from tests.queue import work_off
from tests.releases import small_release

pytestmark = pytest.mark.django_db


def send_clip(browser, category, data=None, **fields):
    credit = {"title": "My dog", "author": "Me", "licence": "CC0", "is_enabled": "on"}
    credit["collection"] = "Recorded by myself"
    chosen = {} if data is None else {"upload": sample_files.upload(data, "dog.flac", "audio/flac")}
    values = {"category": category.pk, **credit, **chosen, **fields}
    return browser.post(page("soundscapes_clip_add"), values)


def test_an_uploaded_recording_becomes_a_clip(browser, dog, stored):
    assert dog not in Category.objects.offered()
    data = sample_files.sound(sample_files.noise(0.5), "FLAC")
    assert send_clip(browser, dog, data).status_code == 302
    clip = Clip.objects.get()
    assert (clip.title, clip.author, clip.source) == ("My dog", "Me", Clip.Source.UPLOAD)
    assert clip.duration == pytest.approx(0.5)
    assert stored() == {clip.file.name}
    assert dog in Category.objects.offered()
    assert browser.get(reverse("clip_file", args=[clip.pk])).status_code == 200


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "Choose a recording"),
        (b"", "empty"),
        (b"This is a letter.", "cannot be read as audio"),
        (sample_files.sound(sample_files.noise(0.05)), "shorter than 0.2 s"),
        (sample_files.sound(sample_files.noise(0.5) * 0), "silent"),
    ],
    ids=["none", "empty", "text", "short", "silent"],
)
def test_invalid_recordings_are_rejected_with_a_message(browser, dog, stored, data, words):
    assert words in form_errors(send_clip(browser, dog, data))
    assert not Clip.objects.exists()
    assert stored() == set()


def test_a_duplicate_recording_is_rejected(browser, dog):
    data = sample_files.sound(sample_files.noise(0.5))
    send_clip(browser, dog, data)
    assert "already exists as a clip" in form_errors(send_clip(browser, dog, data, title="Again"))


@pytest.mark.django_db(transaction=True)
def test_a_recording_is_decoded_and_stored_while_others_can_write(browser, dog, transactions_in):
    decoding = transactions_in(clips, "read_recording")
    storing = transactions_in(WholeFileStorage, "_save")
    data = sample_files.sound(sample_files.noise(0.5))
    assert send_clip(browser, dog, data).status_code == 302
    assert (decoding, storing) == ([False], [False])
    assert LogEntry.objects.get().object_id == str(Clip.objects.get().pk)


def test_a_form_that_is_sent_twice_at_once_adds_one_clip(browser, dog, stored, monkeypatch):
    data = sample_files.sound(sample_files.noise(0.5))
    add = clips.add_clip

    def second(clip, recording):
        monkeypatch.setattr(clips, "add_clip", add)
        send_clip(browser, dog, data)
        return add(clip, recording)

    monkeypatch.setattr(clips, "add_clip", second)
    answer = send_clip(browser, dog, data)
    clip = Clip.objects.get()
    assert page("soundscapes_clip_change", clip.pk) in browser.get(answer.url).text
    assert stored() == {clip.file.name}


def test_a_clip_s_credits_are_edited_and_its_recording_is_kept(browser, dog):
    clip = factories.ClipFactory(category=dog)
    fields = {"title": "Rex", "category": dog.pk, "author": "Bea", "licence": "CC0"}
    fields["url"] = "freesound.org/s/1/"
    assert browser.post(page("soundscapes_clip_change", clip.pk), fields).status_code == 302
    before = clip.checksum, clip.file.name
    clip.refresh_from_db()
    assert (clip.title, clip.author, clip.is_enabled) == ("Rex", "Bea", False)
    assert clip.url == "https://freesound.org/s/1/"
    assert (clip.checksum, clip.file.name) == before


def test_clips_are_disabled_and_enabled_together(browser):
    chosen = [clip.pk for clip in factories.ClipFactory.create_batch(2)]
    other = factories.ClipFactory()
    for action, is_enabled in (("disable", False), ("enable", True)):
        fields = {"action": action, "_selected_action": chosen}
        browser.post(page("soundscapes_clip_changelist"), fields)
        states = Clip.objects.filter(pk__in=chosen).values_list("is_enabled", flat=True)
        assert set(states) == {is_enabled}
    other.refresh_from_db()
    assert other.is_enabled


def test_recordings_are_uploaded_together(browser, dog):
    uploads = [
        sample_files.upload(
            sample_files.sound(sample_files.noise(0.5, 1), "FLAC"), "bark_one.flac"
        ),
        sample_files.upload(sample_files.sound(sample_files.noise(0.5, 2), "OGG"), "bark_two.ogg"),
        sample_files.upload(sample_files.sound(sample_files.noise(0.5) * 0), "silence.wav"),
    ]
    batch_job = done(report(send_clips(browser, dog, *uploads)))
    assert [row["outcome"] for row in batch_job.rows] == ["new", "new", "refused"]
    browser.post(page("batch_job_step", batch_job.pk, "confirm"))
    done(batch_job)
    assert set(dog.clips.values_list("title", "collection")) == {
        ("bark one", "My yard"),
        ("bark two", "My yard"),
    }
    shown = browser.get(page("soundscapes_clip_changelist")).text
    assert shown.count('class="waveform"') == 2
    assert shown.count('preload="none"') == 2


def test_clips_are_moved_to_another_category(browser, dog):
    clip = factories.ClipFactory(category=factories.category_named("cat"))
    fields = {"action": "move", "_selected_action": [clip.pk], "target": dog.pk}
    browser.post(page("soundscapes_clip_changelist"), fields)
    clip.refresh_from_db()
    assert clip.category == dog
    assert browser.get(reverse("clip_file", args=[clip.pk])).status_code == 200


def test_clips_are_measured_again_by_the_worker(browser, dog):
    clip = factories.ClipFactory(category=dog)
    Clip.objects.update(loudness=0.0)
    fields = {"action": "measure_again", "_selected_action": [clip.pk]}
    done(report(browser.post(page("soundscapes_clip_changelist"), fields)))
    clip.refresh_from_db()
    assert clip.loudness < -10


def test_esc50_is_imported_from_an_upload(browser, dog, tmp_path):
    factories.category_named("wind")
    data = small_release().zip(tmp_path / "esc50.zip").read_bytes()
    fields = {"upload": sample_files.upload(data, "esc50.zip"), "esc10_only": "on"}
    batch_job = done(report(browser.post(page("esc50_import"), fields)))
    assert batch_job.counts == {Outcome.NEW.label: 2}
    assert Clip.objects.count() == 2


def test_a_path_without_a_release_fails_with_a_message(browser, dog, tmp_path):
    batch_job = report(browser.post(page("esc50_import"), {"path": str(tmp_path / "none")}))
    work_off()
    shown = browser.get(page("soundscapes_batchjob_change", batch_job.pk)).text
    assert "does not exist" in shown
    assert "Resume" in shown


class Unread(SimpleUploadedFile):
    """An upload that reports its size and must not be read."""

    def read(self, *_size):
        raise AssertionError("It was read.")


def test_an_upload_s_size_is_checked_before_it_is_read():
    upload = Unread("huge", b"")
    upload.size = 800 * 2**20
    form = modelform_factory(Clip, ClipForm, fields=["title", "collection"])({}, {"upload": upload})
    (message,) = form.errors["upload"]
    assert "The file is larger than 256 MB" in message


@pytest.mark.parametrize("way", ["its own page", "the list"])
def test_a_clip_that_a_plan_names_cannot_be_deleted(browser, way):
    clip, free = factories.ClipFactory(), factories.ClipFactory()
    factories.GenerationFactory(plan={"credits": [{"clip": clip.checksum}]})
    for row in (clip, free):
        if way == "the list":
            fields = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
            browser.post(page("soundscapes_clip_changelist"), fields)
        else:
            browser.post(page("soundscapes_clip_delete", row.pk), {"post": "yes"})
    shown = browser.get(page("soundscapes_clip_delete", clip.pk)).text
    assert "Disable it instead" in shown
    assert list(Clip.objects.all()) == [clip]
