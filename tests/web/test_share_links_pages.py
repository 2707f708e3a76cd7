"""Sharing: the section of a soundscape's page, and the list of links."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from soundscapes.generations import share_links
from soundscapes.models import ShareLink
from soundscapes.web.share_links import PAGE_SIZE
from tests import factories
from tests.web.pages import inline_code

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def url(generation):
    return reverse("share", args=[generation.pk])


def test_a_soundscape_without_links_is_described_as_private(browser, generation):
    page = browser.get(generation.get_absolute_url()).text
    assert "Only you can open this soundscape" in page
    assert 'class="link-row' not in page


def test_a_link_is_created_and_shown_with_its_expiry(browser, generation, url):
    answer = browser.post(url)
    assert answer.url == generation.get_absolute_url() + "#share"
    link = ShareLink.objects.get()
    assert timedelta(days=29) < link.expires_at - timezone.now() <= timedelta(days=30)
    assert not link.shows_picture
    page = browser.get(answer.url).text
    assert f'value="http://testserver{link.path}"' in page
    assert f"{link.expires_at:%Y}" in page
    assert "without the image" in page


@pytest.mark.parametrize(("days", "lasts"), [("1", 1), ("7", 7), ("90", 90), ("0", None)])
def test_a_link_has_the_chosen_lifetime_and_visibility(browser, url, days, lasts):
    browser.post(url, {"days": days, "shows_picture": "on"})
    link = ShareLink.objects.get()
    assert link.shows_picture
    assert (link.expires_at is None) == (lasts is None)
    if lasts:
        assert abs(link.expires_at - timezone.now() - timedelta(days=lasts)) < timedelta(minutes=1)


def test_with_htmx_only_the_section_is_replaced(browser, url):
    answer = browser.post(url, {"days": "7"}, **HTMX)
    assert answer.status_code == 200
    assert "Link created." in answer.text
    assert "<html" not in answer.text
    link = ShareLink.objects.get()
    answer = browser.post(reverse("revoke_link", args=[link.pk]), **HTMX)
    assert "Link revoked" in answer.text
    assert "<html" not in answer.text
    assert link.token not in answer.text


@pytest.mark.parametrize("htmx", [HTMX, {}], ids=["htmx", "plain"])
def test_errors_are_shown_at_the_form_and_keep_its_values(browser, url, generation, htmx):
    factories.ShareLinkFactory.create_batch(share_links.MAX_LINKS, generation=generation)
    answer = browser.post(url, {"days": "90", "shows_picture": "on"}, **htmx)
    assert answer.status_code == 400
    assert "Revoke one first" in answer.text
    assert '<option value="90" selected>' in answer.text
    assert 'name="shows_picture" checked' in answer.text
    assert ShareLink.objects.count() == share_links.MAX_LINKS
    ShareLink.objects.all().delete()
    answer = browser.post(url, {"days": "12345"}, **htmx)
    assert answer.status_code == 400
    assert "field-error" in answer.text
    assert not ShareLink.objects.exists()


def test_revoking_a_link_returns_to_the_list(browser, generation, client):
    link = factories.ShareLinkFactory(generation=generation)
    revoke = reverse("revoke_link", args=[link.pk])
    listed = reverse("links")
    assert revoke in browser.get(listed).text
    assert client.get(link.path).status_code == 200
    answer = browser.post(revoke, headers={"Referer": f"http://testserver{listed}"})
    assert answer.url.endswith(listed)
    assert "Link revoked" in browser.get(listed).text
    assert client.get(link.path).status_code == 404
    assert browser.post(revoke).status_code == 404


def test_the_list_shows_own_links_with_their_expiry(browser, owner, stranger, generation):
    assert "You have no share links" in browser.get(reverse("links")).text
    link = factories.ShareLinkFactory(generation=generation)
    endless = factories.ShareLinkFactory(generation=generation, expires_at=None)
    ended = factories.ShareLinkFactory(generation=generation, expires_at=timezone.now())
    theirs = factories.ShareLinkFactory(generation__owner=stranger)
    page = browser.get(reverse("links")).text
    for mine in (link, endless, ended):
        assert mine.token in page
    assert theirs.token not in page
    for words in ("Expires on", "Never expires", "Expired on"):
        assert page.count(words) == 1
    assert page.count("data-copy") == 2  # not for the expired link
    assert inline_code(page) == []


def test_the_list_is_paginated(browser, owner):
    for _number in range(PAGE_SIZE + 1):
        factories.ShareLinkFactory(generation__owner=owner)
    first = browser.get(reverse("links"))
    second = browser.get(reverse("links"), {"page": 2})
    assert first.text.count('class="link-row') == PAGE_SIZE
    assert second.text.count('class="link-row') == 1
    assert browser.get(reverse("links"), {"page": "x"}).status_code == 200


def test_only_the_owner_can_share(generation, url, stranger, sign_in, client):
    link = factories.ShareLinkFactory(generation=generation)
    revoke = reverse("revoke_link", args=[link.pk])
    for path in (url, revoke):
        assert sign_in(stranger).post(path).status_code == 404
        assert client.post(path).url.startswith(reverse("account_login"))
        assert sign_in(generation.owner).get(path).status_code == 405
    assert client.get(reverse("links")).url.startswith(reverse("account_login"))
    assert ShareLink.objects.get() == link
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(generation.owner)
    assert strict.post(url).status_code == strict.post(revoke).status_code == 403


def test_an_unfinished_soundscape_cannot_be_shared(browser, owner):
    queued = factories.GenerationFactory(owner=owner)
    assert browser.post(reverse("share", args=[queued.pk])).status_code == 404
    assert browser.post(reverse("share", args=[uuid4()])).status_code == 404
    assert 'id="share"' not in browser.get(queued.get_absolute_url()).text


def test_the_list_needs_a_constant_number_of_queries(browser, owner, generation, queries_of):
    counts = {"list": set(), "page": set()}
    for _number in range(3):
        link = factories.ShareLinkFactory(generation__owner=owner)
        factories.LayerFactory.create_batch(2, generation=link.generation)
        factories.ShareLinkFactory(generation=generation)
        counts["list"].add(queries_of(lambda: browser.get(reverse("links"))))
        counts["page"].add(queries_of(lambda: browser.get(generation.get_absolute_url())))
    assert {name: len(found) for name, found in counts.items()} == {"list": 1, "page": 1}
