"""Each fault once, on both databases: everything is ready once in the end, and nothing is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.live.faults import FAULTS, HEADER, NEEDING_A_DISK, Site, may_mount, site

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)]
)
def running_site(request, template) -> Iterator[Site]:
    with site(request.param, template=template) as started:
        yield started


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_nothing_is_lost_twice_or_left_over(running_site: Site, fault: Callable[[Site], None]):
    if fault in NEEDING_A_DISK and not may_mount():
        pytest.skip("A disk that can be filled up takes the privilege to mount one.")
    fault(running_site)
    figures = running_site.count()
    print(HEADER, figures.row(), sep="\n")
    assert figures.ready == figures.asked
    assert figures.faults() == {}
