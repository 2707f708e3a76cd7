"""Lookups that answer 404 for what is not yours, and ways back that stay on this site.

Every address is tried as everybody in tests/web/test_access.py.
"""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.test import RequestFactory

from soundscapes.accounts import users
from soundscapes.http import access
from tests import factories

HERE, ELSEWHERE = "http://testserver/soundscapes/", "https://elsewhere.example/"


@pytest.mark.django_db
def test_one_s_own_is_found_and_somebody_else_s_is_404(owner, stranger):
    generation = factories.GenerationFactory(owner=owner, ready=True)
    link = factories.ShareLinkFactory(generation=generation)
    token, _secret = users.create_token(owner, "phone")
    for lookup, key, row in (
        (access.image_or_404, generation.image_id, generation.image),
        (access.own_image_or_404, generation.image_id, generation.image),
        (access.generation_or_404, generation.pk, generation),
        (access.finished_or_404, generation.pk, generation),
        (access.link_or_404, link.pk, link),
        (access.api_token_or_404, token.public_id, token),
        (access.token_or_404, token.token_key, token),
    ):
        assert lookup(owner, key) == row
        with pytest.raises(Http404):
            lookup(stranger, key)


@pytest.mark.django_db
def test_a_image_of_a_set_can_be_seen_and_not_changed(owner):
    image = factories.ImageFactory(of_set=True)
    assert access.image_or_404(owner, image.pk) == image
    with pytest.raises(Http404):
        access.own_image_or_404(owner, image.pk)


@pytest.mark.django_db
def test_what_is_not_ready_cannot_be_heard(owner):
    with pytest.raises(Http404, match="not ready"):
        access.finished_or_404(owner, factories.GenerationFactory(owner=owner).pk)


def test_a_view_that_forgot_to_require_signing_in_fails_loudly():
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with pytest.raises(TypeError, match="must require signing in"):
        access.signed_in_user(request)


@pytest.mark.parametrize(("wanted", "led_to"), [("/a/", "/a/"), (ELSEWHERE, ""), ("", "")])
def test_the_next_page_is_one_of_this_site(wanted, led_to):
    assert access.next_page(RequestFactory().get("/", {"next": wanted})) == led_to
    assert access.next_page(RequestFactory().post("/", {"next": wanted})) == led_to


@pytest.mark.parametrize(("referer", "led_to"), [(HERE, HERE), (ELSEWHERE, "/a/"), ("", "/a/")])
def test_the_way_back_leads_to_this_site_alone(referer, led_to):
    request = RequestFactory().get("/", headers={"Referer": referer})
    assert access.back(request, "/a/") == led_to
