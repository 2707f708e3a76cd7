"""Lookups that respond 404 for other users' objects, and local redirects.

tests/web/test_access.py tests every URL for every kind of user.
"""

from functools import partial

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.test import RequestFactory

from soundscapes.accounts import users
from soundscapes.http import access
from soundscapes.models import Image
from tests import factories

HERE, ELSEWHERE = "http://testserver/soundscapes/", "https://elsewhere.example/"


@pytest.mark.django_db
def test_other_users_objects_are_404(owner, stranger):
    generation = factories.GenerationFactory(owner=owner, ready=True)
    link = factories.ShareLinkFactory(generation=generation)
    token, _secret = users.create_token(owner, "phone")
    for lookup, key, row in (
        (access.image_or_404, generation.image_id, generation.image),
        (partial(access.owned_or_404, Image), generation.image_id, generation.image),
        (access.generation_or_404, generation.pk, generation),
        (access.finished_or_404, generation.pk, generation),
        (access.link_or_404, link.pk, link),
        (lambda user, key: access.token_or_404(user, public_id=key), token.public_id, token),
        (lambda user, key: access.token_or_404(user, token_key=key), token.token_key, token),
    ):
        assert lookup(owner, key) == row
        with pytest.raises(Http404):
            lookup(stranger, key)


@pytest.mark.django_db
def test_an_image_of_a_set_is_read_only(owner):
    image = factories.ImageFactory(of_set=True)
    assert access.image_or_404(owner, image.pk) == image
    with pytest.raises(Http404):
        access.owned_or_404(Image, owner, image.pk)


@pytest.mark.django_db
def test_an_unfinished_soundscape_is_404(owner):
    with pytest.raises(Http404, match="not ready"):
        access.finished_or_404(owner, factories.GenerationFactory(owner=owner).pk)


def test_a_view_without_required_sign_in_raises():
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with pytest.raises(TypeError, match="must require a signed-in user"):
        access.signed_in_user(request)


@pytest.mark.parametrize(("referer", "led_to"), [(HERE, HERE), (ELSEWHERE, "/a/"), ("", "/a/")])
def test_the_back_link_is_local(referer, led_to):
    request = RequestFactory().get("/", headers={"Referer": referer})
    assert access.back(request, "/a/") == led_to
