"""Uploads of many, their reports, and what is done with lists of rows."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from soundscapes.jobs import queue
from soundscapes.models import BatchJob, Category, Clip, Image, State
from soundscapes.models.batch_jobs import Outcome
from tests import factories, sample_files, zips
from tests.queue import waiting, work_off
from tests.releases import small_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(sign_in, administrator):
    return sign_in(administrator)


@pytest.fixture
def image_set():
    return factories.ImageSetFactory()


@pytest.fixture
def dog():
    return factories.category_named("dog")


def page(name, *args) -> str:
    return reverse(f"admin:{name}", args=args)


def report(answer) -> BatchJob:
    """The batch_job to whose page one was sent."""
    assert answer.status_code == 302, answer.context["form"].errors
    return BatchJob.objects.get(pk=answer.url.rstrip("/").split("/")[-2])


def done(batch_job) -> BatchJob:
    assert work_off() == []
    batch_job.refresh_from_db()
    return batch_job


def send_pictures(browser, image_set, *uploads, **fields):
    values = {"image_set": image_set.pk if image_set else "", "author": "Ada", **fields}
    return browser.post(page("image_upload"), values | {"chosen": list(uploads)})


def send_clips(browser, category, *uploads, **fields):
    credit = {"author": "Ada", "source": "My yard", "licence": "CC0"}
    values = {"category": category.pk, **credit, **fields}
    return browser.post(page("clip_upload"), values | {"chosen": list(uploads)})


def errors(answer) -> str:
    assert answer.status_code == 200
    return str(answer.context["form"].errors)


# Pictures


def test_pictures_are_looked_at_first_and_taken_in_when_confirmed(browser, image_set):
    archive = zips.packed({"a.jpg": sample_files.photo(1), "../b.jpg": sample_files.photo(2)})
    answer = send_pictures(
        browser,
        image_set,
        sample_files.upload(archive, "many.zip"),
        sample_files.upload(sample_files.photo(3)),
    )
    batch_job = report(answer)
    assert batch_job.is_trial
    assert waiting() == [(queue.TASK,)]
    assert "Waiting" in browser.get(answer.url).text
    done(batch_job)
    shown = browser.get(answer.url).text
    assert "Take in the 2 new" in shown
    assert "out of the ZIP" in shown
    assert not Image.objects.exists()
    browser.post(page("batch_job_step", batch_job.pk, "confirm"))
    done(batch_job)
    assert {image.author for image in image_set.images.all()} == {"Ada"}
    assert image_set.images.count() == 2
    assert "Take in" not in browser.get(answer.url).text


def test_a_dry_run_without_anything_new_offers_nothing(browser, image_set):
    batch_job = done(report(send_pictures(browser, image_set, sample_files.upload(b"Dear all"))))
    shown = browser.get(page("soundscapes_batchjob_change", batch_job.pk)).text
    assert "nothing to take in" in shown


@pytest.mark.parametrize(
    ("has_set", "uploads", "words"),
    [(False, [sample_files.photo()], "Choose the set"), (True, [], "Choose the files")],
)
def test_what_is_left_out_is_said_in_sentences(browser, image_set, has_set, uploads, words):
    chosen = [sample_files.upload(data) for data in uploads]
    answer = send_pictures(browser, image_set if has_set else None, *chosen)
    assert words in errors(answer)
    assert not BatchJob.objects.exists()


def test_the_upload_page_knows_the_set_it_was_opened_from(browser, image_set):
    shown = browser.get(page("image_upload"), {"set": image_set.pk}).text
    assert f'<option value="{image_set.pk}" selected>' in shown
    assert page("image_upload") in browser.get(page("soundscapes_image_changelist")).text


def test_pictures_are_moved_to_another_set_unless_it_has_them(browser, image_set):
    images = factories.ImageFactory.create_batch(2, of_set=True)
    factories.ImageFactory(owner=None, image_set=image_set, checksum=images[1].checksum)
    chosen = {"action": "move", "_selected_action": [image.pk for image in images]}
    asked = browser.post(page("soundscapes_image_changelist"), chosen)
    assert asked.status_code == 200
    assert "Move 2 images" in asked.text
    fields = chosen | {"target": image_set.pk}
    answer = browser.post(page("soundscapes_image_changelist"), fields, follow=True)
    assert "1 pictures are in" in answer.text
    assert "1 stay where they are" in answer.text
    assert set(image_set.images.all()) >= {images[0]}
    assert LogEntry.objects.get().object_id == str(images[0].pk)


def test_a_move_without_a_target_is_asked_for_again(browser):
    image = factories.ImageFactory(of_set=True)
    fields = {"action": "move", "_selected_action": [image.pk], "target": ""}
    assert "Choose where" in browser.post(page("soundscapes_image_changelist"), fields).text


def test_a_picture_becomes_the_cover_of_its_set(browser):
    image = factories.ImageFactory(of_set=True)
    fields = {"action": "use_as_cover", "_selected_action": [image.pk]}
    browser.post(page("soundscapes_image_changelist"), fields)
    image.image_set.refresh_from_db()
    assert image.image_set.cover == image
    shown = browser.get(page("soundscapes_imageset_changelist")).text
    assert reverse("thumbnail", args=[image.pk]) in shown
    image.delete()
    image.image_set.refresh_from_db()
    assert image.image_set.cover is None


def test_two_covers_are_one_too_many(browser):
    images = factories.ImageFactory.create_batch(2, of_set=True)
    fields = {"action": "use_as_cover", "_selected_action": [image.pk for image in images]}
    answer = browser.post(page("soundscapes_image_changelist"), fields, follow=True)
    assert "a set has one cover" in answer.text


def test_pictures_are_encoded_again_by_the_worker(browser, sounds):
    image = factories.ImageFactory(of_set=True)
    fields = {"action": "encode_again", "_selected_action": [image.pk]}
    batch_job = report(browser.post(page("soundscapes_image_changelist"), fields))
    assert not image.similarities.exists()
    done(batch_job)
    assert image.similarities.count() == len(sounds)


def test_pictures_are_deleted_with_their_files(browser, stored, django_capture_on_commit_callbacks):
    image = factories.ImageFactory(of_set=True)
    factories.GenerationFactory(image=image)
    fields = {"action": "delete_selected", "_selected_action": [image.pk]}
    asked = browser.post(page("soundscapes_image_changelist"), fields)
    assert "Generations: 1" in asked.text
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(page("soundscapes_image_changelist"), fields | {"post": "yes"})
    assert not Image.objects.exists()
    assert stored() == set()


def test_asking_to_delete_takes_as_many_queries_for_many_as_for_one(browser, queries_of):
    counts = []
    for number in (1, 5):
        images = factories.ImageFactory.create_batch(number, of_set=True)
        for image in images:
            factories.SimilarityFactory(image=image)
        keys = [image.pk for image in images]
        fields = {"action": "delete_selected", "_selected_action": keys}
        address = page("soundscapes_image_changelist")
        counts.append(queries_of(lambda a=address, f=fields: browser.post(a, f)))
    assert len(set(counts)) == 1


# Clips


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


def test_recordings_need_author_source_and_licence(browser, dog):
    upload = sample_files.upload(sample_files.sound(sample_files.noise(0.5)), "a.wav")
    said = errors(send_clips(browser, dog, upload, author="", source="", licence=""))
    for words in ("who recorded", "where this comes from", "which licence"):
        assert words in said


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


# ESC-50


def test_esc50_is_imported_from_an_upload(browser, dog, tmp_path):
    factories.category_named("wind")
    data = small_release().zip(tmp_path / "esc50.zip").read_bytes()
    fields = {"upload": sample_files.upload(data, "esc50.zip"), "esc10_only": "on"}
    batch_job = done(report(browser.post(page("esc50_import"), fields)))
    assert batch_job.counts == {Outcome.NEW.label: 2}
    assert Clip.objects.count() == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [({}, "one of the two"), ({"path": "relative/path"}, "whole path")],
)
def test_esc50_needs_a_zip_or_a_whole_path(browser, fields, words):
    assert words in errors(browser.post(page("esc50_import"), fields))


def test_a_path_without_a_release_fails_in_words(browser, dog, tmp_path):
    batch_job = report(browser.post(page("esc50_import"), {"path": str(tmp_path / "none")}))
    work_off()
    shown = browser.get(page("soundscapes_batchjob_change", batch_job.pk)).text
    assert "There is no" in shown
    assert "Go on" in shown


# Trials of descriptions


def send_trial(browser, category, prompts):
    fields = {
        "label": category.label,
        "group": category.group,
        "kind": category.kind,
        "gain_db": category.gain_db,
        "sources": category.sources,
        "is_enabled": "on",
        "prompts": prompts,
        "_try": "Try",
    }
    return browser.post(page("soundscapes_category_change", category.pk), fields)


def test_descriptions_are_tried_and_then_saved_or_not(browser, sounds):
    dog = sounds[1].category
    factories.ImageFactory(of_set=True)
    kept = dog.prompts
    batch_job = report(send_trial(browser, dog, "a brown puppy\na kennel"))
    assert waiting() == [(queue.TASK,)]
    done(batch_job)
    shown = browser.get(page("soundscapes_batchjob_change", batch_job.pk)).text
    assert "a kennel" in shown
    assert "Before" in shown
    dog.refresh_from_db()
    assert dog.prompts == kept
    browser.post(page("prompts_keep", batch_job.pk))
    dog.refresh_from_db()
    assert dog.prompts == ["a brown puppy", "a kennel"]
    assert LogEntry.objects.filter(object_id=str(dog.pk)).exists()


def test_a_trial_of_nothing_is_refused_by_the_form(browser, sounds):
    factories.ImageFactory(of_set=True)
    answer = send_trial(browser, sounds[1].category, " ")
    assert "At least one description" in str(answer.context["adminform"].form.errors)
    assert not BatchJob.objects.exists()


def test_a_trial_without_pictures_says_what_to_do(browser, sounds):
    address = send_trial(browser, sounds[1].category, "a puppy").url
    assert "Upload some to a set" in browser.get(address).text


def test_too_many_or_too_long_descriptions_are_refused(browser, sounds):
    dog = sounds[1].category
    for prompts, words in (("a\n" * 41, "40 is the most"), ("a" * 301, "300 characters")):
        answer = send_trial(browser, dog, prompts)
        assert words in str(answer.context["adminform"].form.errors)


def test_a_category_says_how_often_it_was_found_and_what_clips_it_has(browser, sounds):
    dog = sounds[1].category
    factories.ClipFactory(category=dog, source=Clip.Source.ESC50)
    for rank in (1, 1, 3):
        factories.SimilarityFactory(category=dog, rank=rank)
    factories.SimilarityFactory(category=dog, rank=1, encoder="another")
    row = (
        browser.get(page("soundscapes_category_changelist"))
        .context["cl"]
        .result_list.get(pk=dog.pk)
    )
    assert (row.first_count, row.second_count, row.third_count) == (2, 0, 1)
    assert (row.clip_count, row.esc50_count, row.upload_count) == (2, 1, 1)
    assert "2 times first" in browser.get(page("soundscapes_category_change", dog.pk)).text


# Following


def test_progress_is_a_part_of_the_page(browser, image_set):
    batch_job = report(send_pictures(browser, image_set, sample_files.upload(sample_files.photo())))
    part = browser.get(page("batch_job_progress", batch_job.pk)).text
    assert 'data-state="active"' in part
    assert "<html" not in part
    done(batch_job)
    assert 'data-state="final"' in browser.get(page("batch_job_progress", batch_job.pk)).text


def test_a_batch_job_is_cancelled_and_goes_on(browser, image_set):
    batch_job = report(send_pictures(browser, image_set, sample_files.upload(sample_files.photo())))
    browser.post(page("batch_job_step", batch_job.pk, "cancel"))
    work_off()
    batch_job.refresh_from_db()
    assert batch_job.state == State.CANCELLED
    again = browser.post(page("batch_job_step", batch_job.pk, "cancel"), follow=True)
    assert "nothing was done" in again.text
    browser.post(page("batch_job_step", batch_job.pk, "retry"))
    assert done(batch_job).state == State.READY
    assert LogEntry.objects.filter(object_id=str(batch_job.pk)).count() == 3


def test_steps_need_a_post_and_a_step_that_there_is(browser, image_set):
    batch_job = factories.BatchJobFactory()
    assert browser.get(page("batch_job_step", batch_job.pk, "confirm")).status_code == 405
    answer = browser.post(page("batch_job_step", batch_job.pk, "explode"), follow=True)
    assert "nothing was done" in answer.text


def test_the_web_process_looks_at_no_picture_of_an_upload(browser, image_set, monkeypatch):
    def never(*_arguments, **_options):
        raise AssertionError("decoded inside a request")

    monkeypatch.setattr("soundscapes.pictures.images.check_photo", never)
    monkeypatch.setattr("soundscapes.pictures.matching.encoder", never)
    batch_job = report(send_pictures(browser, image_set, sample_files.upload(sample_files.photo())))
    assert browser.get(page("soundscapes_batchjob_change", batch_job.pk)).status_code == 200
    assert Category.objects.count() == 0
