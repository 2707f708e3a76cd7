"""Files without rows and rows without files, with real rows and files."""

import re
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from soundscapes.accounts import exports
from soundscapes.engine import scenes
from soundscapes.files import journal
from soundscapes.generations import generations, transcoding
from soundscapes.limits import storage
from soundscapes.models import Clip, Generation, Rendition, State
from soundscapes.operations import integrity
from tests import factories
from tests.layers import rendered_layers
from tests.operations.findings import AT_ONCE, age, found, repair
from tests.queue import work_off

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("heartbeat_scheduled")]


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    "name",
    [
        *("images/x.jpg", "thumbnails/x.jpg", "clips/dog/x.wav", "generations/1/soundscape.wav"),
        *("exports/x.zip", "chores/0b8f7a52-7c1e-4a0e-9a55-3f1f5a4b7d10/0"),
    ],
)
def test_only_files_without_a_row_are_deleted(stored, name):
    before = stored()
    default_storage.save(name, ContentFile(b"nobody's"))
    assert found() == {"Files without a row": [name]}
    repair()
    assert stored() == before
    assert found() == {}


def test_a_file_is_recognised_with_a_suffix_of_the_storage(image):
    taken = image.file.name
    image.file.save("", ContentFile(b"an image"))
    assert image.file.name != taken
    assert found() == {"Files without a row": [taken]}


def test_only_rows_that_may_name_a_file_are_read(made, image, plan_of):
    names = {"images": image.file.name, "thumbnails": image.thumbnail.name}
    names |= {"generations": made.audio.name}
    plans = [
        plan_of(rows) for folder, name in names.items() for rows in journal.naming(folder, [name])
    ]
    whole = r"\b(seq scan on|scan) soundscapes_"
    assert len(plans) == 7
    assert not any(re.search(whole, plan, re.I) for plan in plans), plans


def test_the_bank_s_own_files_need_no_row():
    default_storage.save("bank/manifest.json", ContentFile(b"{}"))
    assert found() == {}


def test_a_young_file_may_still_get_its_row():
    name = default_storage.save("images/x.jpg", ContentFile(b"just uploaded"))
    assert found(timedelta(hours=1)) == {}
    age(default_storage.path(name))
    assert found(timedelta(hours=1)) == {"Files without a row": [name]}


def test_only_the_folder_of_an_orphan_is_deleted(made, settings):
    default_storage.save("generations/1/soundscape.wav", ContentFile(b"nobody's"))
    default_storage.save(f"{made.folder}/old.wav", ContentFile(b"nobody's"))
    repair()
    assert [path.name for path in (settings.MEDIA_ROOT / "generations").iterdir()] == [str(made.pk)]
    assert found() == {}


def test_uploads_of_unfinished_batch_jobs_are_left_alone(stored):
    batch_job = factories.BatchJobFactory(has_files=True)
    default_storage.save(f"{batch_job.folder}/0", ContentFile(b"a zip"))
    assert found() == {}
    batch_job.has_files = False
    batch_job.save()
    assert found() == {"Files without a row": [f"{batch_job.folder}/0"]}
    repair()
    assert stored() == set()


def test_an_export_without_its_file_is_deleted(owner):
    export = exports.request_export(owner)
    assert work_off() == []
    export.refresh_from_db()
    assert found() == {}
    default_storage.delete(export.file.name)
    assert list(found().values()) == [[str(export.pk)]]
    repair()
    assert found() == {}
    assert exports.request_export(owner) != export


def test_unknown_folders_are_not_searched(stored):
    default_storage.save("elsewhere/x.jpg", ContentFile(b"somebody's"))
    assert found() == {}


def test_half_written_files_and_folders_are_deleted(settings, stored, tmp_path):
    settings.ENCODER_CACHE = tmp_path / "encoders"
    part = settings.MEDIA_ROOT / "images" / ".x.jpg-0123abcd.part"
    folder = settings.MEDIA_ROOT / ".render-another-host-7-x"
    probe = settings.MEDIA_ROOT / "probes" / "0123"
    vectors = tmp_path / "encoders" / "texts-x.part"
    weights = tmp_path / "encoders" / "clip" / "vit-b-32.safetensors.0123.copy"
    for path in (part, probe, vectors, weights, folder / "soundscape.wav"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    age(folder)
    assert len(found()["Half-written files"]) == 5
    repair()
    assert stored() == set()
    assert not folder.exists()
    assert not vectors.exists()
    assert not weights.exists()


def test_unused_archives_are_deleted_after_a_month(tmp_path):
    folder = tmp_path / "downloads"
    folder.mkdir()
    new, old = folder / "new.zip", folder / "old.zip.part"
    for path in (new, old):
        path.write_bytes(b"PK")
    age(old, timedelta(days=31))
    assert found() == {"Archives that have not been used for a month": ["old.zip.part"]}


def test_what_is_gone_after_it_was_listed_stops_nothing(settings, tmp_path):
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    for path in (downloads / "gone.zip", settings.MEDIA_ROOT / ".render-another-machine-1-x"):
        path.symlink_to("nothing")  # listed, and missing when it is looked at
    assert found() == {}


def test_a_soundscape_without_audio_fails_and_can_be_retried(made):
    checksum = made.audio_checksum
    default_storage.delete(made.audio.name)
    Generation.objects.update(plan={})  # without it, the audio cannot be rendered again
    assert found() == {"Soundscapes without their audio": [str(made.pk)]}
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


def test_a_soundscape_keeps_its_audio_without_a_layer(made):
    default_storage.delete(rendered_layers(made)[0].stem.name)
    assert list(found()) == ["Soundscapes without a layer's file"]
    repair()
    made.refresh_from_db()
    assert made.state == State.READY
    assert [bool(layer.stem) for layer in made.layers.all()] == [False, True, True]
    assert found() == {}


def test_a_conversion_without_its_file_is_created_again_on_request(made):
    used = storage.usage(made.owner).used
    default_storage.delete(Rendition.objects.get().file.name)
    assert list(found()) == ["Renditions without their file"]
    repair()
    assert found() == {}
    assert storage.usage(made.owner).used < used
    transcoding.get_or_create_rendition(made, "ogg")
    assert work_off() == []
    assert Rendition.objects.get().state == State.READY
    assert storage.usage(made.owner).used == used


def test_a_lost_thumbnail_is_regenerated(image):
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


def test_a_lost_upload_has_to_be_uploaded_again(image):
    default_storage.delete(image.file.name)
    default_storage.delete(image.thumbnail.name)
    (finding,) = integrity.examine(AT_ONCE)
    assert finding.repair is None
    assert "uploaded again" in finding.remedy


@pytest.mark.parametrize(
    ("source", "words"),
    [("synthesised", "setup"), ("esc50", "import_esc50"), ("upload", "in the admin")],
)
def test_a_lost_clip_has_a_remedy(source, words):
    clip = factories.ClipFactory(source=source)
    default_storage.delete(clip.file.name)
    (finding,) = integrity.examine(AT_ONCE)
    assert words in finding.remedy
    assert finding.repair is None
    assert Clip.objects.exists()
