"""What the doctor tells of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    `problem` is what all of its kind have in common, `subject` which one it is, and `remedy` what
    `mend` does, or, where there is nothing to call, what somebody has to do.
    """

    problem: str
    subject: str
    remedy: str
    repair: Callable[[], object] | None = None
