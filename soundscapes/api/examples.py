"""One example of every object that the API answers with. A test holds them to the schema."""

from __future__ import annotations

from typing import Any

HOST = "http://localhost:8000"
IMAGE = "0b8f7a52-7c1e-4a0e-9a55-3f1f5a4b7d10"
GENERATION = "9d1f2c3b-0a4e-4b7f-8c6d-5e2a1b3c4d5e"
TIME = "2026-11-23T10:00:00.000000Z"
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

ENCODER = {"slug": "clip-vit-b-32", "name": "CLIP ViT-B/32"}
SOUND = {
    "rank": 1,
    "category": "sea_waves",
    "label": "Sea waves",
    "score": 0.29,
    "position": -0.2,
    "reason": "Looks like “a lighthouse at the coast”.",
}
LAYER = SOUND | {
    "kind": "bed",
    "gain_db": 0.0,
    "stem_url": f"{HOST}/media/stems/{GENERATION}/1.wav",
}
PICTURE = {
    "id": IMAGE,
    "url": f"{HOST}/media/images/{IMAGE}.jpg",
    "thumbnail_url": f"{HOST}/media/thumbnails/{IMAGE}.jpg",
    "status_url": f"{HOST}/api/v1/images/{IMAGE}/",
    "generate_audio_url": f"{HOST}/generate_audio?image={IMAGE}",
    "image_set": None,
    "title": "The pier at dusk",
    "author": "",
    "licence": "",
    "width": 1600,
    "height": 1067,
    "state": "ready",
    "stage": "Ready",
    "progress": 100,
    "error": "",
    "created_at": TIME,
}
TOKEN = {
    "id": "2f6c1d1e-8a51-4f0a-9d53-7e3a5a0c9b21",
    "url": f"{HOST}/api/v1/tokens/2f6c1d1e-8a51-4f0a-9d53-7e3a5a0c9b21/",
    "name": "backup script",
    "scope": "read",
    "begins_with": "1c9ea4d07f3b2a6",
    "created_at": TIME,
    "expires_at": "2027-11-23T10:00:00.000000Z",
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "Image": PICTURE,
    "SimilarityResult": PICTURE | {"encoder": ENCODER, "sounds": [SOUND]},
    "Layer": LAYER,
    "Generation": {
        "id": GENERATION,
        "image": IMAGE,
        "state": "ready",
        "stage": "Ready",
        "progress": 100,
        "error": "",
        "duration": 30,
        "seed": 7,
        "layer_count": 3,
        "mode": "calm",
        "encoder": ENCODER,
        "layers": [LAYER],
        "credits": [
            {
                "clip": SHA,
                "category": "sea_waves",
                "title": "Waves on shingle",
                "author": "Ada",
                "licence": "CC BY 4.0",
                "collection": "",
                "source": "upload",
                "url": "",
            }
        ],
        "loudness": -23.0,
        "true_peak": -3.1,
        "status_url": f"{HOST}/api/v1/generations/{GENERATION}/",
        "audio_url": f"{HOST}/media/audio/{GENERATION}.wav",
        "spectrogram_url": f"{HOST}/media/spectrograms/{GENERATION}.png",
        "created_at": TIME,
        "finished_at": TIME,
    },
    "Job": {
        "id": GENERATION,
        "kind": "generation",
        "status": "running",
        "stage": "Mixing the sounds",
        "progress": 55,
        "result_url": None,
        "error": None,
        "url": f"{HOST}/api/v1/jobs/{GENERATION}/",
        "queued_at": TIME,
        "started_at": TIME,
        "finished_at": None,
    },
    "ImageSet": {
        "id": "5b0d7f0a-54a4-4a55-8b0e-6f4f1d2a3c4b",
        "url": f"{HOST}/api/v1/image-sets/5b0d7f0a-54a4-4a55-8b0e-6f4f1d2a3c4b/",
        "name": "Starter pictures",
        "description": "Photographs that come with the packages this runs on.",
        "is_active": True,
        "image_count": 12,
    },
    "Category": {
        "slug": "sea_waves",
        "url": f"{HOST}/api/v1/categories/sea_waves/",
        "label": "Sea waves",
        "group": "Natural soundscapes",
        "kind": "bed",
        "prompts": ["a lighthouse at the coast"],
        "clip_count": 4,
    },
    "Clip": {
        "id": "7a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
        "url": f"{HOST}/api/v1/clips/7a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d/",
        "category": "sea_waves",
        "source": "upload",
        "title": "Waves on shingle",
        "author": "Ada",
        "licence": "CC BY 4.0",
        "collection": "",
        "source_url": "",
        "duration": 42.5,
        "loudness": -27.1,
        "created_at": TIME,
    },
    "Token": TOKEN,
    "NewToken": TOKEN | {"secret": "1c9ea4d07f3b2a6…"},
    "Me": {
        "username": "ada",
        "is_staff": False,
        "date_joined": TIME,
        "latest_image": IMAGE,
        "token": TOKEN,
        "quotas": [
            {"kind": "read", "limit": 1200, "window": 60, "remaining": 1188, "resets_in": 31}
        ],
    },
    "ProblemType": {
        "slug": "not-found",
        "status": 404,
        "title": "There is nothing here, or it is somebody else's",
    },
}
