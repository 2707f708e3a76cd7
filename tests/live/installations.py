"""Installations in folders, with their own database and cache on servers that are configured.

As a program, it prepares the slow parts that all tests share.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from tests import kept, object_stores
from tests.live.postgres import dump, own_database, restore
from tests.live.redis_server import redis_server
from tests.live.server import environment, manage

WITHOUT_WELCOME = "from soundscapes.models import Generation; Generation.objects.all().delete()"
"""Tests count soundscapes, and the one of the welcome page would be rendered in every copy."""


@dataclass(frozen=True)
class Template:
    """The content of a fresh installation, to copy."""

    folder: Path

    @property
    def rows(self) -> Path:
        """The SQL file of PostgreSQL's rows; SQLite's are in the data folder."""
        return self.folder / "rows.sql"

    def make(self) -> None:
        """Build it once, even if several processes ask at the same time."""
        with FileLock(self.folder.with_suffix(".lock")):
            if self.folder.exists():
                return
            with installation() as env:
                part = self.folder.with_suffix(".part")
                shutil.copytree(env["SOUNDSCAPES_DATA"], part / "data")
                shutil.copytree(env["MEDIA_ROOT"], part / "media")
                if "DATABASE_URL" in env:
                    dump(env["DATABASE_URL"], part / self.rows.name)
                part.rename(self.folder)


@contextmanager
def installation(extra: dict[str, str] | None = None) -> Iterator[dict[str, str]]:
    """Set up an installation; yield its environment."""
    with _places(extra or {}) as env:
        data, media = Path(env["SOUNDSCAPES_DATA"]), Path(env["MEDIA_ROOT"])
        if kept.has_encoders():
            shutil.copytree(kept.KEPT / "encoders", data / "encoders")
        shutil.copytree(kept.bank(), media / "bank")
        manage(env, "setup", "--offline", "--complete")
        manage(env, "shell", "-v0", "-c", WITHOUT_WELCOME)
        kept.keep(data / "encoders", "encoders")
        yield env


@contextmanager
def copy_of(template: Template, extra: dict[str, str] | None = None) -> Iterator[dict[str, str]]:
    """Copy an installation to new places, so that no other server does its jobs."""
    with _places(extra or {}) as env:
        shutil.copytree(template.folder / "data", env["SOUNDSCAPES_DATA"])
        if "S3_BUCKET" in env:
            Path(env["MEDIA_ROOT"]).mkdir()
            object_stores.upload(env, template.folder / "media")
        else:
            shutil.copytree(template.folder / "media", env["MEDIA_ROOT"])
        if "DATABASE_URL" in env:
            restore(template.rows, env["DATABASE_URL"])
        yield env


@contextmanager
def _places(extra: dict[str, str]) -> Iterator[dict[str, str]]:
    """Use SQLite, or a new database on the server named in this process's environment."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="snd-")))
        env = environment(folder / "data", folder / "media") | extra
        if "DATABASE_URL" in os.environ and "DATABASE_URL" not in extra:
            env["DATABASE_URL"] = stack.enter_context(own_database(os.environ["DATABASE_URL"]))
        if "REDIS_URL" in os.environ and "REDIS_URL" not in extra:
            env["REDIS_URL"] = stack.enter_context(redis_server())
        yield env


if __name__ == "__main__":
    with installation():
        print(f"The setup shared by all tests is in {kept.KEPT}.")
