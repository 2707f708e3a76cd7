"""Audio that is deleted when it is old, and rendered again on request."""

import io
import zipfile
from datetime import timedelta
from hashlib import sha256
from itertools import count
from uuid import uuid4

import numpy as np
import pytest
import soundfile
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from soundscapes.files.storage import is_stored
from soundscapes.generations import audio_cache, generations, share_links
from soundscapes.images import images
from soundscapes.models import ApiToken, Clip, Generation, Rendition, State
from soundscapes.operations import integrity
from tests import sample_files
from tests.connections import is_reading
from tests.queue import work_off

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_waiting")]


@pytest.fixture
def trim(settings, django_capture_on_commit_callbacks):
    """Trim the cache to a number of bytes; return how many soundscapes lost their audio."""

    def trimmed(size: int = 1) -> int:
        settings.AUDIO_CACHE = size
        with django_capture_on_commit_callbacks(execute=True):
            return audio_cache.trim()

    return trimmed


def body(answer) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def audio(generation: Generation, query: str = "") -> str:
    return reverse("audio", args=[generation.pk]) + query


def again(client, url):
    """Return the response after the worker has run."""
    answer = client.get(url)
    assert answer.status_code == 202
    assert work_off() == []
    return client.get(url)


def another(owner, number: int) -> Generation:
    image = images.upload_image(owner, sample_files.photo(number))
    generation = generations.create_generation(owner, image, duration=5, seed=number)
    assert work_off() == []
    generation.refresh_from_db()
    return generation


def test_the_wav_file_has_the_checksum_of_the_row(made, browser):
    assert sha256(body(browser.get(audio(made)))).hexdigest() == made.audio_checksum


def test_dropped_audio_comes_back_with_the_same_bytes(made, browser, trim, stored):
    before = body(browser.get(audio(made)))
    assert trim() == 1
    assert not [name for name in stored() if name.startswith("generations/")]
    assert body(again(browser, audio(made))) == before
    made.refresh_from_db()
    assert made.state == State.READY
    assert sha256(before).hexdigest() == made.audio_checksum


@pytest.mark.parametrize("query", ["?format=flac", "?format=ogg"])
def test_every_format_comes_back(made, browser, trim, query):
    assert trim() == 1
    assert again(browser, audio(made, query)).status_code == 200


def test_the_least_recently_heard_audio_goes_first(owner, made, browser, trim):
    others = [another(owner, number) for number in (1, 2)]
    Generation.objects.update(used_at=timezone.now() - timedelta(days=2))
    Generation.objects.filter(pk=others[0].pk).update(used_at=timezone.now() - timedelta(days=3))
    body(browser.get(audio(made)))  # heard now
    sizes = [row.size for row in Generation.objects.all()]
    assert trim(sum(sizes) - 1) == 1
    assert trim(made.size) == 1
    left = Generation.objects.exclude(audio="").values_list("pk", flat=True)
    assert list(left) == [made.pk]
    assert trim(made.size) == 0


def repeat(made, times):
    for _ in range(times):
        made.pk = uuid4()
        made.save(force_insert=True)


def test_trimming_leaves_time_for_other_work_and_goes_on_later(made, trim, monkeypatch):
    """With a great excess it would take many minutes, and each minute begins another one."""
    repeat(made, 60)
    clock = count(step=audio_cache.TURN / 2)
    monkeypatch.setattr(audio_cache, "monotonic", lambda: next(clock))
    first = trim()
    assert 0 < first < 61
    assert Generation.objects.exclude(audio="").count() == 61 - first
    assert trim() == 61 - first


@pytest.mark.once
def test_no_query_is_open_while_audio_is_dropped(made, trim, monkeypatch):
    """SQLite would refuse the write once another connection has written."""
    repeat(made, 60)
    seen = []
    drop = audio_cache.drop

    def watched(generation):
        seen.append(is_reading())
        return drop(generation)

    monkeypatch.setattr(audio_cache, "drop", watched)
    assert trim() == 61
    assert seen == [False] * 61


def test_sizes_follow(made, browser, trim):
    whole = made.size
    trim()
    made.refresh_from_db()
    assert made.size == 0
    again(browser, audio(made))
    made.refresh_from_db()
    assert made.size == whole


def test_audio_whose_clip_is_lost_is_kept(made, trim):
    clip = Clip.objects.get(checksum=made.plan["credits"][0]["clip"])
    clip.file.storage.delete(clip.file.name)
    assert trim() == 0
    made.refresh_from_db()
    assert is_stored(made.audio)


def test_a_plan_whose_clip_was_lost_later_says_so(made, browser, trim):
    trim()
    clip = Clip.objects.get(checksum=made.plan["credits"][0]["clip"])
    clip.file.storage.delete(clip.file.name)
    assert browser.get(audio(made)).status_code == 202
    (error,) = work_off()
    assert "is missing" in str(error)
    job = Rendition.objects.get()
    assert (job.state, job.error) == (State.FAILED, str(error))


def test_layers_are_rendered_when_asked_for_and_add_up(made, browser):
    assert not any(layer.stem for layer in made.layers.all())
    ranks = [layer.rank for layer in made.layers.all()]
    urls = [reverse("stem", args=[made.pk, rank]) for rank in ranks]
    again(browser, urls[0])
    whole, _ = soundfile.read(io.BytesIO(body(browser.get(audio(made)))))
    layers = [soundfile.read(io.BytesIO(body(browser.get(url))))[0] for url in urls]
    assert np.abs(sum(layers) - whole).max() < 8 / 2**15  # each is rounded with dither
    flac, _ = soundfile.read(io.BytesIO(body(browser.get(f"{urls[0]}?format=flac"))))
    assert np.array_equal(flac, layers[0])


def test_the_archive_of_layers_is_made_from_dropped_audio(made, browser, trim):
    trim()
    answer = again(browser, reverse("stems", args=[made.pk]))
    with zipfile.ZipFile(io.BytesIO(body(answer))) as archive:
        sounds = [name for name in archive.namelist() if name.endswith(".wav")]
    assert len(sounds) == made.layers.count()


def test_the_job_of_layers_names_their_archive(made, browser):
    job = browser.get(browser.get(reverse("stem", args=[made.pk, 1]))["Location"])
    assert work_off() == []
    job = browser.get(job.wsgi_request.path).json()
    assert browser.get(job["result_url"])["Content-Type"] == "application/zip"


def test_layers_are_dropped_with_the_audio(made, browser, trim, stored):
    again(browser, reverse("stems", args=[made.pk]))
    made.refresh_from_db()
    assert trim() == 1
    assert not [name for name in stored() if name.startswith(made.folder)]
    assert not made.layers.exclude(stem="").exists()


def test_layers_that_are_rendered_again_count_once(made, browser):
    again(browser, reverse("stems", args=[made.pk]))
    made.refresh_from_db()
    whole, lost = made.size, made.layers.first().stem
    lost.storage.delete(lost.name)
    again(browser, reverse("stem", args=[made.pk, 1]))
    made.refresh_from_db()
    assert made.size == whole


def test_layers_of_dropped_audio_stay_within_the_cache(made, browser, trim, stored):
    trim()
    again(browser, reverse("stem", args=[made.pk, 1]))
    Generation.objects.update(used_at=timezone.now() - timedelta(days=1))
    assert trim() == 1
    assert not [name for name in stored() if name.startswith(made.folder)]


def test_audio_that_was_just_rendered_again_is_not_the_next_to_go(made, browser, trim):
    trim()
    Generation.objects.update(used_at=timezone.now() - timedelta(days=1))
    assert browser.get(audio(made)).status_code == 202
    assert work_off() == []
    made.refresh_from_db()
    assert timezone.now() - made.used_at < timedelta(minutes=5)


def test_a_long_soundscape_has_no_layers(made, browser):
    Generation.objects.filter(pk=made.pk).update(duration=601)
    assert browser.get(reverse("stem", args=[made.pk, 1])).status_code == 404


def test_a_visitor_of_a_link_hears_dropped_audio(made, client, trim):
    link = share_links.make_link(made)
    trim()
    url = reverse("shared_audio", args=[link.token])
    answer = client.get(url)
    assert (answer.status_code, answer["Retry-After"]) == (202, "1")
    assert work_off() == []
    assert body(client.get(url))[:4] == b"RIFF"
    assert client.get(f"{url}?format=mp3").status_code == 404


def test_a_read_only_token_hears_dropped_audio(made, owner, program, trim):
    trim()
    reader = program(owner, scope=ApiToken.Scope.READ)
    assert again(reader, audio(made)).status_code == 200


def test_a_wav_file_of_an_earlier_release_is_played_and_converted(
    made, browser, stored, django_capture_on_commit_callbacks
):
    wav = body(browser.get(audio(made)))
    storage, flac = made.audio.storage, made.audio.name
    name = storage.save(f"{made.folder}/soundscape.wav", ContentFile(wav))
    storage.delete(flac)
    Generation.objects.filter(pk=made.pk).update(audio=name)
    assert body(browser.get(audio(made))) == wav
    with django_capture_on_commit_callbacks(execute=True):
        again(browser, audio(made, "?format=flac"))
    assert name not in stored()
    assert body(browser.get(audio(made))) == wav


def lost() -> list[integrity.Finding]:
    found = integrity.examine()
    return [finding for finding in found if finding.problem == "Soundscapes without their audio"]


def test_the_integrity_check_drops_lost_audio_that_can_be_rendered(
    made, django_capture_on_commit_callbacks
):
    made.audio.storage.delete(made.audio.name)
    (finding,) = lost()
    with django_capture_on_commit_callbacks(execute=True):
        finding.repair()
    made.refresh_from_db()
    assert (made.state, made.audio.name) == (State.READY, "")
    assert lost() == []
