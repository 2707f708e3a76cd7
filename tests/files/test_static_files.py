"""Static files under content-hashed names, including imports of modules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import storages
from django.core.management import call_command

MODULES = Path(__file__).resolve().parents[2] / "static" / "js"
IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""")
OWN_ALONE = ["django.contrib.staticfiles.finders.FileSystemFinder"]  # not of other apps
HASHED = re.compile(r"\.[0-9a-f]{12}\.js$")


@pytest.fixture
def collected(tmp_path, settings) -> Path:
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_FINDERS = OWN_ALONE
    backend = {"BACKEND": "soundscapes.files.static_files.HashedModules"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": backend}
    call_command("collectstatic", verbosity=0, interactive=False)
    return settings.STATIC_ROOT


def hashed_modules(root: Path) -> list[Path]:
    return [path for path in (root / "js").glob("*.js") if HASHED.search(path.name)]


def test_modules_are_imported_by_their_hashed_names(collected):
    modules = hashed_modules(collected)
    assert len(modules) == len(list(MODULES.glob("*.js")))
    imports = [(path, name) for path in modules for name in IMPORT.findall(path.read_text())]
    written = sum(len(IMPORT.findall(path.read_text())) for path in MODULES.glob("*.js"))
    assert len(imports) == written > 5
    for path, name in imports:
        assert HASHED.search(name), (path.name, name)
        assert (path.parent / name).is_file(), (path.name, name)


def test_files_used_by_pages_are_compressed_once(collected):
    packed = {path: path.stat().st_mtime_ns for path in collected.rglob("*.gz")}
    large = [path for path in hashed_modules(collected) if path.stat().st_size > 1000]
    assert len(large) > 5
    assert {path.with_name(f"{path.name}.gz") for path in large} <= set(packed)
    assert all(path.stat().st_size < path.with_suffix("").stat().st_size for path in packed)
    call_command("collectstatic", verbosity=0, interactive=False)
    assert {path: path.stat().st_mtime_ns for path in collected.rglob("*.gz")} == packed


def test_a_changed_module_renames_its_importers(tmp_path, settings):
    names = []
    for number, text in enumerate(("export const a = 1;", "export const a = 2;")):
        source = tmp_path / f"source{number}" / "js"
        source.mkdir(parents=True)
        (source / "inner.js").write_text(text)
        (source / "outer.js").write_text('import { a } from "./inner.js";')
        settings.STATICFILES_DIRS = [source.parent]
        settings.STATICFILES_FINDERS = OWN_ALONE
        settings.STATIC_ROOT = tmp_path / f"root{number}"
        backend = {"BACKEND": "soundscapes.files.static_files.HashedModules"}
        settings.STORAGES = settings.STORAGES | {"staticfiles": backend}
        call_command("collectstatic", verbosity=0, interactive=False)
        names.append(storages["staticfiles"].stored_name("js/outer.js"))
    assert names[0] != names[1]
