"""Rules for the whole code: allowed imports, their cost, and the places of tests."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]

SERVICES = (
    {"files"},
    {"jobs"},
    {"limits"},
    {"images", "sounds", "webhooks"},
    {"generations"},
    {"accounts", "imports"},
    {"kinds"},
    {"operations"},
)
"""The packages of services, bottom up: each may only import those of earlier lines."""

DOORS = {"web", "api", "admin", "management"}


def allowed_imports() -> dict[str, set[str]]:
    """Return, for every package, the other packages that it may import."""
    allowed: dict[str, set[str]] = {"engine": set(), "models": {"engine"}}
    below = {"engine", "models"}
    for layer in SERVICES:
        allowed |= {package: set(below) for package in layer}
        below |= layer
    allowed |= {"templatetags": set(below), "http": set(below)}
    allowed |= {package: below | {"http", "templatetags"} for package in DOORS}
    return allowed | {"apps": below}


ALLOWED = allowed_imports()
WEB = (
    "django.forms",
    "django.http",
    "django.shortcuts",
    "django.views",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "rest_framework",
)

pytestmark = pytest.mark.once
FORBIDDEN = {
    "engine": ("config", "django", "django_q", "knox", *WEB),
    **dict.fromkeys(("models", *set().union(*SERVICES)), ("config", *WEB)),
}
"""External packages that a package must not import: services use no requests and no forms."""

SEAMS = {
    "av": ("engine.recordings.transcoder_process", "engine.sound.endless.blocks"),
    "clip": ("engine.matching",),
    "openvino": ("engine.matching.openvino_network",),
    "pi_heif": ("engine.photos.decoder_process",),
    "pydub": ("engine.audiogen", "engine.sound.audio_files"),
    "soundfile": ("engine.recordings", "engine.sound.audio_files"),
    "torch": ("engine.matching",),
}
"""Heavy dependencies, and the only modules or packages that may import each."""

READ_IMPORTS = """
import ast, json, pathlib, sys
def names(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{a.name}" for a in node.names)
root = pathlib.Path(sys.argv[1])
paths = [path for path in root.rglob("*.py") if "migrations" not in path.parts]
modules = {".".join(path.relative_to(root).with_suffix("").parts): path for path in paths}
print(json.dumps({name: sorted(set(names(path))) for name, path in modules.items()}))
"""


@cache
def imports_of(package: Path) -> dict[str, list[str]]:
    """Return all imports of every module in a package, including those in functions and for types.

    Uses a new process: after a thousand tests in one process, CPython 3.11 can miscount its
    recursion and fail in `ast.parse`.
    """
    command = [sys.executable, "-c", READ_IMPORTS, str(package)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def package_of(module: str) -> str:
    """Return the package of a module named without `soundscapes.`"""
    return module.split(".")[0]


def violations(imports: dict[str, list[str]]) -> list[str]:
    """Return every forbidden import, as `module imports name`."""
    return [
        f"{module} imports {name}"
        for module, names in sorted(imports.items())
        for name in names
        if breaks_a_rule(module, name)
    ]


def breaks_a_rule(module: str, name: str) -> bool:
    package = package_of(module)
    if name.startswith("."):
        return True  # relative imports would hide the package
    if is_in(name, "soundscapes"):
        other = package_of(name.removeprefix("soundscapes."))
        # A package without rules may import nothing and not be imported.
        is_allowed = other in ALLOWED.get(package, ())
        return other != package and not is_allowed and package != "__init__"
    if any(is_in(name, outside) for outside in FORBIDDEN.get(package, ())):
        return True
    seams = SEAMS.get(name.split(".")[0])
    return seams is not None and not any(is_in(module, seam) for seam in seams)


def test_no_import_breaks_a_rule():
    assert violations(imports_of(PROJECT / "soundscapes")) == []


def test_every_package_has_rules():
    modules = imports_of(PROJECT / "soundscapes")
    assert len(modules) > 200
    assert {package_of(module) for module in modules} == {*ALLOWED, "__init__"}
    heavy = {name.split(".")[0] for names in modules.values() for name in names}
    assert set(SEAMS) <= heavy


@pytest.mark.parametrize(
    ("module", "statement"),
    [
        ("engine/sound/plan", "from django.db import models"),
        ("engine/plots", "from soundscapes.models import Clip"),
        ("models/clips", "from soundscapes.files import journal"),
        ("models/clips", "from django import forms"),
        ("files/journal", "import soundscapes.jobs.queue"),
        ("jobs/queue", "from soundscapes.limits import quotas"),
        ("limits/quotas", "from soundscapes.images.images import upload_image"),
        ("images/images", "from soundscapes.sounds import clips"),
        ("sounds/clips", "def late():\n    import soundscapes.generations.search"),
        ("generations/search", "from django.http import HttpRequest"),
        ("accounts/users", "from rest_framework.request import Request"),
        ("operations/health", "from soundscapes.http import errors"),
        ("http/errors", "from soundscapes.web import studio"),
        ("web/studio", "from soundscapes.api.media import MediaView"),
        ("api/media", "from soundscapes import web"),
        ("admin/clips", "from soundscapes.management.progress import ProgressBar"),
        ("management/commands/setup", "from soundscapes.admin import clips"),
        ("sounds/clips", "import soundfile"),
        ("engine/sound/renderer", "import torch.nn"),
        ("web/studio", "from . import forms"),
        ("attic/old", "from soundscapes.models import Clip"),
    ],
)
def test_a_planted_violation_is_found(tmp_path, module, statement):
    for name, text in (
        (module, statement),
        ("web/pages", "from soundscapes.http import errors\nfrom soundscapes.models import Clip"),
    ):
        path = tmp_path / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (found,) = violations(imports_of(tmp_path))
    assert found.startswith(f"{module.replace('/', '.')} imports ")


def test_doors_write_through_services():
    writes = re.compile(
        r"\.save\(|super\(\)\.save_model|\.bulk_update\("
        r"|\.objects\.(?:bulk_|get_or_|update_or_)?create\("
    )
    paths = [path for door in DOORS for path in (PROJECT / "soundscapes" / door).rglob("*.py")]
    assert len(paths) > 50
    assert [path for path in paths if writes.search(path.read_text())] == []


def structure(expression: str) -> str:
    """Evaluate an expression with `g`, the graph of imports, and `files` of the product."""
    script = (
        "from benchmarks import structure as s; "
        "files = s.product_files(s.PROJECT); g = s.import_graph(files, s.PROJECT); "
        f"print({expression})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_there_are_no_import_circles_and_no_chain_is_longer_than_twelve_modules():
    assert structure("s.import_circles(g)") == "[]"
    chain = structure("*s.longest_chain(g)").split()
    assert len(chain) <= 12, chain


def test_no_package_has_more_than_fifteen_modules():
    packages = {path.parent for path in (PROJECT / "soundscapes").rglob("*.py")}
    counts = {
        package: sum(path.name != "__init__.py" for path in package.glob("*.py"))
        for package in packages
        if package.name != "migrations"
    }
    assert {package for package, count in counts.items() if count > 15} == set()


FUNCTION = re.compile(r"^\s*(?:async )?def (?!__str__\b)", re.MULTILINE)
COVERED_TOGETHER = {"engine/sound/bank/families": "tests/engine/test_families.py"}
"""Folders whose modules have one test module together."""


def has_behaviour(path: Path) -> bool:
    """Return whether a module has a function other than `__str__`."""
    return bool(FUNCTION.search(path.read_text()))


def find_tests(module: Path, tests: Path) -> list[Path]:
    """Return the test modules named after a module, which is given by its path in the product.

    <package>/<module>.py is tested in <package>/test_<module>.py, or with a layer or an aspect as
    a suffix; a command in commands/test_<command>_command.py; a package by its own name.
    """
    name = module.parent.name if module.stem == "__init__" else module.stem
    if module.parts[:2] == ("management", "commands"):
        return list(tests.glob(f"commands/test_{name}_command.py"))
    if together := COVERED_TOGETHER.get(module.parent.as_posix()):
        return list(tests.parent.glob(together))
    found = (tests / module.parts[0]).rglob(f"test_{name}*.py")
    return [path for path in found if re.fullmatch(rf"test_{name}(_\w+)?", path.stem)]


def untested(product: Path, tests: Path) -> list[str]:
    """Return the modules with behaviour that have no test module named after them."""
    modules = (path for path in product.rglob("*.py") if "migrations" not in path.parts)
    return sorted(
        path.relative_to(product).as_posix()
        for path in modules
        if path.name != "apps.py"
        if has_behaviour(path) and not find_tests(path.relative_to(product), tests)
    )


def test_every_module_with_behaviour_has_a_test_module():
    assert untested(PROJECT / "soundscapes", PROJECT / "tests") == []


def test_a_module_without_a_test_module_is_found(tmp_path):
    product, tests = tmp_path / "product", tmp_path / "tests"
    function, constant = "def f():\n    return 1\n", "ANSWER = 42\n"
    for path, text in (
        (product / "web/urls.py", constant),
        (product / "web/forms.py", function),
        (product / "web/mixer.py", function),
        (product / "web/mix.py", function),
        (product / "api/resources/images.py", function),
        (product / "management/commands/setup.py", function),
        (product / "management/commands/start.py", function),
        (tests / "web/test_forms.py", ""),
        (tests / "web/test_mixer_pages.py", ""),
        (tests / "api/test_images_api.py", ""),
        (tests / "commands/test_setup_command.py", ""),
        (tests / "management/test_start.py", ""),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert untested(product, tests) == ["management/commands/start.py", "web/mix.py"]


def modules_after(statement: str) -> set[str]:
    """Return the modules that a new Python process has loaded after a statement."""
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_web_process_starts_with_all_views_and_without_torch_and_scipy():
    loaded = modules_after("import config.wsgi")
    assert {"soundscapes.web.soundscapes", "soundscapes.api.documented"} <= loaded
    assert not {"torch", "openvino", "scipy"} & loaded


def test_a_worker_mixes_without_loading_scipy():
    """scipy takes 76 MB, three quarters of a rendering's memory."""
    assert "scipy" not in modules_after("import soundscapes.engine.sound.renderer")


def test_an_existing_bank_is_read_without_loading_parts_of_scipy():
    """They take seconds to load."""
    loaded = modules_after("import soundscapes.engine.sound.bank as bank; bank.variants('rain')")
    assert not {"scipy.signal", "scipy.stats", "scipy.interpolate"} & loaded


@pytest.mark.parametrize("name", ["audiogen", "composition", "scenes", "starter"])
def test_engine_modules_load_without_django_and_torch(name):
    loaded = modules_after(f"import soundscapes.engine.{name}")
    assert "django" not in loaded
    assert "torch" not in loaded


def test_benchmarks_start_without_django_settings():
    """The README runs them without settings or application setup."""
    script = "import benchmarks.sizing, benchmarks.hostile, benchmarks.tuning, benchmarks.__main__"
    plain = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, env=plain, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
