"""What administrators have the worker do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from soundscapes.engine.errors import EngineError
from soundscapes.imports import batch_jobs
from soundscapes.jobs import claims, queue
from soundscapes.jobs.kinds import kind_of
from soundscapes.models import BatchJob, Clip, Embedding, Similarity, State
from soundscapes.models.batch_jobs import KEPT, Outcome
from soundscapes.models.jobs import MAX_ATTEMPTS
from tests import factories, sample_files, zips
from tests.queue import waiting, work_off
from tests.releases import small_release

pytestmark = pytest.mark.django_db
CREDIT = {"title": "", "author": "Ada", "source": "https://example.org/", "licence": "CC0"}


@pytest.fixture
def image_set():
    return factories.ImageSetFactory()


@pytest.fixture
def dog():
    return factories.category_named("dog")


def of_pictures(user, image_set, uploads, is_trial=True) -> BatchJob:
    options = {"image_set": image_set.pk, "credit": CREDIT}
    kind = BatchJob.Kind.PICTURES
    return batch_jobs.create_batch_job(
        user, kind, image_set.name, options, uploads=uploads, is_trial=is_trial
    )


def of_clips(user, category, uploads, credit=CREDIT, is_trial=False) -> BatchJob:
    options = {"category": category.pk, "credit": credit}
    kind = BatchJob.Kind.CLIPS
    return batch_jobs.create_batch_job(
        user, kind, category.label, options, uploads=uploads, is_trial=is_trial
    )


def outcomes(batch_job) -> list[tuple[str, str]]:
    batch_job.refresh_from_db()
    return [(row["name"], row["outcome"]) for row in batch_job.rows]


def done(batch_job) -> BatchJob:
    assert work_off() == []
    batch_job.refresh_from_db()
    assert batch_job.state == State.READY, batch_job.error
    return batch_job


# Pictures


def test_a_dry_run_tells_new_known_and_refused_and_keeps_nothing(owner, image_set, stored):
    factories.ImageFactory(owner=None, image_set=image_set, data=sample_files.photo(7))
    before = stored()
    archive = zips.packed(
        {
            "a.jpg": sample_files.photo(1),
            "again.jpg": sample_files.photo(1),
            "known.jpg": sample_files.photo(7),
        }
    )
    uploads = [
        sample_files.upload(archive, "many.zip"),
        sample_files.upload(b"Dear all", "letter.jpg"),
    ]
    batch_job = done(of_pictures(owner, image_set, uploads))
    assert outcomes(batch_job) == [
        ("a.jpg", Outcome.NEW),
        ("again.jpg", Outcome.KNOWN),
        ("known.jpg", Outcome.KNOWN),
        ("letter.jpg", Outcome.REFUSED),
    ]
    assert "not a picture" in batch_job.rows[3]["note"]
    assert image_set.images.count() == 1
    assert {name for name in stored() - before if not name.startswith("chores/")} == set()


def test_what_is_confirmed_is_taken_in_and_its_files_are_forgotten(owner, image_set, stored):
    batch_job = done(
        of_pictures(owner, image_set, [sample_files.upload(sample_files.photo(1), "at_sea.jpg")])
    )
    assert batch_jobs.confirm(batch_job)
    assert not batch_jobs.confirm(batch_job)
    done(batch_job)
    image = image_set.images.get()
    assert (image.title, image.author, image.licence) == ("at sea", "Ada", "CC0")
    assert image.source == "https://example.org/"
    assert stored() == {image.file.name, image.thumbnail.name}
    assert not batch_job.has_files
    assert not batch_jobs.confirm(batch_job)


@pytest.mark.parametrize("name", zips.BAD_MEMBERS)
def test_a_bad_member_is_a_row_of_the_report_and_the_rest_is_taken_in(owner, image_set, name):
    make, words = zips.BAD_MEMBERS[name]
    uploads = [
        sample_files.upload(make(), "bad.zip"),
        sample_files.upload(sample_files.photo(2), "good.jpg"),
    ]
    batch_job = done(of_pictures(owner, image_set, uploads, is_trial=False))
    assert [row["outcome"] for row in batch_job.rows] == [Outcome.REFUSED, Outcome.NEW]
    assert words in batch_job.rows[0]["note"]
    assert image_set.images.count() == 1


def test_a_broken_zip_fails_the_batch_job_in_words(owner, image_set):
    batch_job = of_pictures(owner, image_set, [sample_files.upload(b"PK", "many.zip")])
    assert len(work_off()) == 1
    batch_job.refresh_from_db()
    assert batch_job.state == State.FAILED
    assert "no whole ZIP" in batch_job.error


def test_a_set_or_files_that_are_gone_fail_the_batch_job_in_words(
    owner, image_set, stored, settings
):
    batch_job = of_pictures(
        owner, image_set, [sample_files.upload(sample_files.photo(), "many.zip")]
    )
    for name in stored():
        (settings.MEDIA_ROOT / name).unlink()
    assert len(work_off()) == 1
    batch_job.refresh_from_db()
    assert "gone from the server" in batch_job.error
    image_set.delete()
    assert batch_jobs.retry(batch_job)
    assert len(work_off()) == 1
    batch_job.refresh_from_db()
    assert "set has been deleted" in batch_job.error


# Going on


def test_a_long_batch_job_lets_others_have_their_turn_and_goes_on_where_it_was(
    owner, image_set, monkeypatch
):
    monkeypatch.setattr(batch_jobs, "SLICE", 0.0)
    uploads = [
        sample_files.upload(sample_files.photo(number), f"{number}.jpg") for number in range(5)
    ]
    batch_job = of_pictures(owner, image_set, uploads, is_trial=False)
    seen = []
    take = batch_jobs.handlers.open_steps

    def open_steps(opened):
        seen.append(len(opened.rows))
        return take(opened)

    monkeypatch.setattr(batch_jobs.handlers, "open_steps", open_steps)
    done(batch_job)
    assert seen == [0, 1, 2, 3, 4]  # more turns than attempts
    assert len(seen) > MAX_ATTEMPTS
    assert [outcome for _name, outcome in outcomes(batch_job)] == [Outcome.NEW] * 5
    assert image_set.images.count() == 5


def test_a_batch_job_that_is_delivered_twice_is_done_once(owner, image_set):
    batch_job = of_pictures(
        owner, image_set, [sample_files.upload(sample_files.photo())], is_trial=False
    )
    queue.wake_up()
    done(batch_job)
    assert outcomes(batch_job) == [("photo.jpg", Outcome.NEW)]


def test_a_batch_job_whose_worker_died_is_taken_up_again(owner, image_set):
    batch_job = of_pictures(
        owner, image_set, [sample_files.upload(sample_files.photo())], is_trial=False
    )
    claim = claims.claim(kind_of(batch_job), batch_job)
    BatchJob.objects.update(leased_until=timezone.now() - timedelta(minutes=5))
    assert claim is not None
    assert queue.recover() == 1
    done(batch_job)
    assert image_set.images.count() == 1


def test_a_batch_job_at_which_every_worker_dies_fails_in_words(owner, image_set):
    batch_job = of_pictures(owner, image_set, [sample_files.upload(sample_files.photo())])
    BatchJob.objects.update(attempts=MAX_ATTEMPTS)
    assert claims.claim(kind_of(batch_job), batch_job) is None
    batch_job.refresh_from_db()
    assert "Leave that one out" in batch_job.error


def test_a_cancelled_batch_job_stops_at_its_next_item_and_goes_on_when_retried(
    owner, image_set, monkeypatch
):
    monkeypatch.setattr(batch_jobs, "SAVE_INTERVAL", 0.0)
    uploads = [
        sample_files.upload(sample_files.photo(number), f"{number}.jpg") for number in range(3)
    ]
    batch_job = of_pictures(owner, image_set, uploads, is_trial=False)
    from soundscapes.imports.picture_imports import PictureImport

    take = PictureImport.take

    def take_and_cancel(self, number):
        row = take(self, number)
        if number == 1:
            batch_jobs.cancel(batch_job)
        return row

    with monkeypatch.context() as patch:
        patch.setattr(PictureImport, "take", take_and_cancel)
        assert work_off() == []
    batch_job.refresh_from_db()
    assert batch_job.state == State.CANCELLED
    assert image_set.images.count() == 2
    assert batch_jobs.retry(batch_job)
    done(batch_job)
    assert image_set.images.count() == 3


def test_files_of_dry_runs_that_nobody_confirms_go_after_a_week(owner, image_set, stored):
    old = done(of_pictures(owner, image_set, [sample_files.upload(sample_files.photo())]))
    BatchJob.objects.update(created_at=timezone.now() - KEPT * 2)
    new = done(of_pictures(owner, image_set, [sample_files.upload(sample_files.photo())]))
    batch_jobs.remove_abandoned()
    assert {name.split("/")[1] for name in stored()} == {str(new.pk)}
    old.refresh_from_db()
    assert not old.has_files


def test_a_batch_job_s_files_go_with_it(
    owner, image_set, stored, django_capture_on_commit_callbacks
):
    batch_job = of_pictures(owner, image_set, [sample_files.upload(sample_files.photo())])
    assert stored()
    with django_capture_on_commit_callbacks(execute=True):
        batch_job.delete()
    assert stored() == set()


def test_nothing_stays_where_a_batch_job_cannot_be_written(owner, image_set, stored, monkeypatch):
    monkeypatch.setattr(queue, "enqueue", lambda _job: (_ for _ in ()).throw(EngineError("No.")))
    with pytest.raises(EngineError):
        of_pictures(owner, image_set, [sample_files.upload(sample_files.photo())])
    assert stored() == set()
    assert not BatchJob.objects.exists()


# Clips


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
        (lambda: sample_files.sound(sample_files.noise(0.1)), "0.2 s at least"),
        (
            lambda: sample_files.sound(sample_files.noise(601 * 8000 / 44100), "FLAC", rate=8000),
            "limit is 10",
        ),
        (lambda: b"Dear all, see you on Monday", "cannot be read as a sound"),
    ],
    ids=["silent", "short", "long", "text"],
)
def test_what_is_no_clip_is_refused_with_the_reason(owner, dog, make, words):
    batch_job = done(of_clips(owner, dog, [sample_files.upload(make(), "a.wav")]))
    assert [row["outcome"] for row in batch_job.rows] == [Outcome.REFUSED]
    assert words in batch_job.rows[0]["note"]
    assert not Clip.objects.exists()


def test_a_recording_without_credits_is_refused(owner, dog):
    credit = CREDIT | {"author": "", "licence": ""}
    upload = sample_files.upload(sample_files.sound(sample_files.noise(0.5)), "a.wav")
    batch_job = done(of_clips(owner, dog, [upload], credit))
    assert "author and licence must be known" in batch_job.rows[0]["note"]


def test_the_same_recording_twice_is_one_clip(owner, dog):
    data = sample_files.sound(sample_files.noise(0.5))
    uploads = [sample_files.upload(data, "a.wav"), sample_files.upload(data, "b.wav")]
    batch_job = done(of_clips(owner, dog, uploads))
    assert [outcome for _name, outcome in outcomes(batch_job)] == [Outcome.NEW, Outcome.KNOWN]


def test_clips_are_measured_again(owner, dog):
    clip = factories.ClipFactory(category=dog)
    Clip.objects.update(duration=9.0, loudness=-70.0)
    kind, options = BatchJob.Kind.MEASURE, {"clips": [str(clip.pk), str(owner.pk).rjust(36, "0")]}
    options["clips"][1] = "00000000-0000-0000-0000-000000000000"
    batch_job = done(batch_jobs.create_batch_job(owner, kind, "2 clips", options))
    clip.refresh_from_db()
    assert clip.duration == pytest.approx(factories.CLIP_SECONDS)
    assert clip.loudness > -40
    assert clip.peaks
    assert "9.00 s before, 1.50 s now" in batch_job.rows[0]["note"]
    assert "deleted meanwhile" in batch_job.rows[1]["note"]


# ESC-50


@pytest.mark.parametrize("as_zip", [True, False], ids=["upload", "path"])
def test_esc50_is_imported_from_an_upload_or_a_path(owner, dog, tmp_path, as_zip):
    factories.category_named("wind")
    release = small_release()
    release.audio["1-100032-A-0.wav"] = b"broken"
    options, uploads = {"esc10_only": False, "path": ""}, []
    if as_zip:
        data = release.zip(tmp_path / "esc50.zip").read_bytes()
        uploads = [sample_files.upload(data, "esc50.zip")]
    else:
        options["path"] = str(release.folder(tmp_path / "esc50"))
    kind = BatchJob.Kind.ESC50
    batch_job = done(batch_jobs.create_batch_job(owner, kind, "ESC-50", options, uploads=uploads))
    assert sorted(outcome for _name, outcome in outcomes(batch_job)) == ["new", "new", "refused"]
    assert Clip.objects.filter(source=Clip.Source.ESC50).count() == 2
    assert all(clip.peaks for clip in Clip.objects.all())


# Encoding and trials


def test_pictures_are_encoded_and_matched_again(owner, sounds):
    image = factories.ImageFactory(of_set=True)
    stale = factories.EmbeddingFactory(image=image)
    kind, options = BatchJob.Kind.ENCODE, {"images": [str(image.pk)]}
    batch_job = done(batch_jobs.create_batch_job(owner, kind, "1 picture", options))
    fresh = Embedding.objects.get(image=image)
    assert bytes(fresh.vectors) != bytes(stale.vectors)
    assert Similarity.objects.filter(image=image).count() == len(sounds)
    assert sounds[0].category.label in batch_job.rows[0]["note"]


def test_descriptions_are_tried_without_being_saved(owner, sounds):
    dog = sounds[1].category
    images = [factories.ImageFactory(of_set=True) for _ in range(2)]
    kept = list(dog.prompts)
    options = {
        "category": dog.pk,
        "prompts": ["abstract colourful noise pattern"],
        "images": [str(image.pk) for image in images],
    }
    batch_job = done(batch_jobs.create_batch_job(owner, BatchJob.Kind.PROMPTS, dog.label, options))
    dog.refresh_from_db()
    assert dog.prompts == kept
    assert len(batch_job.rows) == 2
    for row in batch_job.rows:
        before, after = row["details"]["before"], row["details"]["after"]
        assert [each["rank"] for each in before] == [1, 2, 3]
        scores = [next(e["score"] for e in each if e["is_tried"]) for each in (before, after)]
        assert scores[0] != scores[1]
    assert not Similarity.objects.exists()
    assert waiting() == []
