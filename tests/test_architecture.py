"""Rules of the house that hold for the whole of the code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
SOURCES = sorted((PROJECT / "soundscapes").rglob("*.py"))
ENGINE = PROJECT / "soundscapes" / "engine"


READ_IMPORTS = """
import ast, json, pathlib, sys
def names(path):
    for node in ast.walk(ast.parse(pathlib.Path(path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
print(json.dumps({path: sorted(set(names(path))) for path in sys.argv[1:]}))
"""


@cache
def imports() -> dict[str, list[str]]:
    """What every file imports, wherever in it.

    Read in a process of its own: in one that has run a thousand tests, CPython 3.11 has been seen
    to lose count of its recursion and fail in `ast.parse`.
    """
    paths = [str(path) for path in SOURCES]
    command = [sys.executable, "-c", READ_IMPORTS, *paths]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def imported(path: Path) -> set[str]:
    return set(imports()[str(path)])


def packages(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(path)}


def importers(package: str) -> set[str]:
    return {str(p.relative_to(PROJECT)) for p in SOURCES if package in packages(p)}


def test_the_engine_knows_nothing_of_django_or_of_what_is_above_it():
    above = {"django", "rest_framework", "django_q", "knox", "config"}
    for path in ENGINE.rglob("*.py"):
        assert not packages(path) & above, path
        outside = {
            name
            for name in imported(path)
            if name.startswith("soundscapes") and not name.startswith("soundscapes.engine")
        }
        assert not outside, path


def test_services_know_no_request():
    for path in (PROJECT / "soundscapes" / "services").glob("*.py"):
        assert "django.http" not in imported(path), path
        assert "rest_framework" not in packages(path), path


def test_heavy_dependencies_have_one_seam_each():
    assert importers("pydub") <= {
        "soundscapes/engine/sound/audio_files.py",
        "soundscapes/engine/audiogen.py",
    }
    assert importers("soundfile") == {"soundscapes/engine/sound/audio_files.py"}
    for package in ("torch", "clip"):
        for path in importers(package):
            assert path.startswith("soundscapes/engine/matching/"), (package, path)
    assert importers("openvino") == {"soundscapes/engine/matching/openvino_network.py"}


def modules_after(statement: str) -> set[str]:
    """What a fresh Python process has loaded after a statement."""
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_web_process_starts_without_torch_and_scipy():
    loaded = modules_after("import config.wsgi, config.urls")
    assert "soundscapes.web.soundscapes" in loaded
    assert not {"torch", "openvino", "scipy"} & loaded


def test_a_worker_mixes_without_loading_scipy():
    """It takes 76 MB, three quarters of what a rendering may hold."""
    assert "scipy" not in modules_after("import soundscapes.engine.sound.renderer")


def test_a_bank_that_is_there_is_looked_through_without_loading_scipy_s_parts():
    """They take seconds of every start."""
    loaded = modules_after("import soundscapes.engine.sound.bank as bank; bank.variants('rain')")
    assert not {"scipy.signal", "scipy.stats", "scipy.interpolate"} & loaded


@pytest.mark.parametrize("name", ["audiogen", "composition", "scenes", "starter"])
def test_engine_modules_load_without_django_and_torch(name):
    loaded = modules_after(f"import soundscapes.engine.{name}")
    assert "django" not in loaded
    assert "torch" not in loaded


def test_benchmarks_start_from_nothing():
    """As README calls them: no settings are named, and no application is set up."""
    script = "import benchmarks.sizing, benchmarks.hostile, benchmarks.tuning, benchmarks.__main__"
    plain = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, env=plain, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
