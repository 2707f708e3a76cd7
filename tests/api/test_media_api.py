"""Files under /media/: types and access."""

from uuid import uuid4

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from soundscapes.accounts import users
from soundscapes.api.authentication import CHALLENGE
from soundscapes.images import images
from soundscapes.models import User
from tests import factories, sample_files

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(autouse=True, params=["in a folder", "in a bucket"])
def _where_files_are(request):
    if request.param == "in a bucket":
        request.getfixturevalue("bucket")


@pytest.fixture
def url(generation):
    return reverse("audio", args=[generation.pk])


@pytest.mark.parametrize(
    ("name", "kind", "mark"),
    [("image_file", "image/jpeg", b"\xff\xd8\xff"), ("thumbnail", "image/webp", b"RIFF")],
)
def test_the_owner_gets_an_image_with_its_type(browser, owner, name, kind, mark):
    image = images.upload_image(owner, sample_files.photo())
    answer = browser.get(reverse(name, args=[image.pk]))
    assert answer["Content-Type"] == kind
    assert answer.getvalue().startswith(mark)


@pytest.mark.parametrize("name", ["image_file", "thumbnail"])
def test_all_signed_in_users_can_open_a_set_s_image(browser, client, name):
    url = reverse(name, args=[factories.ImageFactory(of_set=True).pk])
    assert browser.get(url).status_code == 200
    assert client.get(url).status_code == 401


@pytest.mark.parametrize("name", ["image_file", "thumbnail", "audio"])
def test_files_are_private_to_their_owner(name, generation, sign_in, stranger, client):
    key = generation.pk if name == "audio" else generation.image_id
    url = reverse(name, args=[key])
    signed_in = sign_in(stranger)
    assert signed_in.get(url).status_code == 404
    assert sign_in(generation.owner).get(url).status_code == 200
    assert signed_in.get(reverse(name, args=[uuid4()])).status_code == 404
    assert signed_in.post(url).status_code == 405
    anonymous = client.get(url)
    assert anonymous.status_code == 401
    assert anonymous["WWW-Authenticate"] == CHALLENGE


def test_a_token_opens_its_user_s_files(api, url, stranger):
    assert api.get(url).status_code == 200
    other = APIClient()
    other.credentials(HTTP_AUTHORIZATION=f"Token {users.create_token(stranger, 'x')[1]}")
    assert other.get(url).status_code == 404


def test_files_ignore_the_accept_header(browser, url):
    for accepted in ("audio/wav", "text/html", "image/avif,image/webp"):
        assert browser.get(url, headers={"Accept": accepted}).status_code == 200


def test_missing_audio_is_404(browser, owner, generation, url):
    queued = factories.GenerationFactory(owner=owner)
    assert browser.get(reverse("audio", args=[queued.pk])).status_code == 404
    generation.audio.storage.delete(generation.audio.name)
    assert browser.get(url).status_code == 404


def test_only_administrators_can_open_clips(browser, client, administrator, sign_in):
    clip = factories.ClipFactory()
    url = reverse("clip_file", args=[clip.pk])
    answer = sign_in(administrator).get(url)
    assert answer.status_code == 200
    assert answer.getvalue().startswith(b"RIFF")
    assert browser.get(url).status_code == 403
    assert client.get(url).status_code == 401
    assert sign_in(administrator).get(reverse("clip_file", args=[uuid4()])).status_code == 404


def test_a_deactivated_user_gets_401(api, owner, url):
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert api.get(url).status_code == 401
