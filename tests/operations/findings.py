"""Helpers for findings of the integrity check."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from soundscapes.operations import integrity

AT_ONCE = timedelta(0)
OLD = timedelta(hours=2)


def found(least_age: timedelta = AT_ONCE) -> dict[str, list[str]]:
    """Return the subjects by problem."""
    problems: dict[str, list[str]] = {}
    for finding in integrity.examine(least_age):
        problems.setdefault(finding.problem, []).append(finding.subject)
    return problems


def repair() -> None:
    for finding in list(integrity.examine(AT_ONCE)):
        if finding.repair:
            finding.repair()


def age(path: Path | str, by: timedelta = OLD) -> None:
    then = (timezone.now() - by).timestamp()
    os.utime(path, (then, then))
