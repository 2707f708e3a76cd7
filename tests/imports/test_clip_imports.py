"""Import of recordings, each with a row in the report."""

import pytest

from soundscapes.models import Clip
from soundscapes.models.batch_jobs import Outcome
from soundscapes.sounds import clips
from tests import sample_files
from tests.imports.jobs import CREDIT, done, of_clips, outcomes

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("sound_format", ["WAV", "FLAC", "OGG", "MP3", "AIFF"])
def test_recordings_of_any_format_become_clips_with_credits_and_a_waveform(
    owner, dog, sound_format
):
    data = sample_files.sound(sample_files.noise(1.0), sound_format, rate=48000)
    name = f"rex_barks.{sound_format.lower()}"
    done(of_clips(owner, dog, [sample_files.upload(data, name)]))
    clip = Clip.objects.get()
    assert (clip.title, clip.author, clip.url) == ("rex barks", "Ada", "https://example.org/")
    assert clip.source == Clip.Source.UPLOAD
    assert clip.duration == pytest.approx(44100 / 48000, abs=0.06)
    assert len(clip.peaks) == 60
    assert max(clip.peaks) == 100


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: sample_files.sound(sample_files.noise(0.5) * 0), "silent"),
        (lambda: sample_files.sound(sample_files.noise(0.1)), "shorter than 0.2 s"),
        (
            lambda: sample_files.sound(sample_files.noise(601 * 8000 / 44100), "FLAC", rate=8000),
            "longer than 10 minutes",
        ),
        (lambda: b"Dear all, see you on Monday", "cannot be read as audio"),
    ],
    ids=["silent", "short", "long", "text"],
)
def test_unusable_recordings_are_refused_with_a_reason(owner, dog, make, words):
    batch_job = done(of_clips(owner, dog, [sample_files.upload(make(), "a.wav")]))
    assert [row["outcome"] for row in batch_job.rows] == [Outcome.REFUSED]
    assert words in batch_job.rows[0]["note"]
    assert not Clip.objects.exists()


def test_a_recording_without_credits_is_refused(owner, dog):
    credit = CREDIT | {"author": "", "licence": ""}
    upload = sample_files.upload(sample_files.sound(sample_files.noise(0.5)), "a.wav")
    batch_job = done(of_clips(owner, dog, [upload], credit))
    assert "no author and licence" in batch_job.rows[0]["note"]


def test_the_same_recording_twice_is_one_clip(owner, dog):
    data = sample_files.sound(sample_files.noise(0.5))
    uploads = [sample_files.upload(data, "a.wav"), sample_files.upload(data, "b.wav")]
    batch_job = done(of_clips(owner, dog, uploads))
    assert [outcome for _name, outcome in outcomes(batch_job)] == [Outcome.NEW, Outcome.KNOWN]


def test_a_recording_that_another_import_stores_meanwhile_is_known(owner, dog, monkeypatch, stored):
    data = sample_files.sound(sample_files.noise(0.5))
    done(of_clips(owner, dog, [sample_files.upload(data, "a.wav")]))
    before = {name for name in stored() if "clips/" in name}
    monkeypatch.setattr(clips, "is_known", lambda _recording: False)  # as just before it was there
    batch_job = done(of_clips(owner, dog, [sample_files.upload(data, "b.wav")]))
    assert outcomes(batch_job) == [("b.wav", Outcome.KNOWN)]
    assert {name for name in stored() if "clips/" in name} == before
