"""Kinds of recordings, by their first bytes."""

import pytest

from soundscapes.engine.recordings import kinds
from tests.engine.recording_files import by_ffmpeg, tone, written


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (written(tone(), "WAV"), "wav"),
        (written(tone(), "FLAC"), "flac"),
        (written(tone(), "OGG"), "ogg"),
        (written(tone(), "MP3"), "mp3"),
        (bytes(5000) + written(tone(), "MP3"), "mp3"),
        (b"ID3\4\0\0\0\0\1\0" + bytes(128) + written(tone(), "MP3"), "mp3"),
        (by_ffmpeg(tone(), "ipod", "aac"), "mov"),
        (by_ffmpeg(tone(), "adts", "aac"), "aac"),
        (b"This is a letter.", None),
        (b"", None),
        (bytes(70_000), None),
        (b"\xff\xd8\xff\xe0 a photo", None),
    ],
)
def test_a_recording_is_told_by_its_first_bytes(data, kind):
    assert kinds.kind_of(data[: kinds.HEAD]) == kind


def test_an_mp3_says_how_many_frames_it_has_where_a_tag_does():
    data = written(tone(), "MP3")
    assert kinds.says_length_of_mp3(data)
    assert kinds.says_length_of_mp3(b"ID3\4\0\0\0\0\1\0" + bytes(128) + data)
    bare = data.replace(b"Xing", b"\0\0\0\0").replace(b"Info", b"\0\0\0\0")
    assert not kinds.says_length_of_mp3(bare)
