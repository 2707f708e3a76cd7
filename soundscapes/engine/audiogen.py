"""The specified class: image in, `pydub.AudioSegment` out, in plain Python."""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from soundscapes.engine import starter
from soundscapes.engine.catalogue import Category, load_offered
from soundscapes.engine.clip_fits import bank_words, with_fits
from soundscapes.engine.composition import clip_paths, layer_requests, preferred_clips
from soundscapes.engine.matching.encoder import Encoder, PhotoEncoding
from soundscapes.engine.matching.encoders import load_encoder
from soundscapes.engine.matching.matcher import Match, rank
from soundscapes.engine.matching.text_vectors import TextVectors, described, prompt_vectors
from soundscapes.engine.matching.vectors import Vectors
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
    """Make soundscapes from images.

    By default, use CLIP if its weights are in this installation's cache, otherwise the offline
    encoder (see `encoder.name`), and the synthesised bank. The bank is built and the models are
    loaded on first use.
    """

    def __init__(self, encoder: Encoder | None = None, *, bank: Path | None = None) -> None:
        self.encoder = encoder or load_encoder(cache_dir=encoder_cache())
        self._bank = bank or bank_dir()
        self._texts = TextVectors(encoder_cache())

    def select_random_image(self) -> Image.Image:
        """Return a random starter image in RGB."""
        return starter.load(random.choice(starter.STARTER_IMAGES))

    def match(self, image: Image.Image, mode: str = CALM) -> list[Match]:
        """Rank all categories that have clips by cosine similarity.

        They are the shipped ones, or ESC-50's fifty alone if `SOUNDSCAPES_ESC50_ONLY` is on.

        "calm" keeps startling categories out of the first places unless they clearly win.
        "faithful" keeps the order of scores. Raises TypeError for a path instead of an image.
        """
        return self._rank(self._encode(image), mode)

    def generate_white_noise(
        self,
        image: Image.Image | None = None,
        *,
        duration: float = DURATION,
        seed: int | None = None,
        layers: int = LAYERS,
        mode: str = CALM,
    ) -> AudioSegment:
        """Return a looping soundscape: 16-bit stereo at 44.1 kHz.

        The best `layers` categories for the image (by default a random one) are mixed to
        `duration` seconds (5 to 3600). The same image and seed give the same samples. In "calm"
        mode, startling sounds are rare and soft; "faithful" plays them as they are. Raise
        EngineError for values out of range.
        """
        encoding = self._encode(self.select_random_image() if image is None else image)
        matches = self._rank(encoding, mode)
        requests = layer_requests(matches, self._categories(), layers, mode)
        bank = build_bank(self._bank, [r.category for r in requests])
        plan = make_plan(
            requests,
            with_fits(preferred_clips(bank), encoding, matches, self._encode_texts),
            duration=duration,
            seed=secrets.randbelow(MAX_SEED) if seed is None else seed,
            encoder=self.encoder.name,
            mode=mode,
        )
        return to_segment(render_samples(plan, clip_paths(bank)))

    def _encode(self, image: Image.Image) -> PhotoEncoding:
        if not isinstance(image, Image.Image):
            raise TypeError(f"{image!r} is no image. Pass one of Pillow's: Image.open(path).")
        return self.encoder.encode_photos([upright_rgb(image)])[0]

    def _encode_texts(self, texts: Sequence[str]) -> Vectors:
        self._texts.vectors(self.encoder, bank_words())  # at once: loading the model takes longest
        return self._texts.vectors(self.encoder, texts)

    def _rank(self, encoding: PhotoEncoding, mode: str) -> list[Match]:
        categories = described(self.encoder, self._categories())
        vectors = prompt_vectors(self.encoder, self._texts, categories)
        return rank(encoding, categories, vectors, mode=mode)

    @staticmethod
    def _categories() -> Sequence[Category]:
        sounding = set(bank_categories())
        return [category for category in load_offered() if category.slug in sounding]
