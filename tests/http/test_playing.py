"""Parts and clips as responses: caching, formats and errors."""

import pytest
from django.urls import reverse

from soundscapes.engine.sound.plan import Plan
from soundscapes.generations import share_links
from soundscapes.http.policy import CLIP_CACHE
from soundscapes.models import Clip

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(sign_in, owner):
    return sign_in(owner)


def clip_url(generation, **query):
    layer = Plan.from_json(generation.plan).layers[0]
    arguments = [generation.pk, layer.rank, layer.events[0].clip]
    return reverse("part_clip", args=arguments, query=query)


@pytest.mark.parametrize(
    ("query", "kind", "head"),
    [
        ({}, "audio/ogg", b"OggS"),
        ({"format": "ogg"}, "audio/ogg", b"OggS"),
        ({"format": "flac"}, "audio/flac", b"fLaC"),
    ],
)
def test_a_clip_is_sent_compressed_and_kept_for_good(visitor, made, query, kind, head):
    answer = visitor.get(clip_url(made, **query))
    assert (answer.status_code, answer["Content-Type"]) == (200, kind)
    assert answer.content.startswith(head)
    assert answer["Cache-Control"] == CLIP_CACHE
    again = visitor.get(clip_url(made, **query), headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_recording_of_one_s_own_is_checked_each_time(visitor, made, owner):
    Clip.objects.update(owner=owner)
    assert visitor.get(clip_url(made))["Cache-Control"] == "private, no-cache"


def test_a_shared_clip_is_checked_each_time_because_links_end(client, made):
    link = share_links.make_link(made)
    layer = Plan.from_json(made.plan).layers[0]
    answer = client.get(
        reverse("shared_part_clip", args=[link.token, layer.rank, layer.events[0].clip])
    )
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-cache"
    assert client.get(reverse("shared_part", args=[link.token, 0])).json()["end"] == 5


@pytest.mark.parametrize(
    "url",
    [
        lambda made: clip_url(made, format="mp3"),
        lambda made: reverse("part", args=[made.pk, 10**7]),
        lambda made: reverse("part_clip", args=[made.pk, 1, "0" * 64]),
    ],
)
def test_what_does_not_exist_is_404(visitor, made, url):
    assert visitor.get(url(made)).status_code == 404


def test_a_plan_of_the_first_releases_has_no_parts(visitor, made):
    type(made).objects.update(plan={"credits": []})
    assert visitor.get(reverse("part", args=[made.pk, 0])).status_code == 404


def test_no_more_than_two_clips_are_encoded_at_a_time(visitor, made, monkeypatch, settings):
    settings.API_WAIT_SECONDS = 0
    from soundscapes.http import playing

    with playing._encoders, playing._encoders:
        answer = visitor.get(clip_url(made))
    assert (answer.status_code, answer["Retry-After"]) == (202, "1")


def test_a_shared_page_credits_what_endless_play_uses_later(client, made):
    later = made.plan["credits"][0] | {"title": "A later gull", "clip": "0" * 64}
    type(made).objects.update(plan=made.plan | {"others": [later]})
    page = client.get(share_links.make_link(made).path)
    assert "A later gull" in page.text
    assert "in endless play" in page.text
