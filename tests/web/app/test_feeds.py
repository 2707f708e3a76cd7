"""Podcast feeds as players read them, and their section of the account."""

import re
from xml.etree import ElementTree as ET

import pytest
from django.urls import reverse

from soundscapes.generations import transcoding
from soundscapes.generations.players import feeds
from soundscapes.models import Feed, Format, Rendition
from tests import factories
from tests.queue import work_off
from tests.web.pages import inline_code

pytestmark = pytest.mark.django_db

PODCAST = "{https://podcastindex.org/namespace/1.0}"
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"


@pytest.fixture
def url(owner):
    return reverse("feed", args=[feeds.make_feed(owner)[1]])


@pytest.fixture
def converted(made):
    transcoding.get_or_create_rendition(made, Format.MP3)
    assert work_off() == []
    return made


def items(client, url):
    answer = client.get(url)
    assert answer["Content-Type"].startswith("application/rss+xml")
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    return ET.fromstring(answer.content).findall("channel/item")  # noqa: S314


def path_of(address):
    return address.removeprefix("http://testserver")


def test_a_new_feed_s_url_is_shown_once_and_opens_without_an_account(browser, client, made):
    page = browser.post(reverse("create_feed"), follow=True).text
    assert inline_code(page) == []
    url = re.search(r'value="http://testserver(/feed/[^"]+)"', page)[1]
    assert url not in browser.get(reverse("links")).text
    assert len(items(client, url)) == 1
    assert made.title.capitalize() in client.get(url).text


def test_a_revoked_feed_is_gone_with_everything_in_it(browser, client, url, converted):
    episode = f"{url}{converted.pk}"
    for ending in ("mp3", "jpg", "json"):
        assert client.get(f"{episode}.{ending}").status_code == 200
    browser.post(reverse("revoke_feed", args=[Feed.objects.get().pk]))
    for address in (url, *(f"{episode}.{ending}" for ending in ("mp3", "jpg", "json"))):
        assert client.get(address).status_code == 404


def test_an_episode_has_audio_artwork_and_chapters(client, url, converted):
    (item,) = items(client, url)
    enclosure = item.find("enclosure").attrib
    assert enclosure["type"] == "audio/mpeg"
    assert int(enclosure["length"]) == Rendition.objects.get(format=Format.MP3).size
    audio = client.get(path_of(enclosure["url"]))
    assert audio["Content-Type"] == "audio/mpeg"
    assert len(b"".join(audio)) == int(enclosure["length"])
    assert item.find(f"{ITUNES}duration").text == str(converted.duration)
    artwork = client.get(path_of(item.find(f"{ITUNES}image").attrib["href"]))
    assert artwork["Content-Type"] == "image/jpeg"
    chapters = item.find(f"{PODCAST}chapters").attrib
    assert chapters["type"] == "application/json+chapters"
    assert client.get(path_of(chapters["url"])).json()["chapters"][0]["title"]


def test_byte_ranges_of_an_episode_work(client, url, converted):
    answer = client.get(f"{url}{converted.pk}.mp3", headers={"Range": "bytes=100-199"})
    assert answer.status_code == 206
    assert len(b"".join(answer)) == 100


def test_an_episode_is_converted_when_a_player_asks_for_it(client, url, made, settings):
    settings.API_WAIT_SECONDS = 0.0
    episode = f"{url}{made.pk}.mp3"
    assert client.head(episode).status_code == 404
    answer = client.get(episode)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert work_off() == []
    assert client.get(episode).status_code == 200


def test_a_feed_has_the_soundscapes_of_its_owner_only(client, url):
    foreign = factories.GenerationFactory(ready=True)
    assert items(client, url) == []
    for ending in ("mp3", "jpg", "json"):
        assert client.get(f"{url}{foreign.pk}.{ending}").status_code == 404


def test_the_number_of_feeds_is_bounded_with_words(browser, owner):
    for _ in range(feeds.MAX_FEEDS):
        feeds.make_feed(owner)
    answer = browser.post(reverse("create_feed"))
    assert answer.status_code == 400
    assert "Revoke one first" in answer.text


def test_titles_are_escaped(client, url, owner):
    factories.GenerationFactory(owner=owner, ready=True, name="Rain & <wind>")
    assert items(client, url)[0].find("title").text == "Rain & <wind>"


def test_the_number_of_queries_does_not_grow(client, url, owner, django_assert_max_num_queries):
    factories.GenerationFactory.create_batch(5, owner=owner, ready=True)
    with django_assert_max_num_queries(8):
        client.get(url)


def test_guessing_feeds_is_limited(client, settings):
    settings.QUOTAS = settings.QUOTAS | {"shared": (2, 60)}
    statuses = [client.get("/feed/nothing/").status_code for _ in range(3)]
    assert statuses == [404, 404, 429]
