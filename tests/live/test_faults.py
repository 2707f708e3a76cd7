"""Each fault once: in the end everything is ready once, and nothing is left over."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from tests.live.faults import FAULTS, NEEDING_A_DISK
from tests.live.sites import HEADER, Site, may_mount, site

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running_site(template) -> Iterator[Site]:
    """A site on PostgreSQL, if the tests run on it, with a server that it may stop."""
    database = "postgresql" if "DATABASE_URL" in os.environ else "sqlite"
    with site(database, template=template) as started:
        yield started


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_nothing_is_lost_duplicated_or_left_over(running_site: Site, fault: Callable[[Site], None]):
    if fault in NEEDING_A_DISK and not may_mount():
        pytest.skip("Filling up a disk takes the privilege to mount one.")
    fault(running_site)
    figures = running_site.count()
    print(HEADER, figures.row(), sep="\n")
    assert figures.ready == figures.asked
    assert figures.faults() == {}
