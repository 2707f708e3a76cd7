"""Recordings of phones and other recorders, decoded by FFmpeg in a process of its own."""

import io

import numpy as np
import pytest

from soundscapes.engine.errors import EngineError
from soundscapes.engine.recordings import transcoder_process
from soundscapes.engine.recordings.reading import open_recording
from soundscapes.engine.recordings.transcoder_process import Limits, transcode
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests.engine.recording_files import by_ffmpeg, tone

FORMATS = [
    ("ipod", "aac", 44_100),
    ("adts", "aac", 44_100),
    ("mp4", "aac", 48_000),
    ("3gp", "aac", 44_100),
    ("webm", "libopus", 48_000),
    ("caf", "alac", 44_100),
    ("asf", "wmav2", 44_100),
]


def read(data):
    with open_recording(io.BytesIO(data)) as recording:
        return recording.seconds, np.concatenate(list(recording.blocks()))


def frequency(frames):
    spectrum = np.abs(np.fft.rfft(frames[:, 0] * np.hanning(len(frames))))
    return spectrum.argmax() * SAMPLE_RATE / len(frames)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("kind", "codec", "rate"), FORMATS, ids=[each[0] for each in FORMATS])
def test_a_phone_s_recording_is_read(kind, codec, rate, channels):
    seconds, frames = read(by_ffmpeg(tone(channels=channels, rate=rate), kind, codec, rate))
    assert seconds == pytest.approx(1.0, abs=0.1)
    assert frames.shape == (pytest.approx(SAMPLE_RATE, rel=0.1), channels)
    assert frequency(frames) == pytest.approx(440, abs=3)
    assert np.sqrt(np.mean(frames**2)) == pytest.approx(0.3 * 2**-0.5, rel=0.1)


def test_a_phone_s_surround_keeps_its_centre():
    samples = tone(channels=6)
    samples[:, [0, 1, 3, 4, 5]] = 0
    _seconds, frames = read(by_ffmpeg(samples, "ipod", "aac"))
    assert frames.shape[1] == 2
    assert np.sqrt(np.mean(frames**2)) == pytest.approx(0.3 / 2, rel=0.1)


def test_an_old_phone_s_recording_is_read():
    seconds, frames = read(by_ffmpeg(tone(rate=8000), "amr", "amr_nb", 8000))
    assert seconds == pytest.approx(1.0, abs=0.1)
    assert frequency(frames) == pytest.approx(440, abs=5)


@pytest.mark.parametrize("part", [0.2, 0.7])
def test_a_recording_that_is_cut_says_so(part):
    data = by_ffmpeg(tone(5.0), "ipod", "aac")
    with pytest.raises(EngineError, match="M4A file is damaged or incomplete"):
        read(data[: int(len(data) * part)])


def test_a_film_without_sound_says_so(tmp_path):
    import av

    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height = 64, 48
        frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(EngineError, match="no sound in this file"):
        read(path.read_bytes())


def test_what_lasts_too_long_is_decoded_no_further_and_says_how_long(tmp_path):
    source, target = tmp_path / "long.m4a", tmp_path / "out.wav"
    source.write_bytes(by_ffmpeg(tone(20.0), "ipod", "aac"))
    seconds = transcode("mov", source, target, Limits(2.0, 10**9))
    assert seconds == pytest.approx(20, abs=0.2)
    assert target.stat().st_size < 3 * SAMPLE_RATE * 4


@pytest.mark.parametrize("kind", ["mov", "mp3", "ogg", "matroska", "wav"])
def test_no_bytes_make_the_decoder_open_another_file(tmp_path, kind):
    secret, source = tmp_path / "secret.wav", tmp_path / "list"
    secret.write_bytes(b"RIFF")
    source.write_text(f"#EXTM3U\n#EXTINF:1,\n{secret}\nffconcat version 1.0\nfile {secret}\n")
    with pytest.raises(EngineError, match="damaged"):
        transcode(kind, source, tmp_path / "out.wav", Limits(9.0, 10**9))


def test_the_seam_loads_ffmpeg_in_the_other_process_alone():
    import subprocess
    import sys

    code = f"import {transcoder_process.__name__}, sys; print('av' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
