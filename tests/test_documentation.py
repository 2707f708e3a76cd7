"""README.md and docs/ name only what exists, and stay short enough to be read."""

from __future__ import annotations

import re
import shlex
from importlib.util import find_spec

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

from soundscapes.engine import limited_process
from soundscapes.engine.photos.decode_limits import MAX_JPEG_PIXELS, MAX_OWN_MEMORY, MAX_PIXELS
from soundscapes.engine.photos.reading import MAX_BYTES
from soundscapes.engine.recordings.reading import MAX_SECONDS
from soundscapes.http.middleware import MAX_ADMIN_BODY, MAX_BODY
from soundscapes.imports import clip_imports

pytestmark = pytest.mark.once

GUIDES = sorted((settings.BASE_DIR / "docs").glob("*.md"))
PAGES = [*sorted(settings.BASE_DIR.glob("*.md")), *GUIDES]
IDS = [page.name for page in PAGES]
CODE = re.compile(r"`([^`\n]+)`|^```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def lines_of_code(page) -> list[str]:
    found = [inline or block for inline, block in CODE.findall(page.read_text())]
    return [line.strip() for each in found for line in each.splitlines()]


def anchors(page) -> set[str]:
    """Those that hosting platforms make of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_every_link_leads_somewhere(page):
    targets = re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"", page.read_text())
    for target in (first or second for first, second in targets):
        if not target.startswith("http"):
            path, _hash, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            assert file.exists(), target
            assert not anchor or anchor in anchors(file), target


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=lambda page: page.name
)
def test_every_command_exists_with_its_options(page):
    makefile = (settings.BASE_DIR / "Makefile").read_text()
    for line in lines_of_code(page):
        if found := re.match(r"(?:\w+=\S+ )*(?:\S*/?python )?manage\.py (.+)", line):
            name, *arguments = shlex.split(found[1])
            assert name in get_commands() or name == "help", line
            _accepts(name, arguments)
        elif found := re.match(r"make ([a-z-]+)", line):
            assert re.search(rf"^{found[1]}:", makefile, re.MULTILINE), line
        elif found := re.match(r"python -m (benchmarks\.\w+)", line):
            assert find_spec(found[1]), line


def _accepts(name: str, arguments: list[str]) -> None:
    """An option of the command; values are examples."""
    if name == "help":
        return
    app = get_commands()[name]
    command = load_command_class(app, name) if isinstance(app, str) else app
    known = command.create_parser("manage.py", name)._option_string_actions
    for argument in arguments:
        if argument.startswith("--"):
            assert argument.partition("=")[0] in known, f"{name} {argument}"


def test_the_limits_in_the_documentation_are_those_of_the_code():
    text = " ".join((settings.BASE_DIR / "docs" / "deployment.md").read_text().split())
    for words in (
        f"images may have {MAX_BYTES // 2**20} MB",
        f"{MAX_JPEG_PIXELS // 10**6} megapixels as non-progressive JPEG",
        f"{MAX_PIXELS // 10**6} megapixels otherwise",
        f"Recordings may have {clip_imports.MAX_BYTES // 2**20} MB",
        f"{MAX_SECONDS / 60:.0f} minutes",
        f"more than {MAX_OWN_MEMORY // 2**20} MB to decode",
        f"{limited_process.MAX_MEMORY / 2**30:.2f} GB",
        f"{limited_process.CPU_SECONDS} seconds of processor time",
        f"bodies of {MAX_BODY // 2**20} MB ({MAX_ADMIN_BODY // 2**30} GB",
    ):
        assert words in text


def test_the_readme_is_read_in_three_minutes():
    assert len((settings.BASE_DIR / "README.md").read_text().split()) <= 900


@pytest.mark.parametrize(
    "page", sorted((settings.BASE_DIR / "docs").glob("*.md")), ids=lambda p: p.name
)
def test_a_page_says_first_whom_it_is_for(page):
    _title, _blank, first = page.read_text().split("\n")[:3]
    assert first.startswith("For "), first
