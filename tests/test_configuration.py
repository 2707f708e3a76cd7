""".env.example and docs/configuration.md name every setting, at its default."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once

PROJECT = Path(settings.BASE_DIR)
READERS = (
    "config/settings.py",
    "config/operators.py",
    "config/accounts.py",
    "soundscapes/engine/paths.py",
)
# Those whose default depends on the machine, or is made at the first start.
OWN = {"SECRET_KEY", "SOUNDSCAPES_WORKERS"}
QUOTA = "SOUNDSCAPES_QUOTA_"
# What settings make of a value, printed for comparison.
SHOWN = """
import json
from config import settings as s
values = {name: str(getattr(s, name)) for name in dir(s) if name.isupper()}
values.pop("SECRET_KEY")
print(json.dumps(values))
"""


def read_by_the_code() -> set[str]:
    """Names of the environment variables that the code reads."""
    found = set()
    for reader in READERS:
        for node in ast.walk(ast.parse((PROJECT / reader).read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = ast.unparse(node.func)
            (first, *_others) = node.args
            if called == "_quota":
                found.add(QUOTA + str(ast.literal_eval(first)).upper())
            elif re.fullmatch(r"env\.(?!read)\w+|os\.environ\.get", called):
                found.update(each.value for each in (first,) if isinstance(each, ast.Constant))
    return found


def example() -> dict[str, str]:
    lines = (PROJECT / ".env.example").read_text().splitlines()
    return dict(line[1:].split("=", 1) for line in lines if re.match(r"#[A-Z_0-9]+=", line))


def described() -> set[str]:
    rows = (PROJECT / "docs/configuration.md").read_text().splitlines()
    variable = re.compile(r"\| `([A-Z0-9]*_[A-Z_0-9]*|DEBUG)` \|")
    return {found[1] for row in rows if (found := variable.match(row))}


def loaded(**environment: str) -> str:
    clean = {name: value for name, value in os.environ.items() if name not in example()}
    return subprocess.run(
        [sys.executable, "-c", SHOWN],
        cwd=PROJECT,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_the_example_has_every_variable():
    assert set(example()) == read_by_the_code()


def test_the_documentation_has_every_variable():
    assert described() == read_by_the_code()


@pytest.mark.skipif((PROJECT / ".env").exists(), reason="An .env changes the defaults.")
def test_the_example_s_values_are_the_defaults():
    given = {
        name: str(PROJECT / value) if name in ("SOUNDSCAPES_DATA", "MEDIA_ROOT") else value
        for name, value in example().items()
        if name not in OWN and value
    }
    assert len(given) > len(example()) / 2
    log = given.pop("LOG_LEVEL")
    assert log in (PROJECT / "config/operators.py").read_text()
    assert loaded(**given) == loaded()


def test_every_variable_of_the_example_has_a_line_that_describes_it():
    lines = (PROJECT / ".env.example").read_text().splitlines()
    for before, line in pairwise(lines):
        if re.match(r"#[A-Z_0-9]+=", line):
            assert re.match(r"# \S", before), line
