"""Handlers of the kinds of batch job."""

import pytest

from soundscapes.imports import batch_jobs
from soundscapes.models import BatchJob, Clip, Embedding, Similarity, State
from tests import factories, sample_files
from tests.imports.jobs import done, of_images, outcomes
from tests.queue import work_off
from tests.releases import small_release

pytestmark = pytest.mark.django_db


def test_a_broken_zip_fails_the_batch_job_with_a_message(owner, image_set):
    batch_job = of_images(owner, image_set, [sample_files.upload(b"PK", "many.zip")])
    assert len(work_off()) == 1
    batch_job.refresh_from_db()
    assert batch_job.state == State.FAILED
    assert "not a valid ZIP" in batch_job.error


def test_a_missing_set_or_file_fails_the_batch_job_with_a_message(
    owner, image_set, stored, settings
):
    batch_job = of_images(owner, image_set, [sample_files.upload(sample_files.photo(), "many.zip")])
    for name in stored():
        (settings.MEDIA_ROOT / name).unlink()
    assert len(work_off()) == 1
    batch_job.refresh_from_db()
    assert "missing from the server" in batch_job.error
    image_set.delete()
    assert batch_jobs.retry(batch_job)
    assert len(work_off()) == 1
    batch_job.refresh_from_db()
    assert "set has been deleted" in batch_job.error


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
    assert "has been deleted" in batch_job.rows[1]["note"]


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


def test_images_are_encoded_and_matched_again(owner, sounds):
    image = factories.ImageFactory(of_set=True)
    stale = factories.EmbeddingFactory(image=image)
    kind, options = BatchJob.Kind.ENCODE, {"images": [str(image.pk)]}
    batch_job = done(batch_jobs.create_batch_job(owner, kind, "1 image", options))
    fresh = Embedding.objects.get(image=image)
    assert bytes(fresh.vectors) != bytes(stale.vectors)
    assert Similarity.objects.filter(image=image).count() == len(sounds)
    assert sounds[0].category.label in batch_job.rows[0]["note"]
