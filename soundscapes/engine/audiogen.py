"""The documented class: a picture in, a `pydub.AudioSegment` out, in a plain Python process."""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from soundscapes.engine import starter
from soundscapes.engine.catalogue import Category, load_catalogue
from soundscapes.engine.composition import clip_paths, layer_requests, preferred_clips
from soundscapes.engine.matching.encoder import Encoder
from soundscapes.engine.matching.encoders import load_encoder
from soundscapes.engine.matching.matcher import Match, rank
from soundscapes.engine.matching.text_vectors import TextVectors, prompt_vectors
from soundscapes.engine.modes import CALM
from soundscapes.engine.paths import bank_dir, encoder_cache
from soundscapes.engine.photos.flatten import upright_rgb
from soundscapes.engine.sound.audio_files import to_segment
from soundscapes.engine.sound.bank import bank_categories, build_bank
from soundscapes.engine.sound.planner import make_plan
from soundscapes.engine.sound.renderer import render_samples

if TYPE_CHECKING:
    from pydub.audio_segment import AudioSegment

DURATION = 30.0
LAYERS = 3
MAX_SEED = 2**31 - 1


class AudioGen:
    """Makes soundscapes of pictures.

    Without arguments it takes the encoder that this installation has (CLIP where its weights are
    at hand, else the offline encoder; `encoder.name` says which) and the synthesised bank, whose
    clips are made when they are first needed. Models load at the first picture.
    """

    def __init__(self, encoder: Encoder | None = None, *, bank: Path | None = None) -> None:
        self.encoder = encoder or load_encoder(cache_dir=encoder_cache())
        self._bank = bank or bank_dir()

    def select_random_image(self) -> Image.Image:
        """An RGB picture of the preloaded set."""
        return starter.load(random.choice(starter.STARTER_PICTURES))

    def match(self, image: Image.Image, mode: str = CALM) -> list[Match]:
        """Every category that has a sound, ranked by cosine similarity with the picture.

        In the mode "calm" a startling one is among the first only where it clearly wins; in
        "faithful" each stands where its score puts it.
        """
        categories = self._categories()
        vectors = prompt_vectors(self.encoder, TextVectors(encoder_cache()), categories)
        encoding = self.encoder.encode_photos([upright_rgb(image)])[0]
        return rank(encoding, categories, vectors, mode=mode)

    def generate_white_noise(
        self,
        image: Image.Image | None = None,
        *,
        duration: float = DURATION,
        seed: int | None = None,
        layers: int = LAYERS,
        mode: str = CALM,
    ) -> AudioSegment:
        """The soundscape of a picture: 16-bit stereo at 44.1 kHz, made to be looped.

        The picture is encoded and compared with every category; the sounds of the best `layers`
        are mixed to `duration` seconds (5 to 3600). Without a picture, a random one is taken; the
        same picture and seed give the same samples. `mode` is "calm" (startling sounds are held
        back, rare and soft) or "faithful". Raises EngineError for values out of range.
        """
        matches = self.match(image if image is not None else self.select_random_image(), mode)
        requests = layer_requests(matches, self._categories(), layers)
        bank = build_bank(self._bank, [r.category for r in requests])
        plan = make_plan(
            requests,
            preferred_clips(bank),
            duration=duration,
            seed=secrets.randbelow(MAX_SEED) if seed is None else seed,
            encoder=self.encoder.name,
            mode=mode,
        )
        return to_segment(render_samples(plan, clip_paths(bank)))

    @staticmethod
    def _categories() -> Sequence[Category]:
        sounding = set(bank_categories())
        return [category for category in load_catalogue() if category.slug in sounding]
