"""CLIP's weights: a given file, the cache, or the first source that has them.

OpenAI's URLs come last, because they returned 404 to many users (openai/CLIP issue 516).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from soundscapes.engine import hub
from soundscapes.engine.errors import DownloadError, EngineError
from soundscapes.engine.matching.clip.published import MODELS, PUBLISHED

Progress = Callable[[int, int | None], None]  # bytes so far, and the total if known

_OPENAI = "https://openaipublic.azureedge.net/clip/models"


@dataclass(frozen=True, slots=True)
class Source:
    """A download source of a model; without `sha256`, a repository on Hugging Face's hub."""

    name: str
    url: str
    sha256: str | None = None

    def copy_cached(self, target: Path) -> bool:
        """Copy the file from the hub's cache on this machine. Return whether it is there."""
        return not self.sha256 and hub.copy_cached(self.name, Path(self.url).name, target)

    def download(self, target: Path, *, connect_timeout: float, progress: Progress | None) -> None:
        """Raise DownloadError."""
        # Web processes import this module for find_weights and need no HTTP client.
        from soundscapes.engine.download import download

        download(
            self.url,
            target,
            sha256=self.sha256 or hub.checksum_of(self.url, connect_timeout),
            headers={} if self.sha256 else hub.headers(),
            connect_timeout=connect_timeout,
            progress=progress,
        )


@dataclass(frozen=True, slots=True)
class Failure:
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class FetchReport:
    """Result of `fetch_weights`: `path` is None if all sources failed; `source` may be "cache"."""

    model: str
    path: Path | None
    source: str | None
    failures: tuple[Failure, ...] = ()

    def __str__(self) -> str:
        lines = [f"{failure.source}: {failure.reason}." for failure in self.failures]
        if self.path:
            lines.append(f"CLIP {self.model} is at {self.path} (from {self.source}).")
        else:
            lines.append(f"No source provided CLIP {self.model}.")
        return "\n".join(lines)


def find_weights(model: str, cache_dir: Path, explicit: Path | None = None) -> Path | None:
    if explicit is not None:
        return explicit if explicit.is_file() else None
    return next((path for path in _cached(model, cache_dir) if path.is_file()), None)


def fetch_weights(
    model: str,
    cache_dir: Path,
    *,
    connect_timeout: float = 5.0,
    progress: Progress | None = None,
    sources: Sequence[Source] | None = None,
) -> FetchReport:
    """Fetch missing weights from the first source that serves them.

    `progress` receives the bytes so far and the total (None if unknown). Unreachable sources are
    reported, not raised. Raise EngineError for an unknown model.
    """
    if found := find_weights(model, cache_dir):
        return FetchReport(model, found, "cache")
    if sources is None:
        sources = default_sources(model)
    for source in sources:
        target = _target(source, model, cache_dir)
        if source.copy_cached(target):
            return FetchReport(model, target, source.name)
    failures = []
    for source in sources:
        target = _target(source, model, cache_dir)
        try:
            source.download(target, connect_timeout=connect_timeout, progress=progress)
        except DownloadError as error:
            failures.append(Failure(source.name, str(error)))
        else:
            return FetchReport(model, target, source.name, tuple(failures))
    return FetchReport(model, None, None, tuple(failures))


def _target(source: Source, model: str, cache_dir: Path) -> Path:
    return cache_dir / "clip" / f"{file_stem(model)}{Path(source.url).suffix}"


def default_sources(model: str) -> tuple[Source, ...]:
    """Return a model's sources in order of preference."""
    if model not in PUBLISHED:
        raise EngineError(f"Unknown CLIP model “{model}”. Choose one of {', '.join(MODELS)}.")
    known = PUBLISHED[model]
    sources = [Source(name, hub.url_of(name, file)) for name, file in known.repositories]
    if known.openai:
        url = f"{_OPENAI}/{known.sha256}/{known.openai}"
        sources.append(Source("OpenAI", url, known.sha256))
    return tuple(sources)


def file_stem(model: str) -> str:
    """Return the model's name for use in file names: ViT-B/32 becomes vit-b-32."""
    return re.sub("[/@ ]", "-", model.lower())


def _cached(model: str, cache_dir: Path) -> Iterator[Path]:
    for suffix in (".safetensors", ".pt"):
        yield cache_dir / "clip" / f"{file_stem(model)}{suffix}"
