"""Conversion of a soundscape's audio, as a browser and a program follow it."""

import pytest
from django.urls import reverse

from soundscapes.api import jobs
from tests.http.problems import assert_problem
from tests.queue import work_off

pytestmark = pytest.mark.django_db

PAGE = {"Accept": "text/html,*/*"}


def test_a_browser_follows_a_conversion_and_gets_the_file(sign_in, owner, made, settings):
    settings.API_WAIT_SECONDS = 0  # no worker runs beside the test
    browser = sign_in(owner)
    url = reverse("audio", args=[made.pk])
    query = {"format": "ogg", "download": ""}
    waiting = browser.get(url, query, headers=PAGE)
    assert waiting.status_code == 202
    assert "is being converted" in waiting.text
    followed = waiting["Refresh"].partition("url=")[2]
    assert followed == f"{url}?format=ogg&download=&waited=1"
    assert work_off() == []
    ready = browser.get(followed, headers=PAGE)
    assert "Download again" in ready.text
    file = ready["Refresh"].partition("url=")[2]
    answer = browser.get(file, headers=PAGE)
    assert b"".join(answer.streaming_content).startswith(b"OggS")
    assert answer["Content-Disposition"].startswith("attachment")


def test_what_is_deleted_while_a_program_waits_for_it_is_gone(api, made, monkeypatch, caplog):
    monkeypatch.setattr(jobs, "wait_until", lambda *_args: made.delete())
    answer = api.get(reverse("audio", args=[made.pk]), {"format": "ogg"})
    assert "deleted in the meantime" in assert_problem(answer, 404, "not-found")["detail"]
    assert "Rendition.DoesNotExist" in caplog.text


def test_head_starts_no_conversion(api, made):
    url = reverse("audio", args=[made.pk])
    assert api.head(url, {"format": "ogg"}).status_code == 404
    assert not made.renditions.exists()
