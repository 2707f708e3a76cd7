"""Share links in the API."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from soundscapes.generations import library, share_links
from soundscapes.models import ApiToken, ShareLink
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(generation):
    return reverse("api_share", args=[generation.pk])


def make(api, url, **body):
    return api.post(url, body, format="json")


def test_a_link_is_created_opened_listed_and_revoked(api, url, client):
    answer = make(api, url)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["shows_picture"], made["has_ended"]) == (False, False)
    ends = parse_datetime(made["expires_at"]) - timezone.now()
    assert timedelta(days=29) < ends <= share_links.LIFETIME
    for name in ("page_url", "embed_url", "audio_url"):
        assert client.get(made[name]).status_code == 200
    assert api.get(answer["Location"]).json() == made
    assert api.get(url).json()["results"] == [made]
    assert api.delete(answer["Location"]).status_code == 204
    assert api.get(answer["Location"]).status_code == 404
    assert client.get(made["page_url"]).status_code == 404


def test_a_link_has_the_requested_lifetime_and_visibility(api, url):
    endless = make(api, url, days=None, shows_picture=True).json()
    assert (endless["expires_at"], endless["shows_picture"]) == (None, True)
    week = parse_datetime(make(api, url, days=7).json()["expires_at"]) - timezone.now()
    assert timedelta(days=6) < week <= timedelta(days=7)


def test_all_links_of_a_soundscape_are_revoked_at_once(api, url, owner):
    kept = factories.ShareLinkFactory(generation__owner=owner)
    for _number in range(2):
        make(api, url)
    assert api.delete(url).status_code == 204
    assert api.get(url).json()["count"] == 0
    assert ShareLink.objects.get() == kept


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"days": 0}, "#/days"),
        ({"days": 366}, "#/days"),
        ({"days": "7"}, "#/days"),
        ({"shows_picture": "yes"}, "#/shows_picture"),
        ({"shows_picture": None}, "#/shows_picture"),
        ([], "#"),
    ],
)
def test_invalid_links_are_reported_with_a_pointer(api, url, body, pointer):
    answer = api.post(url, body, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not ShareLink.objects.exists()


def test_too_many_links_are_rejected_with_a_message(api, url, generation):
    factories.ShareLinkFactory.create_batch(share_links.MAX_LINKS, generation=generation)
    answer = make(api, url)
    assert answer.status_code == 400
    assert "Revoke one" in answer.json()["detail"]


def test_links_of_unfinished_and_deleted_soundscapes_are_404(api, owner, generation):
    link = factories.ShareLinkFactory(generation=generation)
    queued = factories.GenerationFactory(owner=owner)
    library.delete(owner, [generation.pk])
    for pk in (queued.pk, generation.pk, uuid4()):
        url = reverse("api_share", args=[pk])
        assert make(api, url).status_code == 404
        assert api.get(url).status_code == api.delete(url).status_code == 404
    url = reverse("api_share_link", args=[generation.pk, link.pk])
    assert api.get(url).status_code == api.delete(url).status_code == 404


def test_links_are_private_to_their_owner(generation, owner, stranger, program, client, url):
    link = factories.ShareLinkFactory(generation=generation)
    one = reverse("api_share_link", args=[generation.pk, link.pk])
    elsewhere = factories.GenerationFactory(owner=owner, ready=True)
    for path in (url, one):
        for method in ("get", "delete"):
            assert getattr(program(stranger), method)(path).status_code == 404
            assert getattr(client, method)(path).status_code == 401
    assert make(program(stranger), url).status_code == 404
    assert make(client, url).status_code in (401, 415)
    assert (
        program(owner).get(reverse("api_share_link", args=[elsewhere.pk, link.pk])).status_code
        == 404
    )
    assert ShareLink.objects.get() == link


def test_a_read_only_token_can_only_list_links(owner, program, generation, url):
    reader = program(owner, scope=ApiToken.Scope.READ)
    link = factories.ShareLinkFactory(generation=generation)
    one = reverse("api_share_link", args=[generation.pk, link.pk])
    assert reader.get(url).status_code == reader.get(one).status_code == 200
    assert make(reader, url).status_code == 403
    assert reader.delete(url).status_code == reader.delete(one).status_code == 403
    assert ShareLink.objects.get() == link


def test_a_wrong_method_is_405(api, url):
    assert api.put(url).status_code == 405


def test_the_list_needs_a_constant_number_of_queries(api, url, generation, queries_of):
    api.get(url)  # records the first use of the token
    counts = []
    for _number in range(3):
        factories.ShareLinkFactory(generation=generation)
        counts.append(queries_of(lambda: api.get(url)))
    assert len(set(counts)) == 1
