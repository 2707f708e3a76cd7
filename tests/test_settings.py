"""What the environment says is taken, or refused in words."""

import os
import subprocess
import sys

import pytest
from django.conf import settings


def loaded(**environment: str) -> subprocess.CompletedProcess[str]:
    code = "from config import settings; print(settings.TARGET_LUFS)"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_loudness_is_that_of_broadcasting_unless_the_environment_says_another():
    assert float(loaded().stdout) == -23
    assert float(loaded(SOUNDSCAPES_LUFS="-18.5").stdout) == -18.5


@pytest.mark.parametrize("value", ["-3", "-90", "23"])
def test_a_loudness_that_no_mix_can_have_is_refused_by_name(value):
    done = loaded(SOUNDSCAPES_LUFS=value)
    assert done.returncode != 0
    assert "SOUNDSCAPES_LUFS must be between -40 and -10" in done.stderr
