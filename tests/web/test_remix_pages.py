"""The mixer, as a browser uses it."""

import io
import json
import zipfile

import pytest
from django.urls import reverse

from soundscapes.mixes import generations
from soundscapes.models import Generation
from soundscapes.pictures import images
from tests import factories, sample_files
from tests.queue import work_off
from tests.web.pages import inline_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(sign_in, owner):
    return sign_in(owner)


@pytest.fixture
def original(owner, sounds):
    image = images.upload_image(owner, sample_files.photo())
    generations.create_generation(owner, image, duration=5, seed=7, layer_count=2)
    assert work_off() == []
    return Generation.objects.get()


def as_it_is(generation):
    return {
        f"place-{layer.rank}-{name}": value
        for layer in generation.layers.all()
        for name, value in (("category", layer.category.slug), ("position", layer.position))
    }


def third(original):
    taken = {layer.category.slug for layer in original.layers.all()}
    return ({"sea_waves", "dog", "chirping_birds"} - taken).pop()


def test_every_layer_can_be_changed_without_scripts_and_without_dragging(browser, original):
    page = browser.get(original.get_absolute_url()).text
    for place in (1, 2):
        for name in ("category", "gain_db", "position", "is_muted"):
            assert f'name="place-{place}-{name}"' in page
    assert reverse("remix", args=[original.pk]) in page
    assert inline_code(page) == []


def test_saving_makes_a_version_that_stands_beside_its_parent(browser, original):
    sent = as_it_is(original) | {"place-1-gain_db": "-6", "place-2-is_muted": "on"}
    answer = browser.post(reverse("remix", args=[original.pk]), sent)
    remix = Generation.objects.get(parent=original)
    assert answer.url == remix.get_absolute_url()
    assert [(c.gain_db, c.is_muted) for c in remix.choices] == [(-6, False), (0, True)]
    assert work_off() == []
    for one, other in ((original, remix), (remix, original)):
        page = browser.get(one.get_absolute_url()).text
        assert "Versions of this picture" in page
        assert other.get_absolute_url() in page
    assert "Muted in this version" in page or "remix" in page


def test_what_is_refused_keeps_what_was_set(browser, original):
    slug = original.layers.get(rank=1).category.slug
    sent = as_it_is(original) | {"place-2-category": slug, "place-1-gain_db": "-7"}
    answer = browser.post(reverse("remix", args=[original.pk]), sent)
    assert answer.status_code == 400
    assert "twice" in answer.text
    assert 'value="-7.0"' in answer.text
    assert Generation.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"place-1-gain_db": "loud"},
        {"place-1-gain_db": "99"},
        {"place-1-position": "nan"},
        {"place-1-position": "-2"},
        {"place-1-category": "a b\0c"},
    ],
    ids=str,
)
def test_values_that_cannot_be_are_refused_with_the_sound_s_number(browser, original, fields):
    answer = browser.post(reverse("remix", args=[original.pk]), as_it_is(original) | fields)
    assert answer.status_code == 400
    assert "Sound 1" in answer.text
    assert Generation.objects.count() == 1


def test_not_this_one_brings_the_next_best_and_never_what_was_passed_over(browser, original):
    address = reverse("layer_row", args=[original.pk])
    query = as_it_is(original) | {"place": "1", "next": "1"}
    answer = browser.get(address, query)
    first = original.layers.get(rank=1).category.slug
    assert f'value="{third(original)}" selected' in answer.text
    assert f'name="place-1-rejected" value="{first}"' in answer.text
    assert "Heard once you save" in answer.text
    query |= {"place-1-category": third(original), "place-1-rejected": first}
    assert browser.get(address, query).status_code == 204


def test_a_sound_can_be_added_by_hand(browser, original):
    address = reverse("layer_row", args=[original.pk])
    added = browser.get(address, as_it_is(original) | {"next": "1"})
    assert 'data-place="3"' in added.text
    chosen = browser.get(address, {"place": "3", "place-3-category": third(original)})
    assert 'name="place-3-gain_db"' in chosen.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"place": "0"}, 204),
        ({"place": "x"}, 204),
        ({"place": "9" * 5000}, 204),
        ({"place": "1", "place-1-category": "unicorn"}, 404),
        ({"place": "1"}, 404),
    ],
)
def test_a_row_that_cannot_be_is_no_failure(browser, original, query, status):
    assert browser.get(reverse("layer_row", args=[original.pk]), query).status_code == status


def test_why_is_told_with_words_scores_runners_up_encoder_and_licence(browser, original):
    page = browser.get(original.get_absolute_url()).text
    layer = original.layers.get(rank=1)
    assert layer.reason.split("“")[0] in page
    assert third(original).replace("_", " ").split()[0] in page.lower()  # the runner-up
    assert original.encoder_name in page
    assert "Licence of the mix" in page
    assert "CC BY" in page


def test_the_stems_come_as_a_zip_with_credits_and_plan(browser, original):
    answer = browser.get(reverse("stems", args=[original.pk]))
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert archive.testzip() is None
        sounds = [name for name in archive.namelist() if name.endswith(".wav")]
        assert sounds == [f"{x.rank} {x.category.slug}.wav" for x in original.layers.all()]
        assert "Ada" in archive.read("credits.txt").decode()
        assert json.loads(archive.read("plan.json")) == original.plan
        first = original.layers.get(rank=1)
        with first.stem.open("rb") as file:
            assert archive.read(sounds[0]) == file.read()


def test_every_download_is_offered_and_comes_under_a_name(browser, original):
    page = browser.get(original.get_absolute_url()).text
    for name in ("audio", "stems", "plan", "credits"):
        address = reverse(name, args=[original.pk])
        assert address in page
        assert "attachment" in browser.get(address + "?download")["Content-Disposition"]
    for name in ("flac", "ogg", "mp3"):
        assert f"format={name}" in page


def test_without_stems_there_is_no_zip_and_the_desk_says_when_it_is_heard(browser, owner):
    old = factories.GenerationFactory(owner=owner, ready=True)
    factories.LayerFactory(generation=old, rank=1)
    page = browser.get(old.get_absolute_url()).text
    assert "data-without-stems" in page
    assert reverse("stems", args=[old.pk]) not in page
    assert browser.get(reverse("stems", args=[old.pk])).status_code == 404


@pytest.mark.parametrize(
    ("name", "method"), [("remix", "post"), ("layer_row", "get"), ("stems", "get")]
)
def test_the_desk_is_its_owner_s_alone(name, method, original, sign_in, stranger, client):
    address = reverse(name, args=[original.pk])
    assert getattr(sign_in(stranger), method)(address).status_code == 404
    assert getattr(client, method)(address).status_code in (302, 401)


def test_one_that_is_not_ready_has_no_desk(browser, owner):
    unfinished = factories.GenerationFactory(owner=owner)
    assert browser.post(reverse("remix", args=[unfinished.pk])).status_code == 404
    assert browser.get(reverse("remix", args=[unfinished.pk])).status_code == 405
