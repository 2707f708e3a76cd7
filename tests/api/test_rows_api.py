"""Quick representation of rows, compared with DRF's own."""

import pytest

from soundscapes.api.serializers.rows import RowSerializer
from soundscapes.generations.share_links import make_link
from tests.api.lists import LISTS, MAKE

pytestmark = pytest.mark.django_db


@pytest.fixture
def same_as_drf(api, monkeypatch):
    """Return a check that DRF would give the same answer."""

    def check(path: str) -> None:
        answer = api.get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.content
        with monkeypatch.context() as patch:
            patch.delattr(RowSerializer, "to_representation")
            assert api.get(f"/api/v1/{path}").content == answer.content

    return check


@LISTS
def test_a_list_is_what_drf_would_answer(same_as_drf, owner, name):
    MAKE[name](owner)
    same_as_drf(f"{name}/")


@pytest.mark.parametrize("part", ["", "layers/", "versions/", "share/"])
def test_a_finished_soundscape_is_what_drf_would_answer(same_as_drf, made, part):
    make_link(made)
    same_as_drf(f"generations/{made.pk}/{part}")
