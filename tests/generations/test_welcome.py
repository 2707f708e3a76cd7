"""The soundscape on the welcome page."""

import pytest

from soundscapes.generations import share_links, welcome
from soundscapes.images import images
from soundscapes.models import Generation, ShareLink
from tests import factories
from tests.queue import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(owner):
    return factories.ShareLinkFactory(
        generation=factories.GenerationFactory(owner=owner, ready=True), shows_picture=True
    )


def shown():
    return ShareLink.objects.live().welcome().first()


@pytest.mark.usefixtures("sounds")
def test_a_scene_is_shown_once_it_is_rendered(administrator, client):
    images.import_scenes(lambda _done, _total: None)
    assert welcome.request_first(administrator)
    assert shown() is None
    assert "Hear this image" not in client.get("/").text
    assert work_off() == []
    link = shown()
    assert link.generation.owner == administrator
    assert link.expires_at is None
    page = client.get("/").text
    assert f"{link.path}audio.wav" in page
    assert client.get(f"{link.path}thumbnail.webp")["Content-Type"] == "image/webp"


def test_without_scenes_nothing_is_requested(administrator):
    assert not welcome.request_first(administrator)
    assert not Generation.objects.exists()


def test_an_owner_shows_a_link_in_place_of_another_and_hides_it(owner, link):
    before = factories.ShareLinkFactory(generation=link.generation, is_welcome=True)
    assert welcome.toggle(owner, link)
    assert list(ShareLink.objects.welcome()) == [link]
    before.refresh_from_db()
    link.refresh_from_db()
    assert not welcome.toggle(owner, link)
    assert shown() is None


def test_nobody_shows_the_soundscape_of_somebody_else(stranger, link):
    with pytest.raises(welcome.WelcomeError, match="Only the owner"):
        welcome.toggle(stranger, link)
    assert shown() is None


def test_a_revoked_link_leaves_the_welcome_page(owner, link, client):
    welcome.toggle(owner, link)
    assert link.path in client.get("/").text
    share_links.revoke(link)
    assert client.get("/").status_code == 200
    assert "Hear" not in client.get("/").text


def test_a_hidden_image_stays_hidden(owner, client):
    generation = factories.GenerationFactory(owner=owner, ready=True)
    link = factories.ShareLinkFactory(generation=generation, is_welcome=True)
    assert "thumbnail" not in client.get("/").text
    assert client.get(f"{link.path}thumbnail.webp").status_code == 404
