"""Files without a row and rows without a file: found and repaired, with real ones of both."""

import re
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from soundscapes.accounts import exports
from soundscapes.engine import scenes
from soundscapes.files import journal
from soundscapes.generations import generations, transcoding
from soundscapes.images import images
from soundscapes.jobs import heartbeat
from soundscapes.models import Clip, Rendition, State
from soundscapes.operations import integrity
from tests import factories, sample_files
from tests.operations.findings import AT_ONCE, age, found, repair
from tests.queue import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    """A beat that is due, and a folder in which nothing lies."""
    heartbeat.schedule()
    settings.DATA_DIR = tmp_path


@pytest.fixture
def image(owner):
    return images.upload_image(owner, sample_files.photo())


@pytest.fixture
def made(owner, image, sounds):
    """A finished soundscape with all that belongs to one, and a conversion."""
    generation = generations.create_generation(owner, image, duration=5)
    assert work_off() == []
    generation.refresh_from_db()
    transcoding.get_or_create_rendition(generation, "ogg")
    assert work_off() == []
    return generation


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    "name",
    [
        *("images/x.jpg", "thumbnails/x.jpg", "clips/dog/x.wav", "generations/1/soundscape.wav"),
        *("exports/x.zip", "chores/0b8f7a52-7c1e-4a0e-9a55-3f1f5a4b7d10/0"),
    ],
)
def test_a_file_without_a_row_goes_and_no_other(stored, name):
    before = stored()
    default_storage.save(name, ContentFile(b"nobody's"))
    assert found() == {"Files without a row": [name]}
    repair()
    assert stored() == before
    assert found() == {}


def test_a_file_is_known_though_the_storage_had_to_add_to_its_name(image):
    taken = image.file.name
    image.file.save("", ContentFile(b"an image"))
    assert image.file.name != taken
    assert found() == {"Files without a row": [taken]}


def test_of_millions_of_rows_none_is_read_but_those_that_may_name_a_file(made, image, plan_of):
    names = {"images": image.file.name, "thumbnails": image.thumbnail.name}
    names |= {"generations": made.audio.name}
    plans = [
        plan_of(rows) for folder, name in names.items() for rows in journal.naming(folder, [name])
    ]
    whole = r"\b(seq scan on|scan) soundscapes_"
    assert len(plans) == 6
    assert not any(re.search(whole, plan, re.I) for plan in plans), plans


def test_a_young_file_is_left_alone_for_its_row_may_be_coming():
    name = default_storage.save("images/x.jpg", ContentFile(b"just uploaded"))
    assert found(timedelta(hours=1)) == {}
    age(default_storage.path(name))
    assert found(timedelta(hours=1)) == {"Files without a row": [name]}


def test_the_folder_of_a_stray_goes_with_it_and_those_of_others_stay(made, settings):
    default_storage.save("generations/1/soundscape.wav", ContentFile(b"nobody's"))
    default_storage.save(f"{made.folder}/old.wav", ContentFile(b"nobody's"))
    repair()
    assert [path.name for path in (settings.MEDIA_ROOT / "generations").iterdir()] == [str(made.pk)]
    assert found() == {}


def test_what_came_with_unfinished_work_of_administrators_is_left_alone(stored):
    batch_job = factories.BatchJobFactory(has_files=True)
    default_storage.save(f"{batch_job.folder}/0", ContentFile(b"a zip"))
    assert found() == {}
    batch_job.has_files = False
    batch_job.save()
    assert found() == {"Files without a row": [f"{batch_job.folder}/0"]}
    repair()
    assert stored() == set()


def test_an_export_without_its_file_is_forgotten(owner):
    export = exports.request_export(owner)
    assert work_off() == []
    export.refresh_from_db()
    assert found() == {}
    default_storage.delete(export.file.name)
    assert list(found().values()) == [[str(export.pk)]]
    repair()
    assert found() == {}
    assert exports.request_export(owner) != export


def test_folders_that_it_does_not_know_are_not_looked_into(stored):
    default_storage.save("elsewhere/x.jpg", ContentFile(b"somebody's"))
    assert found() == {}


def test_half_written_files_and_folders_go(settings, stored, tmp_path):
    settings.ENCODER_CACHE = tmp_path / "encoders"
    part = settings.MEDIA_ROOT / "images" / ".x.jpg-0123abcd.part"
    folder = settings.MEDIA_ROOT / ".render-another-host-7-x"
    probe = settings.MEDIA_ROOT / "probes" / "0123"
    vectors = tmp_path / "encoders" / "texts-x.part"
    for path in (part, probe, vectors, folder / "soundscape.wav"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    age(folder)
    assert len(found()["Half-written files"]) == 4
    repair()
    assert stored() == set()
    assert not folder.exists()
    assert not vectors.exists()


def test_archives_that_nobody_uses_any_more_go_after_a_month(tmp_path):
    folder = tmp_path / "downloads"
    folder.mkdir()
    new, old = folder / "new.zip", folder / "old.zip.part"
    for path in (new, old):
        path.write_bytes(b"PK")
    age(old, timedelta(days=31))
    assert found() == {"Archives that nobody has used for a month": ["old.zip.part"]}
    repair()
    assert [path.name for path in folder.iterdir()] == ["new.zip"]


def test_a_soundscape_that_lost_its_sound_fails_in_words_and_a_retry_makes_it_again(made):
    checksum = made.audio_checksum
    default_storage.delete(made.audio.name)
    assert found() == {"Soundscapes without their sound": [str(made.pk)]}
    repair()
    made.refresh_from_db()
    assert (made.state, made.audio.name) == (State.FAILED, "")
    assert made.error.endswith("Retry to render it again from the same image.")
    assert not Rendition.objects.exists()

    generations.retry_generation(made)
    assert work_off() == []
    made.refresh_from_db()
    assert (made.state, made.audio_checksum) == (State.READY, checksum)
    assert found() == {}


def test_a_soundscape_without_its_extras_does_without(made):
    stem = made.layers.first().stem.name
    for name in (made.spectrogram.name, stem):
        default_storage.delete(name)
    assert list(found()) == ["Soundscapes without an image or a layer of their sound"]
    repair()
    made.refresh_from_db()
    assert (made.state, made.spectrogram.name) == (State.READY, "")
    assert [bool(layer.stem) for layer in made.layers.all()] == [False, True, True]
    assert found() == {}


def test_a_conversion_without_its_file_is_made_again_when_somebody_asks(made):
    default_storage.delete(Rendition.objects.get().file.name)
    assert list(found()) == ["Renditions without their file"]
    repair()
    assert found() == {}
    transcoding.get_or_create_rendition(made, "ogg")
    assert work_off() == []
    assert Rendition.objects.get().state == State.READY


def test_a_thumbnail_is_made_again_from_its_image(image):
    default_storage.delete(image.thumbnail.name)
    assert list(found()) == ["Images without their file"]
    repair()
    image.refresh_from_db()
    assert image.thumbnail.read()[8:12] == b"WEBP"
    assert found() == {}


def test_a_lost_scene_is_stored_again():
    scene = scenes.SCENES[0]
    image = factories.ImageFactory(of_set=True, source=scene.source)
    for file in (image.file, image.thumbnail):
        default_storage.delete(file.name)
    repair()
    image.refresh_from_db()
    assert default_storage.exists(image.file.name)
    assert found() == {}


def test_an_uploaded_image_that_is_lost_is_asked_for_again(image):
    default_storage.delete(image.file.name)
    default_storage.delete(image.thumbnail.name)
    (finding,) = integrity.examine(AT_ONCE)
    assert finding.repair is None
    assert "uploaded again" in finding.remedy


@pytest.mark.parametrize(
    ("source", "words"),
    [("synthesised", "setup"), ("esc50", "import_esc50"), ("upload", "in the admin")],
)
def test_of_a_lost_clip_is_said_how_it_is_had_again(source, words):
    clip = factories.ClipFactory(source=source)
    default_storage.delete(clip.file.name)
    (finding,) = integrity.examine(AT_ONCE)
    assert words in finding.remedy
    assert finding.repair is None
    assert Clip.objects.exists()
