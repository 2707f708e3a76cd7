"""The journal, which removes orphans of processes killed between a file and its row."""

import io
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from soundscapes.files import journal, processes
from soundscapes.images import images
from soundscapes.imports import batch_jobs
from soundscapes.models import BatchJob, Clip, Image, JournalEntry
from soundscapes.operations import maintenance
from soundscapes.sounds import clips
from tests import factories, sample_files

pytestmark = pytest.mark.django_db


@pytest.fixture
def dead(idle_process) -> str:
    name = processes.name_of(idle_process.pid)
    idle_process.kill()
    idle_process.wait()
    return name


def left_by(process: str, *names: str) -> JournalEntry:
    return factories.JournalEntryFactory(names=names, process=process)


def put(*names: str) -> None:
    for name in names:
        default_storage.save(name, ContentFile(b"x"))


def test_files_without_their_row_are_deleted_at_the_next_heartbeat(stored, dead):
    put("images/1.jpg", "images/2.jpg", "thumbnails/1.webp", "images/.1.jpg-0123abcd.part")
    left_by(dead, "images/1.jpg", "thumbnails/1.webp")
    maintenance.run()
    assert stored() == {"images/2.jpg"}
    assert not JournalEntry.objects.exists()


def test_files_that_a_row_names_are_kept(stored, dead):
    image = factories.ImageFactory()
    clip = factories.ClipFactory()
    generation = factories.GenerationFactory(image=image, ready=True)
    kept = stored()
    left_by(dead, image.file.name, image.thumbnail.name, clip.file.name)
    left_by(dead, f"{generation.folder}/")
    maintenance.run()
    assert stored() == kept
    assert not JournalEntry.objects.exists()


def test_clips_of_the_bank_are_deleted_unless_a_row_names_them(stored, dead):
    put("bank/dog-0-v1.wav", "bank/dog-0-v2.wav", "bank/manifest.json")
    factories.ClipFactory(source=Clip.Source.SYNTHESISED)
    clips_before = stored() - {"bank/dog-0-v1.wav"}
    Clip.objects.update(file="bank/dog-0-v2.wav")
    left_by(dead, "bank/dog-0-v1.wav", "bank/dog-0-v2.wav")
    maintenance.run()
    assert stored() == clips_before
    assert not JournalEntry.objects.exists()


def test_folders_are_deleted_with_their_content(stored, dead):
    folders = [factories.BatchJobFactory().folder, factories.GenerationFactory().folder]
    put(*(f"{folder}/{name}" for folder in folders for name in ("0", "1")))
    BatchJob.objects.all().delete()
    Image.objects.all().delete()  # and its soundscape
    JournalEntry.objects.all().delete()
    left_by(dead, *(f"{folder}/" for folder in folders))
    journal.settle()
    assert not [name for name in stored() if name.startswith(tuple(folders))]


def test_entries_of_live_and_recent_remote_processes_are_kept(stored):
    put("images/1.jpg", "images/2.jpg")
    left_by(processes.own_name(), "images/1.jpg")
    note = left_by("another-machine/1/0.00", "images/2.jpg")
    assert journal.settle() == 0
    JournalEntry.objects.filter(pk=note.pk).update(noted_at=timezone.now() - timedelta(hours=2))
    assert journal.settle() == 1
    assert stored() == {"images/1.jpg"}


def noted(monkeypatch) -> list[list[str]]:
    """Record the names of new entries, in order."""
    seen: list[list[str]] = []
    create = JournalEntry.objects.create

    def seeing(**fields):
        seen.append(list(fields["names"]))
        return create(**fields)

    monkeypatch.setattr(JournalEntry.objects, "create", seeing)
    return seen


def test_every_file_that_precedes_its_row_has_an_entry(owner, stored, monkeypatch):
    seen = noted(monkeypatch)
    before = stored()
    images.upload_image(owner, sample_files.photo())
    clip = Clip(category=factories.category_named("dog"), title="t", author="a", licence="CC0")
    clips.add_clip(
        clip, clips.read_recording(io.BytesIO(sample_files.sound(sample_files.noise(1))))
    )
    upload = ContentFile(b"x", name="x.zip")
    batch_jobs.create_batch_job(owner, BatchJob.Kind.IMAGES, "s", {}, uploads=[upload])
    assert all(any(name.startswith(tuple(names)) for names in seen) for name in stored() - before)
    assert not JournalEntry.objects.exists()


def away(_name: str) -> None:
    raise OSError("The storage is away.")


@pytest.mark.django_db(transaction=True)
def test_a_deletion_interrupted_after_its_commit_is_finished(stored, monkeypatch):
    image = factories.ImageFactory()
    kept = factories.ImageFactory()
    with monkeypatch.context() as dying:
        dying.setattr(journal, "delete", away)
        image.delete()  # its row is deleted, and the storage's error is not shown
    assert len(stored()) == 4
    JournalEntry.objects.update(noted_at=timezone.now() - timedelta(hours=2))
    maintenance.run()
    assert stored() == {kept.file.name, kept.thumbnail.name}


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_deletion_leaves_no_entry(stored):
    image = factories.ImageFactory()
    with transaction.atomic():
        image.delete()
        transaction.set_rollback(True)
    assert not JournalEntry.objects.exists()
    assert Image.objects.exists()
    assert len(stored()) == 2
    assert not connection.in_atomic_block


def test_a_file_that_cannot_be_deleted_does_not_hold_up_the_others(stored, dead, caplog):
    put("images/1.jpg/inside", "images/2.jpg")  # a folder where a file should be
    note = left_by(dead, "images/1.jpg")
    left_by(dead, "images/2.jpg")
    assert journal.settle() == 1
    assert stored() == {"images/1.jpg/inside"}
    assert JournalEntry.objects.get() == note
    assert "images/1.jpg" in caplog.text
