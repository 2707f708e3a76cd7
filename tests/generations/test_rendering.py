"""Rendering, from a queued soundscape to the WAV file, through the queue."""

import hashlib
import io
import socket
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from django.core.files.base import ContentFile
from django.db import OperationalError

from soundscapes.engine.matching.packing import packed
from soundscapes.engine.sound.samples import SAMPLE_RATE
from soundscapes.files import scratch
from soundscapes.files.tagged_audio import as_wav
from soundscapes.generations import generations, remixes, rendering, transcoding
from soundscapes.images import images
from soundscapes.images.matching import current_encoder
from soundscapes.jobs import claims, queue
from soundscapes.models import Clip, Embedding, Generation, Similarity, State
from soundscapes.web.mixer import mixer_of
from tests import factories, sample_files
from tests.disk import files_of_at_most
from tests.layers import rendered_layers
from tests.queue import waiting, wake_ups, work_off

SECONDS = 5


@pytest.fixture
def image(owner):
    return images.upload_image(owner, sample_files.photo())


def asked(owner, image, **options):
    return generations.create_generation(owner, image, duration=SECONDS, **{"seed": 7} | options)


def made(owner, image, **options):
    generation = asked(owner, image, **options)
    assert work_off() == []
    generation.refresh_from_db()
    return generation


def audio(generation):
    with generation.audio.open("rb") as file:
        return file.read()


@pytest.mark.usefixtures("sounds")
def test_a_queued_soundscape_becomes_ready_with_plan_and_layers(owner, image):
    generation = made(owner, image)
    assert (generation.state, generation.progress) == (State.READY, 100)
    assert (generation.attempts, generation.claimed_by, generation.leased_until) == (1, "", None)
    assert generation.encoder == current_encoder().slug
    assert generation.encoder_name == current_encoder().name
    layers = list(generation.layers.all())
    assert [layer.rank for layer in layers] == [1, 2, 3]
    assert all(layer.reason for layer in layers)
    planned = [layer["category"] for layer in generation.plan["layers"]]
    assert planned == [layer.category.slug for layer in layers]
    assert {credit["author"] for credit in generation.credits} == {"Ada"}


@pytest.mark.usefixtures("sounds")
def test_its_audio_is_a_wav_of_the_requested_duration(owner, image):
    generation = made(owner, image)
    samples, rate = soundfile.read(io.BytesIO(audio(generation)), always_2d=True)
    assert (rate, samples.shape) == (SAMPLE_RATE, (SECONDS * SAMPLE_RATE, 2))
    assert abs(samples).max() > 0.01
    wav = as_wav(ContentFile(audio(generation))).read()
    assert generation.audio_checksum == hashlib.sha256(wav).hexdigest()
    assert generation.true_peak <= -1
    assert max(generation.peaks) == 100


@pytest.mark.usefixtures("sounds")
def test_the_stems_of_the_layers_add_up_to_the_soundscape(owner, image):
    generation = made(owner, image)
    parts = [soundfile.read(layer.stem.path)[0] for layer in rendered_layers(generation)]
    mix, _ = soundfile.read(generation.audio.path)
    assert len(parts) == 3
    assert np.abs(sum(parts) - mix).max() < 1e-3


@pytest.mark.usefixtures("sounds")
@pytest.mark.parametrize("target", [-16.0, -30.0])
def test_the_configured_loudness_is_reached(owner, image, settings, target):
    settings.TARGET_LUFS = target
    generation = made(owner, image)
    assert generation.plan["target_lufs"] == target
    assert abs(generation.loudness - target) <= 0.5
    assert generation.true_peak <= -1.0


@pytest.mark.usefixtures("sounds")
def test_its_files_are_deleted_with_it(owner, image, stored, django_capture_on_commit_callbacks):
    before = stored()
    generation = made(owner, image)
    transcoding.get_or_create_rendition(generation, "ogg")
    rendered_layers(generation)
    names = stored() - before
    assert len([name for name in names if str(generation.pk) in name]) == 5
    with django_capture_on_commit_callbacks(execute=True):
        generation.delete()
    assert stored() == before


@pytest.mark.usefixtures("sounds")
def test_the_layers_are_the_image_s_best_categories(owner, image):
    generation = made(owner, image, layer_count=2)
    best = Similarity.objects.filter(image=image).order_by("rank")[:2]
    assert [layer.category for layer in generation.layers.all()] == [row.category for row in best]
    image.refresh_from_db()
    assert image.state == State.READY


@pytest.fixture
def siren_by_a_hair(owner):
    """Create an image in which a siren narrowly beats sea waves."""
    for slug in factories.STARTLING_TOO:
        factories.ClipFactory(category=factories.category_named(slug))
    image = factories.ImageFactory(owner=owner)
    fields = packed(factories.narrow_win("siren", "sea_waves"))
    factories.EmbeddingFactory(image=image, **fields)
    return image


def test_only_a_faithful_soundscape_leads_with_a_startling_category(owner, siren_by_a_hair):
    calm = made(owner, siren_by_a_hair)
    faithful = made(owner, siren_by_a_hair, mode="faithful")
    order = [[layer.category.slug for layer in g.layers.all()] for g in (calm, faithful)]
    assert [slugs[0] for slugs in order] == ["sea_waves", "siren"]
    assert "siren" not in order[0]
    assert [g.plan["mode"] for g in (calm, faithful)] == ["calm", "faithful"]


def test_the_stored_ranking_is_calm(owner, siren_by_a_hair):
    made(owner, siren_by_a_hair, mode="faithful")
    kept = Similarity.objects.filter(image=siren_by_a_hair).order_by("rank")
    assert kept[0].category.slug == "sea_waves"
    assert kept.last().category.slug == "siren"


@pytest.mark.usefixtures("sounds")
def test_only_the_same_seed_gives_the_same_bytes(owner, image):
    first, again, other = (made(owner, image, seed=seed) for seed in (1, 1, 2))
    assert audio(first) == audio(again)
    assert audio(first) != audio(other)


@pytest.mark.usefixtures("sounds")
def test_two_soundscapes_of_an_image_encode_it_once(owner, image):
    made(owner, image)
    image.file.storage.delete(image.file.name)  # it is not read again
    assert made(owner, image, seed=8).state == State.READY
    assert Embedding.objects.filter(image=image).count() == 1
    assert Similarity.objects.filter(image=image).count() == Clip.objects.count()


@pytest.mark.usefixtures("sounds")
def test_a_worker_that_lost_its_claim_deletes_its_files(owner, image, monkeypatch, stored):
    generation = asked(owner, image)
    render = rendering.render

    def render_too_slowly(*args, **kwargs):
        result = render(*args, **kwargs)
        Generation.objects.update(claimed_by="another", stage="Theirs", progress=50)
        return result

    monkeypatch.setattr(rendering, "render", render_too_slowly)
    assert work_off() == []
    generation.refresh_from_db()
    assert (generation.claimed_by, generation.stage, generation.progress) == (
        "another",
        "Theirs",
        50,
    )
    assert not generation.audio
    assert not [name for name in stored() if name.startswith(("generations/", ".render-"))]


@pytest.mark.usefixtures("sounds")
def test_a_job_delivered_twice_runs_once(owner, image, stored):
    generation = asked(owner, image)
    queue.enqueue(generation)
    assert len(waiting()) == 2
    assert work_off() == []
    generation.refresh_from_db()
    assert (generation.state, generation.attempts) == (State.READY, 1)
    assert len([name for name in stored() if name.endswith("soundscape.flac")]) == 1


def test_a_missing_clip_is_named_and_a_retry_works_once_restored(owner, image, sounds, stored):
    paths = [Path(clip.file.path) for clip in sounds]
    kept = [path.read_bytes() for path in paths]
    for path in paths:
        path.unlink()
    generation = asked(owner, image)
    (error,) = work_off()
    generation.refresh_from_db()
    assert generation.state == State.FAILED
    assert generation.error == str(error)
    assert any(clip.title in generation.error for clip in sounds)
    assert "import the recording again" in generation.error

    for path, data in zip(paths, kept, strict=True):
        path.write_bytes(data)
    generations.retry_generation(generation)
    assert (generation.state, generation.error, generation.attempts) == (State.QUEUED, "", 0)
    assert work_off() == []
    generation.refresh_from_db()
    assert (generation.state, generation.error) == (State.READY, "")
    assert generation.layers.count() == 3
    assert generation.audio.name in stored()


def test_no_clips_to_choose_from_is_reported(owner, image):
    generation = asked(owner, image)
    work_off()
    generation.refresh_from_db()
    assert generation.state == State.FAILED
    assert "enable categories in the admin" in generation.error


def test_no_temporary_folder_is_left_behind(owner, image, sounds, settings):
    made(owner, image)
    Path(sounds[0].file.path).unlink()
    asked(owner, image, layer_count=3, seed=9)
    work_off()
    states = set(Generation.objects.values_list("state", flat=True))
    assert states == {State.READY, State.FAILED}
    assert not list(settings.MEDIA_ROOT.glob(".render-*"))


@pytest.mark.usefixtures("sounds")
def test_a_soundscape_deleted_in_the_queue_is_no_error(owner, image):
    asked(owner, image).delete()
    assert wake_ups() > 0
    assert work_off() == []


@pytest.mark.usefixtures("sounds")
def test_deleting_during_rendering_deletes_the_file(owner, image, monkeypatch, stored):
    asked(owner, image)
    render = rendering.render

    def render_and_lose(*args, **_reports):
        Generation.objects.all().delete()
        return render(*args)

    monkeypatch.setattr(rendering, "render", render_and_lose)
    assert work_off() == []
    assert not Generation.objects.exists()
    assert not [name for name in stored() if name.startswith(("generations/", ".render-"))]


@pytest.mark.usefixtures("sounds")
def test_a_lost_image_file_asks_for_another_upload(owner, image, stored):
    image.file.storage.delete(image.file.name)
    generation = asked(owner, image)
    work_off()
    generation.refresh_from_db()
    assert "Upload the image again" in generation.error

    images.upload_image(owner, sample_files.photo())
    generations.retry_generation(generation)
    assert work_off() == []
    generation.refresh_from_db()
    assert generation.state == State.READY


def test_recordings_precede_synthesised_clips(owner, image):
    category = factories.category_named("rain")
    factories.ClipFactory(category=category, source=Clip.Source.SYNTHESISED, author="Machine")
    factories.ClipFactory(category=category)
    generation = made(owner, image)
    assert {credit["author"] for credit in generation.credits} == {"Ada"}


@pytest.mark.usefixtures("sounds")
def test_the_next_attempt_removes_files_of_a_killed_one(
    owner, image, stored, settings, idle_process
):
    generation = asked(owner, image)
    idle_process.kill()
    idle_process.wait()
    leftover = Path(settings.MEDIA_ROOT) / f".render-{socket.gethostname()}-{idle_process.pid}-x"
    leftover.mkdir()
    flac = f"{generation.folder}/soundscape.flac"
    generation.audio.storage.save(flac, ContentFile(b"half a sound"))
    Generation.objects.filter(pk=generation.pk).update(attempts=1)

    scratch.remove_leftovers()
    assert work_off() == []

    generation.refresh_from_db()
    assert (generation.state, generation.attempts) == (State.READY, 2)
    assert [name for name in stored() if name.startswith("generations/")] == [generation.audio.name]
    assert not leftover.exists()


@pytest.mark.usefixtures("sounds")
def test_a_soundscape_that_kills_every_worker_leaves_no_files(owner, image, stored):
    generation = asked(owner, image)
    before = stored()
    generation.audio.storage.save(f"{generation.folder}/soundscape.wav", ContentFile(b"half"))
    Generation.objects.filter(pk=generation.pk).update(attempts=3)
    assert work_off() == []
    generation.refresh_from_db()
    assert generation.state == State.FAILED
    assert stored() == before


@pytest.mark.usefixtures("sounds")
def test_a_disk_that_fills_up_is_reported_and_leaves_no_files(owner, image, stored):
    generation = asked(owner, image)
    before = stored()
    with files_of_at_most(100_000):
        (error,) = work_off()
    assert isinstance(error, OSError)
    generation.refresh_from_db()
    assert "disk is full" in generation.error
    assert stored() == before

    generations.retry_generation(generation)
    assert work_off() == []
    generation.refresh_from_db()
    assert generation.state == State.READY


@pytest.mark.usefixtures("sounds")
def test_a_killed_conversion_leaves_one_file(owner, image, stored):
    generation = made(owner, image)
    rendition = transcoding.get_or_create_rendition(generation, "ogg")
    generation.audio.storage.save(f"{generation.folder}/soundscape.ogg", ContentFile(b"half"))
    assert work_off() == []
    rendition.refresh_from_db()
    assert rendition.state == State.READY
    assert [name for name in stored() if name.endswith(".ogg")] == [rendition.file.name]


@pytest.mark.usefixtures("sounds")
@pytest.mark.django_db(transaction=True)  # the test closes the connection
def test_files_stay_if_the_commit_s_outcome_is_unknown(owner, image, monkeypatch):
    """The database becomes unreachable during the last commit."""
    generation = asked(owner, image)
    finish = claims.Claim.finish

    def finish_and_lose_the_answer(claim, **fields):
        finish(claim, **fields)
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(claims.Claim, "finish", finish_and_lose_the_answer)
    assert work_off() == []
    generation.refresh_from_db()
    assert (generation.state, generation.attempts) == (State.READY, 1)
    assert audio(generation).startswith(b"fLaC")


WORDS = ("waves on a beach", "a harbour at night", "")


@pytest.fixture
def described(sounds):
    """More clips of each category, some with words."""
    for each in sounds:
        for words in WORDS:
            factories.ClipFactory(category=each.category, words=words)


def heard(generation):
    return [{event["clip"] for event in layer["events"]} for layer in generation.plan["layers"]]


@pytest.mark.usefixtures("described")
def test_the_plan_says_how_well_the_clips_fitted(owner, image):
    generation = made(owner, image)
    for layer in generation.plan["layers"]:
        fits = [each["fit"] for each in layer["fits"]]
        assert fits == sorted(fits, reverse=True)
        words = Clip.objects.filter(checksum__in=[each["clip"] for each in layer["fits"]])
        assert set(words.values_list("words", flat=True)) == set(WORDS) - {""}
    assert heard(made(owner, image)) == heard(generation)


@pytest.mark.usefixtures("described")
def test_a_remix_keeps_the_clips_of_unchanged_layers(owner, image):
    generation = made(owner, image)
    first, *others = generation.current_choices()
    remix = remixes.create_remix(owner, generation, [replace(first, gain_db=-6.0), *others])
    assert work_off() == []
    remix.refresh_from_db()
    assert heard(remix) == heard(generation)


@pytest.mark.usefixtures("described")
def test_the_mixer_offers_what_fits_best_first(owner, image):
    generation = made(owner, image)
    for row, layer in zip(mixer_of(generation).rows, generation.plan["layers"], strict=True):
        offered = [clip.checksum for clip in row.clips]
        used = {event["clip"] for event in layer["events"]}
        fitting = [each["clip"] for each in layer["fits"] if each["clip"] not in used]
        assert offered[: len(fitting)] == fitting
        assert set(offered[len(offered) - len(used) :]) == used
