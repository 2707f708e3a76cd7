"""All file operations with an S3-compatible bucket."""

import io
import os
import zipfile

import pytest
import soundfile
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from soundscapes.files import local_copies
from soundscapes.files.object_storage import READ_AHEAD
from soundscapes.files.tagged_audio import as_wav
from soundscapes.generations import transcoding
from soundscapes.images import images
from soundscapes.models import Clip
from soundscapes.sounds import bank, catalogue
from tests import sample_files
from tests.layers import rendered_layers
from tests.object_stores import client, names_in
from tests.queue import work_off

pytestmark = [
    pytest.mark.usefixtures("own_data"),
    pytest.mark.django_db,
    pytest.mark.usefixtures("bucket"),
]


def test_all_files_of_a_soundscape_are_in_the_bucket(made, bucket, stored):
    layers = rendered_layers(made)
    wanted = [made.audio, made.image.file, made.image.thumbnail]
    wanted += [layer.stem for layer in layers] + [clip.file for clip in Clip.objects.all()]
    assert len(layers) == 3
    assert {file.name for file in wanted} == names_in(bucket)
    assert stored() == set()
    samples, rate = soundfile.read(io.BytesIO(made.audio.read()))
    assert len(samples) == 5 * rate


def test_a_thread_reads_objects_and_the_event_loop_does_not_wait_for_them(made, owner, sign_in):
    response = sign_in(owner).get(reverse("audio", args=[made.pk]))
    assert response.file_to_stream is None
    assert b"".join(response.streaming_content).startswith(b"RIFF")


def test_conversion_export_and_deletion_work_in_the_bucket(
    made, bucket, owner, sign_in, django_capture_on_commit_callbacks
):
    transcoding.get_or_create_rendition(made, "ogg")
    assert work_off() == []
    assert made.renditions.get().file.read().startswith(b"OggS")
    layers = rendered_layers(made)
    packed = sign_in(owner).get(reverse("stems", args=[made.pk]))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(packed.streaming_content)))
    stems = [name for name in archive.namelist() if name.endswith(".wav")]
    kept = [as_wav(layer.stem, layer.title).read() for layer in layers]
    assert [archive.read(name) for name in stems] == kept

    with django_capture_on_commit_callbacks(execute=True):
        made.delete()
    assert not [name for name in names_in(bucket) if str(made.pk) in name]


def test_an_image_lost_in_the_bucket_can_be_uploaded_again(owner, bucket):
    image = images.upload_image(owner, sample_files.photo())
    image.file.storage.delete(image.file.name)
    again = images.upload_image(owner, sample_files.photo())
    assert again == image
    assert {again.file.name, again.thumbnail.name} == names_in(bucket)


@pytest.mark.usefixtures("with_bank")
def test_the_bank_is_stored_and_restored_in_the_bucket(bucket):
    """Three categories are enough."""
    few = ["dog", "hen", "rain"]
    catalogue.import_catalogue()
    bank.import_bank(few)
    clips = set(Clip.objects.values_list("file", flat=True))
    assert clips == names_in(bucket)
    lost = Clip.objects.first()
    default_storage.delete(lost.file.name)
    assert bank.import_bank(few) == 0
    assert clips == names_in(bucket)
    assert local_copies.clip_path(lost).read_bytes()[:4] == b"RIFF"


def test_only_the_needed_bytes_are_requested():
    data = os.urandom(4 * READ_AHEAD)
    name = default_storage.save("sound.wav", ContentFile(data))
    asked = []
    events = default_storage.connection.meta.client.meta.events
    events.register("before-send.s3.GetObject", lambda request, **_: asked.append(request))
    with default_storage.open(name) as file:
        assert file.size == len(data)
        file.seek(2 * READ_AHEAD)
        assert file.read(100) == data[2 * READ_AHEAD :][:100]
        file.seek(10)
        assert file.read(5) == data[10:15]
        file.seek(-3, os.SEEK_END)
        assert file.read() == data[-3:]
    ranges = [request.headers["Range"] for request in asked]
    assert ranges == [f"bytes={at}-".encode() for at in (2 * READ_AHEAD, 10, len(data) - 3)]


def test_missing_and_truncated_objects_are_errors(bucket):
    with pytest.raises(FileNotFoundError):
        default_storage.open("nothing.wav")
    name = default_storage.save("sound.wav", ContentFile(bytes(3 * READ_AHEAD)))
    with default_storage.open(name) as file:
        file.read(10)
        client(bucket).put_object(Bucket=bucket["S3_BUCKET"], Key=name, Body=b"short")
        file.seek(2 * READ_AHEAD)
        with pytest.raises(Exception, match="range"):
            file.read()
