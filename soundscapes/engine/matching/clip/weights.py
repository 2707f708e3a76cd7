"""Where CLIP's weights come from: a named file, the cache, or the first source that has them.

OpenAI's own addresses have answered 404 to many users (openai/CLIP issue 516), so they stand last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from soundscapes.engine.errors import EngineError

_HUB = "https://huggingface.co"
_SAMPLES, _SAMPLE_BYTES = 16, 1 << 16  # of a file, for its fingerprint
_OPENAI = "https://openaipublic.azureedge.net/clip/models"


@dataclass(frozen=True, slots=True)
class _Model:
    """Where one of openai-clip's models is published."""

    timm: str
    transformers: str | None
    openai: str
    sha256: str


_MODELS = {
    "ViT-B/32": _Model(
        "vit_base_patch32_clip_224.openai",
        "clip-vit-base-patch32",
        "ViT-B-32.pt",
        "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af",
    ),
    "ViT-B/16": _Model(
        "vit_base_patch16_clip_224.openai",
        "clip-vit-base-patch16",
        "ViT-B-16.pt",
        "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f",
    ),
    "ViT-L/14": _Model(
        "vit_large_patch14_clip_224.openai",
        "clip-vit-large-patch14",
        "ViT-L-14.pt",
        "b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836",
    ),
    "ViT-L/14@336px": _Model(
        "vit_large_patch14_clip_336.openai",
        "clip-vit-large-patch14-336",
        "ViT-L-14-336px.pt",
        "3035c92b350959924f9f00213499208652fc7ea050643e8b385c2dac08641f02",
    ),
    "RN50": _Model(
        "resnet50_clip.openai",
        None,
        "RN50.pt",
        "afeb0e10f9e5a86da6080e35cf09123aca3b358a0c3e3b6c78a7b63bc04b6762",
    ),
    "RN101": _Model(
        "resnet101_clip.openai",
        None,
        "RN101.pt",
        "8fa8567bab74a42d41c5915025a8e4538c3bdbe8804a470a72f30b0d94fab599",
    ),
    "RN50x4": _Model(
        "resnet50x4_clip.openai",
        None,
        "RN50x4.pt",
        "7e526bd135e493cef0776de27d5f42653e6b4c8bf9e0f653bb11773263205fdd",
    ),
    "RN50x16": _Model(
        "resnet50x16_clip.openai",
        None,
        "RN50x16.pt",
        "52378b407f34354e150460fe41077663dd5b39c54cd0bfd2b27167a4a06ec9aa",
    ),
    "RN50x64": _Model(
        "resnet50x64_clip.openai",
        None,
        "RN50x64.pt",
        "be1cfb55d75a9666199fb2206c106743da0f6468c9d327f3e0d0a543a9919d9c",
    ),
}
MODELS = tuple(_MODELS)
OPENAI_CHECKSUMS = frozenset(model.sha256 for model in _MODELS.values())


@dataclass(frozen=True, slots=True)
class Source:
    """One place that publishes a model; without `sha256` the server must declare one."""

    name: str
    url: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a source did not serve."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class FetchReport:
    """What `fetch_weights` did: `path` is None when no source served; `source` is "cache" when
    the weights were there before."""

    model: str
    path: Path | None
    source: str | None
    failures: tuple[Failure, ...] = ()

    def __str__(self) -> str:
        """For people: the outcome, and why each earlier source failed."""
        lines = [f"{failure.source}: {failure.reason}." for failure in self.failures]
        if self.path:
            lines.append(f"CLIP {self.model} is at {self.path} (from {self.source}).")
        else:
            lines.append(f"CLIP {self.model} could be fetched from nowhere.")
        return "\n".join(lines)


def find_weights(model: str, cache_dir: Path, explicit: Path | None = None) -> Path | None:
    """The file of a model's weights: the one that the user names, else one in the cache."""
    if explicit is not None:
        return explicit if explicit.is_file() else None
    return next((path for path in _cached(model, cache_dir) if path.is_file()), None)


def fetch_weights(
    model: str,
    cache_dir: Path,
    *,
    connect_timeout: float = 5.0,
    progress: Callable[[int, int | None], None] | None = None,
    sources: Sequence[Source] | None = None,
) -> FetchReport:
    """Fetch a model's weights from the first source that serves them, unless they are there.

    `progress` is called with the bytes so far and the bytes in all (None where unknown). A source
    that cannot be reached is a line in the report, not an exception. Raises EngineError for a
    model that does not exist.
    """
    # An HTTP client is no part of a web process, which imports this module for find_weights.
    from soundscapes.engine.download import DownloadError, download

    if found := find_weights(model, cache_dir):
        return FetchReport(model, found, "cache")
    failures = []
    for source in default_sources(model) if sources is None else sources:
        suffix = Path(source.url).suffix
        target = cache_dir / "clip" / f"{file_stem(model)}{suffix}"
        try:
            download(
                source.url,
                target,
                sha256=source.sha256,
                connect_timeout=connect_timeout,
                progress=progress,
            )
        except DownloadError as error:
            failures.append(Failure(source.name, str(error)))
        else:
            return FetchReport(model, target, source.name, tuple(failures))
    return FetchReport(model, None, None, tuple(failures))


def default_sources(model: str) -> tuple[Source, ...]:
    """The places that publish a model, in the order in which they are tried."""
    if model not in _MODELS:
        raise EngineError(f"There is no CLIP model “{model}”. Choose one of {', '.join(MODELS)}.")
    known = _MODELS[model]
    timm = f"timm/{known.timm}"
    sources = [Source(timm, f"{_HUB}/{timm}/resolve/main/open_clip_model.safetensors")]
    if known.transformers:
        repository = f"openai/{known.transformers}"
        sources.append(Source(repository, f"{_HUB}/{repository}/resolve/main/model.safetensors"))
    url = f"{_OPENAI}/{known.sha256}/{known.openai}"
    return (*sources, Source("OpenAI", url, known.sha256))


def file_stem(model: str) -> str:
    """A model's name as part of a file's: ViT-B/32 becomes vit-b-32."""
    return model.lower().replace("/", "-").replace("@", "-")


def fingerprint(path: Path) -> str:
    """Eight hexadecimal digits that other weights do not share: of a file's size and samples of it.

    Training changes every part of the weights, so that samples tell, at a thousandth of the time
    that reading it all would take. Raises OSError.
    """
    status = path.stat()
    return _fingerprint(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=8)
def _fingerprint(path: Path, size: int, _modified: int) -> str:
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        for number in range(_SAMPLES):
            file.seek(size * number // _SAMPLES)
            digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()[:8]


def _cached(model: str, cache_dir: Path) -> Iterator[Path]:
    for suffix in (".safetensors", ".pt"):
        yield cache_dir / "clip" / f"{file_stem(model)}{suffix}"
