"""openai-clip's models and their sources."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublishedModel:
    timm: str
    transformers: str | None
    openai: str
    sha256: str


PUBLISHED = {
    "ViT-B/32": PublishedModel(
        "vit_base_patch32_clip_224.openai",
        "clip-vit-base-patch32",
        "ViT-B-32.pt",
        "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af",
    ),
    "ViT-B/16": PublishedModel(
        "vit_base_patch16_clip_224.openai",
        "clip-vit-base-patch16",
        "ViT-B-16.pt",
        "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f",
    ),
    "ViT-L/14": PublishedModel(
        "vit_large_patch14_clip_224.openai",
        "clip-vit-large-patch14",
        "ViT-L-14.pt",
        "b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836",
    ),
    "ViT-L/14@336px": PublishedModel(
        "vit_large_patch14_clip_336.openai",
        "clip-vit-large-patch14-336",
        "ViT-L-14-336px.pt",
        "3035c92b350959924f9f00213499208652fc7ea050643e8b385c2dac08641f02",
    ),
    "RN50": PublishedModel(
        "resnet50_clip.openai",
        None,
        "RN50.pt",
        "afeb0e10f9e5a86da6080e35cf09123aca3b358a0c3e3b6c78a7b63bc04b6762",
    ),
    "RN101": PublishedModel(
        "resnet101_clip.openai",
        None,
        "RN101.pt",
        "8fa8567bab74a42d41c5915025a8e4538c3bdbe8804a470a72f30b0d94fab599",
    ),
    "RN50x4": PublishedModel(
        "resnet50x4_clip.openai",
        None,
        "RN50x4.pt",
        "7e526bd135e493cef0776de27d5f42653e6b4c8bf9e0f653bb11773263205fdd",
    ),
    "RN50x16": PublishedModel(
        "resnet50x16_clip.openai",
        None,
        "RN50x16.pt",
        "52378b407f34354e150460fe41077663dd5b39c54cd0bfd2b27167a4a06ec9aa",
    ),
    "RN50x64": PublishedModel(
        "resnet50x64_clip.openai",
        None,
        "RN50x64.pt",
        "be1cfb55d75a9666199fb2206c106743da0f6468c9d327f3e0d0a543a9919d9c",
    ),
}
MODELS = tuple(PUBLISHED)
OPENAI_CHECKSUMS = frozenset(model.sha256 for model in PUBLISHED.values())
