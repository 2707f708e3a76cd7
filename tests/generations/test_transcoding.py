"""Conversion to other formats on request."""

import io

import numpy as np
import pytest
import soundfile
from django.urls import reverse

from soundscapes.engine.errors import EngineError
from soundscapes.generations import library, transcoding
from soundscapes.jobs import queue
from soundscapes.models import ApiToken, Generation, Rendition, State
from tests.queue import waiting, work_off

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("no_waiting")]


@pytest.fixture
def generation(made):
    return made


def body(answer) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def converted(browser, url):
    """Return the response after the worker has run."""
    assert browser.get(url).status_code == 202
    assert work_off() == []
    return browser.get(url)


TYPES = {"ogg": "audio/ogg", "mp3": "audio/mpeg"}


@pytest.mark.parametrize("name", TYPES)
def test_a_format_contains_the_same_audio_and_credits(browser, generation, name):
    url = reverse("audio", args=[generation.pk])
    wav, _ = soundfile.read(io.BytesIO(body(browser.get(url))))
    answer = converted(browser, f"{url}?format={name}&download=")
    assert answer["Content-Type"] == TYPES[name]
    assert answer["Content-Disposition"].endswith(f'.{name}"')
    with soundfile.SoundFile(io.BytesIO(body(answer))) as file:
        assert file.artist == "Ada"
        assert file.title == generation.title
        samples = file.read()
    quieter = abs(np.sqrt(np.mean(samples**2)) / np.sqrt(np.mean(wav**2)) - 1)
    assert quieter < 0.1
    assert len(samples) >= len(wav)


def test_flac_is_the_stored_file_with_the_same_samples_and_the_title(browser, generation):
    url = reverse("audio", args=[generation.pk])
    wav, _ = soundfile.read(io.BytesIO(body(browser.get(url))))
    answer = browser.get(f"{url}?format=flac&download=")
    assert answer["Content-Type"] == "audio/flac"
    with soundfile.SoundFile(io.BytesIO(body(answer))) as file:
        assert (file.title, file.artist) == (generation.title, "Ada")
        assert np.array_equal(file.read(), wav)
    assert not Rendition.objects.exists()


@pytest.mark.parametrize("name", TYPES)
def test_a_new_title_is_in_the_next_download(browser, generation, name):
    url = reverse("audio", args=[generation.pk]) + f"?format={name}"
    converted(browser, url)
    library.rename(generation, "Früh am Meer")
    answer = converted(browser, url)
    with soundfile.SoundFile(io.BytesIO(body(answer))) as file:
        assert file.title == "Früh am Meer"
    assert browser.get(url).status_code == 200
    assert Rendition.objects.count() == 1


def test_a_browser_does_not_take_a_file_with_another_title_for_its_own(browser, generation):
    url = reverse("audio", args=[generation.pk]) + "?format=mp3"
    before = converted(browser, url)["ETag"]
    assert browser.get(url, headers={"If-None-Match": before}).status_code == 304
    library.rename(generation, "A much longer title")
    whole = body(converted(browser, url))
    assert body(browser.get(url, headers={"If-None-Match": before})) == whole
    rest = {"Range": "bytes=1000-", "If-Range": before}
    assert body(browser.get(url, headers=rest)) == whole


def test_a_format_is_converted_once_and_supports_ranges(browser, generation, stored):
    url = reverse("audio", args=[generation.pk]) + "?format=ogg"
    before = stored()
    whole = body(converted(browser, url))
    (made,) = stored() - before
    assert made.startswith(generation.folder)
    part = browser.get(url, headers={"Range": "bytes=10-19"})
    assert part.status_code == 206
    assert b"".join(part.streaming_content) == whole[10:20]
    assert stored() - before == {made}
    assert waiting() == []


def test_requests_for_a_format_share_one_job(browser, generation, stored, monkeypatch):
    url = reverse("audio", args=[generation.pk]) + "?format=mp3"
    before = stored()
    for _ in range(3):
        answer = browser.get(url)
        assert answer.status_code == 202
        job = Rendition.objects.get()
        assert answer["Location"].endswith(reverse("api_job", args=[job.pk]))
        assert int(answer["Retry-After"]) > 0
        assert answer["Cache-Control"] == "no-store"
        assert answer.json()["status"] == "queued"
    assert stored() == before
    assert waiting() == [(queue.TASK,)]


def test_a_browser_gets_a_self_refreshing_page(browser, generation):
    url = reverse("audio", args=[generation.pk]) + "?format=mp3"
    answer = browser.get(url, headers={"Accept": "text/html,*/*"})
    assert answer.status_code == 202
    assert answer["Content-Type"].startswith("text/html")
    assert "Waiting in the queue" in answer.content.decode()
    assert int(answer["Refresh"].partition(";")[0]) > 0


def test_a_failed_conversion_is_reported_and_retried(browser, generation, monkeypatch):
    def fails(*_args):
        raise EngineError("The encoder is out of order.")

    url = reverse("audio", args=[generation.pk]) + "?format=ogg"
    with monkeypatch.context() as patch:
        patch.setattr(transcoding, "convert", fails)
        assert browser.get(url).status_code == 202
        assert [str(error) for error in work_off()] == ["The encoder is out of order."]
    rendition = Rendition.objects.get()
    assert (rendition.state, rendition.error) == (State.FAILED, "The encoder is out of order.")
    body(converted(browser, url))


def test_a_lost_file_is_converted_again(browser, generation):
    url = reverse("audio", args=[generation.pk]) + "?format=mp3"
    whole = body(converted(browser, url))
    rendition = Rendition.objects.get()
    rendition.file.storage.delete(rendition.file.name)
    assert body(converted(browser, url)) == whole


def test_the_formats_are_deleted_with_the_soundscape(
    browser, generation, stored, django_capture_on_commit_callbacks
):
    body(converted(browser, reverse("audio", args=[generation.pk]) + "?format=ogg"))
    with django_capture_on_commit_callbacks(execute=True):
        generation.delete()
    assert not [name for name in stored() if name.startswith("generations/")]
    assert not Rendition.objects.exists()


def test_a_conversion_of_a_deleted_soundscape_leaves_nothing(
    browser, generation, stored, monkeypatch, django_capture_on_commit_callbacks
):
    assert browser.get(reverse("audio", args=[generation.pk]) + "?format=ogg").status_code == 202
    real = transcoding.convert

    def converts_too_late(*args):
        real(*args)
        with django_capture_on_commit_callbacks(execute=True):
            Generation.objects.get().delete()

    monkeypatch.setattr(transcoding, "convert", converts_too_late)
    assert work_off() == []
    assert not [name for name in stored() if name.startswith("generations/")]


def test_a_read_only_token_gets_existing_files_only(generation, owner, program, browser):
    reader = program(owner, scope=ApiToken.Scope.READ)
    url = reverse("audio", args=[generation.pk]) + "?format=mp3"
    answer = reader.get(url)
    assert answer.status_code == 403
    assert "insufficient_scope" in answer["WWW-Authenticate"]
    assert not Rendition.objects.exists()
    assert converted(browser, url).status_code == 200
    assert reader.get(url).status_code == 200


def test_a_conversion_is_charged_to_quota_and_storage(generation, browser, settings):
    url = reverse("audio", args=[generation.pk]) + "?format="
    settings.QUOTAS = settings.QUOTAS | {"generate": (2, 3600)}
    assert browser.get(f"{url}mp3").status_code == 202  # the first charge was the soundscape
    assert browser.get(f"{url}ogg").status_code == 429
    assert browser.get(f"{url}mp3").status_code == 202
    settings.QUOTAS = settings.QUOTAS | {"generate": (100, 3600)}
    settings.STORAGE_LIMIT = generation.size + generation.image.size + 1000
    answer = browser.get(f"{url}ogg")
    assert (answer.status_code, "storage" in answer.json()["detail"]) == (403, True)
