"""The README's examples for programs, run unchanged."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys

import pytest
import soundfile

from tests.live.server import PROJECT, Person

pytestmark = pytest.mark.slow


def block(language: str) -> str:
    """Return the only code block of a language under “From a program”."""
    section = (PROJECT / "README.md").read_text().split("\n## From a program\n")[1]
    section = section.split("\n## ")[0]
    (code,) = re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)
    return code


@pytest.fixture
def env(server):
    page = Person(server).submit("/account/", name="README")
    secret = re.search(r'class="secret">(\w+)<', page.text)[1]
    return os.environ | {"SOUNDSCAPES": server.url, "TOKEN": secret}


def run(command, tmp_path, env, photo):
    (tmp_path / "photo.jpg").write_bytes(photo)
    done = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    samples, rate = soundfile.read(io.BytesIO((tmp_path / "out.wav").read_bytes()))
    return done.stdout, len(samples) / rate


def test_the_three_calls_with_curl(tmp_path, env, photo):
    printed, seconds = run(["bash", "-euc", block("bash")], tmp_path, env, photo)
    assert '"generate_audio_url"' in printed
    assert '"sounds"' in printed
    assert seconds == 30


def test_the_same_in_python(tmp_path, env, photo):
    code = block("python")
    assert len(code.strip().splitlines()) < 25
    printed, seconds = run([sys.executable, "-c", code], tmp_path, env, photo)
    assert len(printed.split(",")) == 3
    assert seconds == 10
