"""Recordings as phones and recorders write them, made of samples."""

from __future__ import annotations

import io
import struct

import av
import numpy as np
import soundfile

SECONDS = 1.0
RATE = 44_100


def tone(seconds=SECONDS, frequency=440.0, channels=1, rate=RATE):
    wave = 0.3 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def written(samples, kind, subtype=None, rate=RATE):
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=kind, subtype=subtype)
    return buffer.getvalue()


def by_ffmpeg(samples, kind, codec, rate=RATE, times=1):
    """Encode samples of shape (n, channels) in a format that libsndfile does not write.

    They are encoded once and heard `times` times.
    """
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[samples.shape[1]]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        stream.bit_rate = 128_000
        resampler = av.AudioResampler(
            format=stream.codec_context.format or "fltp",
            layout=layout,
            rate=rate,
            frame_size=stream.codec_context.frame_size or 1024,
        )
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), "fltp", layout)
        frame.sample_rate = rate
        parts = (*resampler.resample(frame), *resampler.resample(None), None)
        packets = [packet for part in parts for packet in stream.encode(part)]
        copies = [(bytes(each), each.duration, each.time_base) for each in packets]
        for data, duration, base in copies * times:
            packet = av.Packet(data)
            packet.stream, packet.duration, packet.time_base = stream, duration, base
            container.mux(packet)
    return buffer.getvalue()


def ogg_flac(samples):
    buffer = io.BytesIO()
    native = io.BytesIO(written(samples, "FLAC", "PCM_16"))
    with av.open(native) as source, av.open(buffer, "w", format="ogg") as container:
        stream = container.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                container.mux(packet)
    return buffer.getvalue()


def flac_without_length(samples, rate=RATE):
    data = bytearray(written(samples, "FLAC", "PCM_16", rate))
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    return bytes(data)


def wav_that_says(size, samples, subtype="PCM_16"):
    """Return the file of a recorder that lost power: its data size is wrong."""
    data = bytearray(written(samples, "WAV", subtype))
    at = data.index(b"data") + 4
    data[at : at + 4] = struct.pack("<I", size)
    return bytes(data)
