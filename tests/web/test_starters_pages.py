"""The empty studio: starter images that create a first soundscape with one click."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from soundscapes.engine.scenes import SCENES
from soundscapes.images import images
from soundscapes.models import Generation, Image, ImageSet
from soundscapes.web.studio import STARTERS
from tests import factories
from tests.queue import work_off
from tests.web.pages import inline_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawn():
    """Create the rows of the scenes without their files."""
    image_set = ImageSet.objects.create(name=images.SCENES_SET)
    rows = [
        factories.ImageFactory(
            owner=None, image_set=image_set, title=scene.title, source=scene.source
        )
        for scene in SCENES
    ]
    for age, row in enumerate(reversed(rows)):
        Image.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(hours=age))
    return rows


def test_the_empty_studio_shows_six_scenes_in_order(browser, drawn):
    page = browser.get(reverse("studio"))
    assert list(page.context["starters"]) == drawn[:STARTERS]
    assert STARTERS == 6
    for scene, image in zip(SCENES, drawn[:STARTERS], strict=False):
        assert reverse("thumbnail", args=[image.pk]) in page.text
        assert reverse("create_from", args=[image.pk]) in page.text
        assert f'alt="{scene.alt}"' in page.text
        assert browser.get(reverse("thumbnail", args=[image.pk])).status_code == 200
    assert page.text.count('class="starter"') == STARTERS
    assert inline_code(page.text) == []


@pytest.mark.usefixtures("sounds")
def test_one_click_creates_the_first_soundscape(browser, owner, drawn):
    answer = browser.post(reverse("create_from", args=[drawn[0].pk]))
    generation = Generation.objects.get()
    assert (generation.owner, generation.image) == (owner, drawn[0])
    assert answer.status_code == 302
    assert answer.url == generation.get_absolute_url()
    assert work_off() == []
    assert reverse("audio", args=[generation.pk]) in browser.get(answer.url).text


@pytest.mark.parametrize("fields", [{"ready": True}, {}], ids=["finished", "unfinished"])
def test_users_with_soundscapes_see_those_instead(browser, owner, drawn, fields):
    factories.GenerationFactory(owner=owner, **fields)
    assert 'class="starter"' not in browser.get(reverse("studio")).text


def test_an_inactive_set_is_not_offered(browser, drawn):
    ImageSet.objects.update(is_active=False)
    assert "starters-heading" not in browser.get(reverse("studio")).text


def test_the_empty_studio_needs_a_constant_number_of_queries(browser, queries_of, drawn):
    many = queries_of(lambda: browser.get(reverse("studio")))
    Image.objects.exclude(pk=drawn[0].pk).delete()
    assert queries_of(lambda: browser.get(reverse("studio"))) == many


def test_others_images_are_404(browser, stranger, client, drawn):
    theirs = factories.ImageFactory(owner=stranger)
    for pk in (theirs.pk, uuid4()):
        assert browser.post(reverse("create_from", args=[pk])).status_code == 404
    url = reverse("create_from", args=[drawn[0].pk])
    assert client.post(url).url.startswith(reverse("account_login"))
    assert browser.get(url).status_code == 405
    assert not Generation.objects.exists()


def test_invalid_options_are_rejected_with_a_message(browser, drawn):
    url = reverse("create_from", args=[drawn[0].pk])
    answer = browser.post(url, {"duration": 10**9})
    assert answer.status_code == 400
    assert "Duration in seconds" in answer.text
    assert not Generation.objects.exists()
