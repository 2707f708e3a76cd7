"""Categories that an administrator adds: trial, clips, matching, disabling and deletion."""

from unittest.mock import patch

import numpy as np
import pytest

from soundscapes.engine.matching.offline.efficientnet import GRID
from soundscapes.engine.matching.offline.labels import load_labels
from soundscapes.engine.matching.packing import packed
from soundscapes.engine.matching.scene import NOTHING_SAID
from soundscapes.generations import generations
from soundscapes.images import images, matching
from soundscapes.models import BatchJob, Category, Clip, Generation, Image, Similarity, State
from soundscapes.sounds import bank, catalogue
from tests import factories, sample_files
from tests.admin.forms import done, form_errors, page, report, send_clips
from tests.queue import work_off

pytestmark = pytest.mark.django_db

FOUNTAIN = "a fountain\na fountain in a city square\nwater jets rising from a stone basin"


def send(browser, **fields):
    values = {
        "label": "a fountain",
        "slug": "",
        "group": "water",
        "kind": "bed",
        "gain_db": "-2",
        "sources": Category.Sources.RECORDINGS_FIRST,
        "is_enabled": "on",
        "prompts": FOUNTAIN,
    }
    return browser.post(page("soundscapes_category_add"), values | fields)


def recording():
    return sample_files.upload(sample_files.sound(sample_files.noise(1.0)), "fountain.wav")


def upload_clip(browser, category):
    batch_job = report(send_clips(browser, category, recording()))
    done(batch_job)
    browser.post(page("batch_job_step", batch_job.pk, "confirm"))
    done(batch_job)
    return Clip.objects.get(category=category)


@pytest.fixture
def fountain(browser):
    assert send(browser).status_code == 302
    return Category.objects.get(slug="a_fountain")


def test_a_category_is_added_with_a_slug_made_from_its_label(browser, fountain):
    assert (fountain.label, fountain.target, fountain.gain_db) == ("a fountain", None, -2.0)
    assert fountain.prompts == FOUNTAIN.split("\n")
    assert fountain not in Category.objects.offered()
    shown = browser.get(page("soundscapes_category_change", fountain.pk))
    assert f"{page('clip_upload')}?category={fountain.pk}" in shown.text
    assert "already exists" in form_errors(send(browser))
    assert "Enter a slug" in form_errors(send(browser, label="噴水"))
    assert send(browser, label="噴水", slug="funsui").status_code == 302


def test_names_and_numbers_of_stored_categories_stay(browser, fountain):
    dog = factories.category_named("dog")
    for category in (fountain, dog):
        before = (category.slug, category.target)
        values = {
            **{name: getattr(category, name) for name in ("group", "kind", "gain_db", "sources")},
            **{"label": "renamed", "prompts": "a place", "slug": "other", "target": 7},
        }
        url = page("soundscapes_category_change", category.pk)
        assert browser.post(url, values).status_code == 302
        category.refresh_from_db()
        assert (category.slug, category.target) == before
        assert category.label == "renamed"


@pytest.mark.usefixtures("sounds")
def test_an_added_category_is_tested_before_it_exists_and_added_on_request(browser):
    for _ in range(2):
        factories.ImageFactory(of_set=True)
    batch_job = done(report(send(browser, _try="Test")))
    assert not Category.objects.filter(target=None).exists()
    for row in batch_job.rows:
        assert row["note"].startswith("a fountain: rank ")
        tried = [sum(e["is_tried"] for e in row["details"][name]) for name in ("before", "after")]
        assert tried == [0, 1]
    shown = browser.get(page("soundscapes_batchjob_change", batch_job.pk)).text
    assert "Add the category" in shown
    assert "label=a+fountain" in shown
    assert browser.post(page("prompts_keep", batch_job.pk)).status_code == 302
    assert Category.objects.get(slug="a_fountain").prompts == FOUNTAIN.split("\n")
    again = browser.post(page("prompts_keep", batch_job.pk), follow=True)
    assert "already a category" in again.text


def test_a_trial_of_a_new_category_shows_what_is_wrong(browser):
    factories.ImageFactory(of_set=True)
    assert "at least one" in form_errors(send(browser, prompts=" ", _try="Test"))
    assert not BatchJob.objects.exists()


@pytest.mark.usefixtures("sounds")
def test_an_added_category_takes_part_as_soon_as_it_has_a_clip(browser, owner, fountain):
    image = images.upload_image(owner, sample_files.photo())
    matching.request_matching(image)
    assert work_off() == []
    assert not Similarity.objects.filter(category=fountain).exists()
    clip = upload_clip(browser, fountain)
    matching.request_matching(Image.objects.get())
    assert work_off() == []
    assert Similarity.objects.filter(category=fountain).exists()
    old = factories.GenerationFactory(owner=owner, image=image, ready=True)
    plan = old.plan
    generation = generations.create_generation(owner, image, duration=5, seed=1, layer_count=4)
    assert work_off() == []
    generation.refresh_from_db()
    assert clip.checksum in {credit["clip"] for credit in generation.plan["credits"]}
    old.refresh_from_db()
    assert (old.plan, old.state) == (plan, State.READY)


def see_a_fountain(image):
    """Store the encoding of a photo in which the classifier sees mostly a fountain."""
    labels = [label.name for label in load_labels()]
    chances = np.full((1 + GRID * GRID, len(labels)), 0.3 / len(labels), dtype=np.float32)
    chances[:, labels.index("fountain")] += 0.7
    encoding = matching.encoder().encoding_of(chances, NOTHING_SAID)
    factories.EmbeddingFactory(image=image, **packed(encoding))


def test_an_added_fountain_beats_the_fifty_where_one_is_seen(browser, owner, fountain, settings):
    settings.ESC50_ONLY = True
    catalogue.import_catalogue()
    Category.objects.exclude(pk=fountain.pk).update(awaits_clips=True)
    image = images.upload_image(owner, sample_files.photo())
    see_a_fountain(image)
    before = [match.category for match in matching.rank_image(image)]
    clip = upload_clip(browser, fountain)
    after = [match.category for match in matching.rank_image(image)]
    assert (before[0], after[0], len(after)) == ("pouring_water", "a_fountain", 51)
    generation = generations.create_generation(owner, image, duration=5, seed=1, layer_count=1)
    assert work_off() == []
    generation.refresh_from_db()
    assert [credit["clip"] for credit in generation.plan["credits"]] == [clip.checksum]
    assert generation.peaks


def test_an_added_category_borrows_the_synthesised_clips_of_another(browser, owner):
    water = factories.category_named("pouring_water")
    lent = factories.ClipFactory(category=water, source=Clip.Source.SYNTHESISED)
    factories.ClipFactory(category=water)  # a recording stays where it is
    factories.ImageFactory(of_set=True)
    batch_job = done(report(send(browser, recipe=water.pk, _try="Test")))
    shown = browser.get(page("soundscapes_batchjob_change", batch_job.pk)).text
    assert f"recipe={water.pk}" in shown
    browser.post(page("prompts_keep", batch_job.pk))
    fountain = Category.objects.get(slug="a_fountain")
    assert set(Category.objects.offered()) == {water, fountain}
    image = images.upload_image(owner, sample_files.photo())
    generation = generations.create_generation(owner, image, duration=5, seed=1)
    assert work_off() == []
    generation.refresh_from_db()
    assert generation.state == State.READY, generation.error
    used = {(credit["category"], credit["clip"]) for credit in generation.credits}
    assert ("a_fountain", lent.checksum) in used
    assert ("pouring_water", lent.checksum) not in used
    found = Clip.objects.playable().by_category(["a_fountain"])
    assert found == {"a_fountain": [lent]}
    Category.objects.filter(pk=fountain.pk).update(sources=Category.Sources.RECORDINGS)
    assert set(Category.objects.offered()) == {water}


def test_clips_that_a_category_borrows_are_made_when_they_are_needed(browser):
    water = factories.category_named("pouring_water")
    Category.objects.filter(pk=water.pk).update(awaits_clips=True)
    send(browser, recipe=water.pk)
    assert {row.slug for row in Category.objects.offered()} == {"pouring_water", "a_fountain"}
    with patch.object(bank, "import_bank") as made:
        bank.make_awaited(["a_fountain"])
    made.assert_called_once_with(["pouring_water"])


def test_an_added_category_that_nothing_names_is_deleted_with_its_clips(
    browser, fountain, django_capture_on_commit_callbacks
):
    clip = upload_clip(browser, fountain)
    url = page("soundscapes_category_delete", fountain.pk)
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(url, {"post": "yes"}).status_code == 302
    assert not Category.objects.filter(pk=fountain.pk).exists()
    assert not clip.file.storage.exists(clip.file.name)


@pytest.mark.parametrize("named_by", ["a layer", "a plan", "a muted layer of a remix", "a clip"])
def test_a_category_that_a_soundscape_names_is_disabled_instead(browser, fountain, named_by):
    clip = factories.ClipFactory(category=fountain)
    if named_by == "a layer":
        factories.LayerFactory(category=fountain)
    plans = {
        "a plan": {"plan": {"layers": [{"category": "a_fountain"}], "credits": []}},
        "a muted layer of a remix": {"layer_choices": [{"place": 1, "category": "a_fountain"}]},
        "a clip": {"plan": {"layers": [], "credits": [{"clip": clip.checksum}]}},
    }
    factories.GenerationFactory(ready=True, **plans.get(named_by, {}))
    delete = {"post": "yes", "action": "delete_selected", "_selected_action": [fountain.pk]}
    for url in (
        page("soundscapes_category_delete", fountain.pk),
        page("soundscapes_category_changelist"),
    ):
        assert "Disable it instead" in browser.post(url, delete).text
    assert Category.objects.filter(pk=fountain.pk).exists()
    assert Generation.objects.exists()


def test_the_fifty_of_esc50_cannot_be_deleted(browser):
    dog = factories.category_named("dog")
    url = page("soundscapes_category_delete", dog.pk)
    assert "Disable it instead" in browser.post(url, {"post": "yes"}).text
    assert Category.objects.filter(pk=dog.pk).exists()


def test_a_job_for_a_deleted_category_says_so(browser, fountain):
    batch_job = report(send_clips(browser, fountain, recording()))
    fountain.delete()
    work_off()
    batch_job.refresh_from_db()
    assert "The category has been deleted" in batch_job.error
