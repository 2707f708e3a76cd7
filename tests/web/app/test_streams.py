"""Streams as players fetch them, and their section of the account."""

import re
from itertools import islice

import pytest
from django.urls import reverse

from soundscapes.generations.players import streams
from soundscapes.models import Stream
from tests import factories
from tests.queue import work_off
from tests.web.pages import inline_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(owner, made):
    return reverse("stream", args=[streams.make_stream(owner, made)[1]])


@pytest.fixture
def sleepless(monkeypatch):
    """While a player waits for its next minute, the worker makes it."""
    monkeypatch.setattr("soundscapes.http.streaming.sleep", lambda _seconds: work_off())
    monkeypatch.setattr("soundscapes.http.streaming.ASK_INTERVAL", 0)


def test_a_soundscape_s_new_stream_is_shown_once_and_opens_without_an_account(
    browser, client, made, sleepless
):
    page = browser.get(made.get_absolute_url()).text
    assert reverse("create_stream") in page
    page = browser.post(reverse("create_stream"), {"soundscape": made.pk}, follow=True).text
    assert inline_code(page) == []
    url = re.search(r'value="http://testserver(/stream/[^"]+\.mp3)"', page)[1]
    listed = browser.get(reverse("links")).text
    assert url not in listed
    assert made.title.capitalize() in listed
    answer = client.get(url)
    assert answer["Content-Type"] == "audio/mpeg"
    assert answer["icy-name"].lower() == made.title.lower()
    sound = b"".join(islice(answer, 3))
    assert sound[:2] == b"\xff\xfb"
    assert len(sound) > 16_000
    answer._iterator.close()  # as the test client does at the end, with the connection left open
    assert not Stream.objects.get().listeners.exists()


def test_a_stream_of_favourites_needs_one(browser, client, owner):
    page = browser.post(reverse("create_stream"), follow=True).text
    url = re.search(r'value="http://testserver(/stream/[^"]+\.mp3)"', page)[1]
    assert client.get(url).status_code == 404
    factories.GenerationFactory(owner=owner, ready=True, is_favourite=True)
    assert client.get(url).status_code == 200


def test_a_question_for_headers_starts_no_work(client, url):
    answer = client.head(url)
    assert answer["Content-Type"] == "audio/mpeg"
    assert "Content-Length" not in answer
    assert not Stream.objects.get().listeners.exists()


def test_a_revoked_stream_is_gone(browser, client, url):
    browser.post(reverse("revoke_stream", args=[Stream.objects.get().pk]))
    assert client.get(url).status_code == 404


def test_too_many_listeners_are_told_to_wait(client, url, monkeypatch):
    monkeypatch.setattr(streams, "MAX_LISTENERS", 0)
    answer = client.get(url)
    assert answer.status_code == 429
    assert answer["Retry-After"] == str(streams.BUSY_SECONDS)


def test_a_stream_of_somebody_else_s_soundscape_cannot_be_made(sign_in, stranger, made):
    answer = sign_in(stranger).post(reverse("create_stream"), {"soundscape": made.pk})
    assert answer.status_code == 404
    assert sign_in(stranger).post(reverse("create_stream"), {"soundscape": "x"}).status_code == 404
    assert not Stream.objects.exists()


def test_more_streams_than_allowed_are_refused_in_words(browser, monkeypatch):
    monkeypatch.setattr(streams, "MAX_STREAMS", 0)
    answer = browser.post(reverse("create_stream"))
    assert answer.status_code == 400
    assert "Revoke one first" in answer.text
