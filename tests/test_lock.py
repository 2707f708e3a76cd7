"""Lock files contain hashes and match the requirements."""

import re

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
LOCKS = ("requirements.lock", "requirements-cuda.lock", "requirements-dev.lock")
PIN = re.compile(r"^([\w.-]+)(?:\[[^]]*\])?==([^\s;]+)", re.MULTILINE)
FIX = "run make lock to update the lock files"


def pins(name: str) -> set[tuple[str, str]]:
    text = (ROOT / name).read_text()
    return {(package.lower(), version) for package, version in PIN.findall(text)}


def test_every_requirement_is_locked_in_its_version():
    locked = pins("requirements.lock")
    assert pins("requirements.txt") <= locked, FIX
    assert pins("requirements-dev.txt") <= locked | pins("requirements-dev.lock"), FIX


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes_and_no_url(name):
    text = (ROOT / name).read_text()
    blocks = [block for block in re.split(r"^(?=\w)", text, flags=re.MULTILINE) if block[0] != "#"]
    assert blocks
    for block in blocks:
        assert PIN.match(block), block
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block
    assert "://" not in text
    assert "index" not in text
