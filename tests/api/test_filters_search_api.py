"""Search for soundscapes with `q`: text matches, then semantic matches."""

import pytest

from soundscapes.engine.matching.packing import packed
from soundscapes.generations import search
from soundscapes.http import waiting as waiting_room
from soundscapes.jobs import heartbeat
from soundscapes.models import Generation
from tests import factories
from tests.queue import waiting, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(api):
    def ask(words, **query):
        return api.get("/api/v1/generations/", {"q": words, **query})

    return ask


def ids(answer) -> list[str]:
    return [row["id"] for row in answer.json()["results"]]


@pytest.fixture
def near(owner):
    """Create soundscapes whose images are at given distances from the query, closest first."""
    rows = []
    axis, other = factories.encoding(1).vectors[0], factories.encoding(2).vectors[0]
    for share in (1.0, 0.8, -1.0, -1.0, -1.0):
        row = factories.GenerationFactory(owner=owner, ready=True)
        encoding = factories.encoding()
        encoding.vectors[0] = share * axis + (1 - abs(share)) * other
        vectors = packed(encoding)["vectors"]
        factories.EmbeddingFactory(image=row.image, vectors=vectors)
        rows.append(row)
    return rows


@pytest.fixture
def _known(monkeypatch):
    """Return the same vector for every text, without a worker."""
    meant = factories.encoding(1).vectors[:1]
    monkeypatch.setattr(type(search.matching.encoder()), "encode_texts", lambda *_: meant)


@pytest.mark.usefixtures("_known")
def test_text_matches_come_first_then_the_closest_in_meaning(found, near, owner):
    said = factories.GenerationFactory(owner=owner, ready=True, name="My beach at night")
    found("beach at night")
    assert work_off() == []
    answer = found("beach at night")
    assert answer["Search-Covers"] == "words, meaning"
    assert "Retry-After" not in answer
    assert ids(answer) == [str(said.pk), str(near[0].pk), str(near[1].pk)]


@pytest.mark.usefixtures("_known")
def test_pages_order_and_filters_apply_to_results(found, near):
    found("a beach")
    assert work_off() == []
    first, second = (ids(found("a beach", page_size=1, page=page)) for page in (1, 2))
    assert first + second == [str(row.pk) for row in near[:2]]
    by_day = found("a beach", ordering="created_at")
    assert ids(by_day) == [str(row.pk) for row in near[:2]]
    assert ids(found("a beach", ordering="-created_at")) == ids(by_day)[::-1]
    assert ids(found("a beach", mode="faithful")) == []
    assert found("a beach").json()["count"] == 2


def test_without_a_worker_only_text_matches_are_returned(found, owner, near, settings):
    settings.SEARCH_WAIT_SECONDS = 60
    said = factories.GenerationFactory(owner=owner, ready=True, name="Beach")
    answer = found("beach")
    assert answer.status_code == 200
    assert ids(answer) == [str(said.pk)]
    assert answer["Search-Covers"] == "words"
    assert int(answer["Retry-After"]) > 0
    assert [task for task, _pk in waiting()] == ["soundscapes.generations.search.encode_query"]


@pytest.mark.usefixtures("_known")
def test_a_search_waits_for_a_running_worker(found, near, monkeypatch):
    monkeypatch.setattr(heartbeat, "silence", lambda: 1.0)
    monkeypatch.setattr(waiting_room, "sleep", lambda _seconds: work_off())
    assert ids(found("a beach"))[0] == str(near[0].pk)


def test_the_wait_for_a_busy_worker_is_limited(found, near, monkeypatch, settings):
    monkeypatch.setattr(heartbeat, "silence", lambda: 1.0)
    settings.SEARCH_WAIT_SECONDS = 0.05
    assert found("a beach")["Search-Covers"] == "words"


@pytest.mark.usefixtures("_known")
def test_a_search_returns_own_soundscapes_only(found, program, stranger, near):
    found("a beach")
    assert work_off() == []
    theirs = program(stranger).get("/api/v1/generations/", {"q": "a beach"})
    assert theirs.json()["count"] == 0


def test_a_list_without_q_has_no_search_headers(api, near):
    answer = api.get("/api/v1/generations/")
    assert "Search-Covers" not in answer
    assert answer.json()["count"] == Generation.objects.count()
    assert waiting() == []
