"""Categories in the admin: descriptions, trials and sources."""

import pytest
from django.contrib.admin.models import LogEntry

from soundscapes.images import images, matching
from soundscapes.jobs import queue
from soundscapes.models import BatchJob, Category, Clip, Image, Similarity, State
from tests import factories, sample_files
from tests.admin.forms import done, form_errors, page, report
from tests.queue import waiting, work_off

pytestmark = pytest.mark.django_db


def change_category(browser, category, **fields):
    values = {
        "label": category.label,
        "group": category.group,
        "kind": category.kind,
        "gain_db": category.gain_db,
        "sources": category.sources,
        "is_enabled": "on",
        "prompts": "\n".join(category.prompts),
    }
    return browser.post(page("soundscapes_category_change", category.pk), values | fields)


def test_the_clips_of_categories_are_set_individually_or_together(browser, dog):
    assert change_category(browser, dog, sources=Category.Sources.ALL).status_code == 302
    dog.refresh_from_db()
    assert dog.sources == Category.Sources.ALL
    for action, sources in (
        ("play_synthesised", Category.Sources.SYNTHESISED),
        ("play_recordings", Category.Sources.RECORDINGS_FIRST),
    ):
        values = {"action": action, "_selected_action": [dog.pk]}
        assert browser.post(page("soundscapes_category_changelist"), values).status_code == 302
        dog.refresh_from_db()
        assert dog.sources == sources


def test_descriptions_are_edited_as_lines(browser, dog):
    shown = browser.get(page("soundscapes_category_change", dog.pk)).text
    assert "\n".join(dog.prompts[:2]) in shown
    answer = change_category(browser, dog, prompts="  a puppy \r\n\r\na kennel\r\n")
    assert answer.status_code == 302
    dog.refresh_from_db()
    assert dog.prompts == ["a puppy", "a kennel"]


@pytest.mark.usefixtures("sounds")
def test_an_image_is_ranked_by_new_descriptions_on_the_next_request(browser, dog, owner):
    image = images.upload_image(owner, sample_files.photo())
    matching.request_matching(image)
    assert work_off() == []
    answer = change_category(browser, dog, gain_db=-3.0)
    matching.request_matching(Image.objects.get())
    assert (answer.status_code, waiting()) == (302, [])
    change_category(browser, dog, prompts="a whippet")
    score = Similarity.objects.get(category=dog).score
    matching.request_matching(Image.objects.get())
    assert len(waiting()) == 1
    assert work_off() == []
    assert Similarity.objects.get(category=dog).score != score
    assert Image.objects.get().state == State.READY


@pytest.mark.parametrize("prompts", ["", " \r\n \r\n"])
def test_a_category_needs_a_description(browser, dog, prompts):
    kept = dog.prompts
    assert "at least one" in form_errors(change_category(browser, dog, prompts=prompts))
    dog.refresh_from_db()
    assert dog.prompts == kept


def test_saving_unchanged_changes_nothing(browser, dog):
    before = Category.objects.filter(pk=dog.pk).values().get()
    assert change_category(browser, dog).status_code == 302
    assert Category.objects.filter(pk=dog.pk).values().get() == before


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


def test_descriptions_are_tested_and_saved_on_request(browser, sounds):
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


def test_a_trial_without_descriptions_is_rejected(browser, sounds):
    factories.ImageFactory(of_set=True)
    answer = send_trial(browser, sounds[1].category, " ")
    assert "at least one description" in str(answer.context["adminform"].form.errors)
    assert not BatchJob.objects.exists()


def test_a_trial_without_images_says_what_to_do(browser, sounds):
    url = send_trial(browser, sounds[1].category, "a puppy").url
    assert "Upload some to a set" in browser.get(url).text


def test_too_many_or_too_long_descriptions_are_rejected(browser, sounds):
    dog = sounds[1].category
    for prompts, words in (("a\n" * 41, "at most 40 descriptions"), ("a" * 301, "300 characters")):
        answer = send_trial(browser, dog, prompts)
        assert words in str(answer.context["adminform"].form.errors)


def test_a_category_shows_its_rankings_and_clip_counts(browser, sounds):
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
