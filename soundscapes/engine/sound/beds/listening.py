"""Textures of clips' files, analysed once."""

from functools import lru_cache
from pathlib import Path

from soundscapes.engine.sound.audio_files import read_clip
from soundscapes.engine.sound.beds.texture import Texture, analysed
from soundscapes.engine.sound.blas import single_threaded
from soundscapes.engine.sound.clips import Clip
from soundscapes.engine.sound.samples import SAMPLE_RATE, mono

KEPT_TEXTURES = 8


def texture_of(clip: Clip, path: Path) -> Texture:
    """Read and analyse a clip once. Raise EngineError if it cannot be read."""
    return _texture(path, clip.checksum, clip.start, clip.duration)


@lru_cache(maxsize=KEPT_TEXTURES)
@single_threaded
def _texture(path: Path, _checksum: str, start: float, duration: float) -> Texture:
    first = round(start * SAMPLE_RATE)
    frames = read_clip(path)[first : first + int(duration * SAMPLE_RATE)]
    return analysed(frames[:, 0] if frames.shape[1] == 1 else mono(frames.mean(axis=1)))
