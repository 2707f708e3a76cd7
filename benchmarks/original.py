"""The original that this project succeeds, rebuilt from its description.

A Flask handler that does everything inside the request: it encodes the photo and the fifty category
names, takes the three nearest, and overlays a five-second clip of each with pydub. The encoder is
the product's own, loaded before the first request.

    python -m benchmarks.original --port 8800 --bank media/bank
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import numpy as np
from flask import Flask, Response, request
from PIL import Image
from pydub import AudioSegment

from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.matching.encoders import load_encoder
from soundscapes.engine.paths import encoder_cache
from soundscapes.engine.sound.bank import build_bank

CLIP_MILLISECONDS = 5000


def create_app(bank: Path) -> Flask:
    app = Flask("original")
    encoder = load_encoder(cache_dir=encoder_cache())
    clips = {clip.category: clip.path for clip in build_bank(bank)}
    categories = [category.slug for category in load_catalogue() if category.slug in clips]
    encoder.encode_photos([Image.new("RGB", (224, 224))])
    encoder.encode_texts(categories)

    @app.post("/")
    def soundscape() -> Response:
        photo = Image.open(request.files["image"].stream).convert("RGB")
        vector = encoder.encode_photos([photo])[0].vectors[0]
        names = [slug.replace("_", " ") for slug in categories]
        scores = encoder.encode_texts(names) @ vector
        mix = AudioSegment.silent(CLIP_MILLISECONDS, frame_rate=44100)
        for index in np.argsort(-scores)[:3]:
            clip = AudioSegment.from_wav(clips[categories[index]])
            mix = mix.overlay(clip[:CLIP_MILLISECONDS])
        wav = io.BytesIO()
        mix.export(wav, format="wav")
        return Response(wav.getvalue(), mimetype="audio/wav")

    return app


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--bank", type=Path, required=True)
    options = parser.parse_args()
    create_app(options.bank).run(port=options.port, threaded=True)


if __name__ == "__main__":
    main()
