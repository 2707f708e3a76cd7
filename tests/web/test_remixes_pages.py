"""Remixing in the browser."""

import re

import pytest
from django.urls import reverse

from soundscapes.models import Generation
from tests import factories
from tests.queue import work_off

pytestmark = pytest.mark.django_db


def as_it_is(generation):
    return {
        f"place-{layer.rank}-{name}": value
        for layer in generation.layers.all()
        for name, value in (("category", layer.category.slug), ("position", layer.position))
    }


def third(original):
    taken = {layer.category.slug for layer in original.layers.all()}
    return ({"sea_waves", "dog", "chirping_birds"} - taken).pop()


def test_saving_creates_a_remix_next_to_its_parent(browser, original):
    sent = as_it_is(original) | {"place-1-gain_db": "-6", "place-2-is_muted": "on"}
    answer = browser.post(reverse("remix", args=[original.pk]), sent)
    remix = Generation.objects.get(parent=original)
    assert answer.url == remix.get_absolute_url()
    assert [(c.gain_db, c.is_muted) for c in remix.choices] == [(-6, False), (0, True)]
    assert work_off() == []
    for one, other in ((original, remix), (remix, original)):
        page = browser.get(one.get_absolute_url()).text
        assert "Soundscapes of this image" in page
        assert other.get_absolute_url() in page
    assert "remix" in page


def test_nothing_changed_makes_no_remix(browser, original):
    answer = browser.post(reverse("remix", args=[original.pk]), as_it_is(original))
    assert answer.status_code == 400
    assert "Nothing changed" in answer.text
    assert Generation.objects.count() == 1


def test_a_remix_has_a_name_that_is_shown_and_escaped(browser, original):
    sent = as_it_is(original) | {"place-1-gain_db": "-6", "remix_name": "softer <rain>"}
    browser.post(reverse("remix", args=[original.pk]), sent)
    assert Generation.objects.get(parent=original).remix_name == "softer <rain>"
    assert work_off() == []
    for page in (original.get_absolute_url(), reverse("history")):
        assert "softer &lt;rain&gt;" in browser.get(page).text.replace("Softer", "softer")


@pytest.mark.parametrize("name", ["x" * 61, "soft\u202erain"])
def test_a_name_that_is_too_long_or_invisible_is_refused(browser, original, name):
    sent = as_it_is(original) | {"place-1-gain_db": "-6", "remix_name": name}
    answer = browser.post(reverse("remix", args=[original.pk]), sent)
    assert answer.status_code == 400
    assert "Name: " in answer.text
    assert Generation.objects.count() == 1


def test_saving_in_place_follows_the_remix_and_then_shows_it(browser, original):
    htmx = {"HX-Request": "true"}
    sent = as_it_is(original) | {"place-1-gain_db": "-6"}
    started = browser.post(reverse("remix", args=[original.pk]), sent, headers=htmx)
    remix = Generation.objects.get(parent=original)
    following = reverse("remix_saving", args=[remix.pk])
    assert f'hx-get="{following}?seen={remix.version}"' in started.text
    assert browser.get(following, {"seen": remix.version}, headers=htmx).status_code == 204
    assert work_off() == []
    saved = browser.get(following, headers=htmx)
    assert saved["HX-Push-Url"] == remix.get_absolute_url()
    assert saved["HX-Retarget"] == "closest .soundscape"
    assert f'data-continues="{reverse("audio", args=[original.pk])}"' in saved.text


def test_a_remix_that_fails_says_so_in_place(browser, original):
    failed = factories.GenerationFactory(
        owner=original.owner, parent=original, state="failed", error="It cannot be rendered."
    )
    answer = browser.get(reverse("remix_saving", args=[failed.pk]), headers={"HX-Request": "true"})
    assert "It cannot be rendered." in answer.text
    assert "hx-get" not in answer.text


def test_a_layer_s_own_sound_comes_back_as_it_is_saved(browser, original):
    sent = as_it_is(original) | {"place-1-gain_db": "-6"}
    browser.post(reverse("remix", args=[original.pk]), sent)
    assert work_off() == []
    remix = Generation.objects.get(parent=original)
    slug = remix.layers.get(rank=1).category.slug
    query = {"place": "1", "place-1-category": slug}
    row = browser.get(reverse("layer_row", args=[remix.pk]), query).text
    assert 'data-gain="-6.0"' in row


def test_a_rejected_remix_keeps_its_settings(browser, original):
    slug = original.layers.get(rank=1).category.slug
    sent = as_it_is(original) | {"place-2-category": slug, "place-1-gain_db": "-7"}
    answer = browser.post(reverse("remix", args=[original.pk]), sent)
    assert answer.status_code == 400
    assert "Two layers use" in answer.text
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
def test_invalid_values_are_rejected_with_the_layer_s_number(browser, original, fields):
    answer = browser.post(reverse("remix", args=[original.pk]), as_it_is(original) | fields)
    assert answer.status_code == 400
    assert "Layer 1" in answer.text
    assert Generation.objects.count() == 1


def test_replacing_a_layer_never_repeats_a_category(browser, original):
    url = reverse("layer_row", args=[original.pk])
    query = as_it_is(original) | {"place": "1", "next": "1"}
    answer = browser.get(url, query)
    first = original.layers.get(rank=1).category.slug
    assert f'value="{third(original)}" selected' in answer.text
    assert f'name="place-1-rejected" value="{first}"' in answer.text
    assert "Audible after you save" in answer.text
    query |= {"place-1-category": third(original), "place-1-rejected": first}
    assert browser.get(url, query).status_code == 204


def test_the_pins_follow_a_replaced_layer(browser, original):
    image = original.image.similarities
    image.update(evidence="f00/000/000")
    image.filter(category__slug=third(original)).update(evidence="000/000/00f")
    chosen = as_it_is(original) | {"place": "2", "place-2-category": third(original)}
    answer = browser.get(reverse("layer_row", args=[original.pk]), chosen).text
    assert f'id="places-{original.pk}" aria-hidden="true" hx-swap-oob="true"' in answer
    kept, moved = re.findall(r'<g data-place="\d"><circle cx="([\d.]+)%', answer)
    assert float(kept) < 50 < float(moved)


def test_a_layer_can_be_added(browser, original):
    url = reverse("layer_row", args=[original.pk])
    added = browser.get(url, as_it_is(original) | {"next": "1"})
    assert 'data-place="3"' in added.text
    chosen = browser.get(url, {"place": "3", "place-3-category": third(original)})
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
def test_an_invalid_row_is_no_error(browser, original, query, status):
    assert browser.get(reverse("layer_row", args=[original.pk]), query).status_code == status


@pytest.mark.parametrize(
    ("name", "method"), [("remix", "post"), ("layer_row", "get"), ("stems", "get")]
)
def test_the_mixer_is_private_to_its_owner(name, method, original, sign_in, stranger, client):
    url = reverse(name, args=[original.pk])
    assert getattr(sign_in(stranger), method)(url).status_code == 404
    assert getattr(client, method)(url).status_code in (302, 401)


def test_an_unfinished_soundscape_has_no_mixer(browser, owner):
    unfinished = factories.GenerationFactory(owner=owner)
    assert browser.post(reverse("remix", args=[unfinished.pk])).status_code == 404
    assert browser.get(reverse("remix", args=[unfinished.pk])).status_code == 405
