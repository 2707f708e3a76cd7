"""Every bash and python block of README.md and docs/ runs as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from tests.live.server import PROJECT, Person

pytestmark = [pytest.mark.slow, pytest.mark.once]

PAGES = (PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md")))
BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SHELLS = {"bash": ["bash", "-euc"], "python": [sys.executable, "-c"]}
BLOCKS = [
    pytest.param(*found.groups(), id=f"{page.name}-{number}-{found[1]}")
    for page in PAGES
    for number, found in enumerate(BLOCK.finditer(page.read_text()), 1)
]


@pytest.fixture
def env(server) -> dict[str, str]:
    """The variables that readers export first."""
    page = Person(server).submit("/account/", name="Documentation")
    secret = re.search(r'id="secret" value="(\w+)"', page.text)[1]
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    exported = {"SOUNDSCAPES": server.url, "TOKEN": secret}
    return os.environ | exported | {"PATH": path, "PYTHONPATH": str(PROJECT)}


def is_definition(code: str) -> bool:
    """Return whether a block only defines a function, which test_webhooks_api calls."""
    return "\ndef " in code and "print(" not in code


@pytest.mark.parametrize(("language", "code"), BLOCKS)
def test_a_block_of_code_runs(language, code, tmp_path, env, photo):
    (tmp_path / "photo.jpg").write_bytes(photo)
    done = subprocess.run(
        [*SHELLS[language], code],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if "out.wav" in code:
        assert soundfile.info(tmp_path / "out.wav").duration in (10, 30)
    elif not is_definition(code):
        assert done.stdout.strip()


def test_the_three_calls_are_in_the_readme():
    (calls,) = (code for language, code in BLOCK.findall(PAGES[0].read_text()) if "curl" in code)
    for call in ("/random_image", "/upload_image", "/generate_audio"):
        assert call in calls
