"""The history: pages, filters and search."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from soundscapes.engine.matching.packing import packed
from soundscapes.generations import search
from soundscapes.generations.ordering import ORDERS
from soundscapes.jobs import heartbeat
from soundscapes.models import Generation, SearchQuery
from soundscapes.web.history import PAGE_SIZE, PATIENCE
from tests import factories
from tests.queue import waiting, work_off
from tests.web.history import HTMX, NOBODY_S, look, made, shown
from tests.web.pages import inline_code

pytestmark = pytest.mark.django_db
IN_FOUND = HTMX | {"HTTP_HX_TARGET": "found"}


# Pages


def test_the_history_lists_own_soundscapes_newest_first(browser, owner):
    rows = made(owner, 3)
    theirs = factories.GenerationFactory(ready=True)
    page = look(browser)
    assert shown(page) == rows
    for row in rows:
        assert reverse("thumbnail", args=[row.image_id]) in page.text
    assert theirs.get_absolute_url() not in page.text
    assert inline_code(page.text) == []


def test_new_soundscapes_do_not_shift_the_pages(browser, owner):
    image = factories.ImageFactory(owner=owner)
    rows = made(owner, PAGE_SIZE + 2, image=image)
    first = look(browser)
    assert shown(first) == rows[:PAGE_SIZE]
    made(owner, 1, image=image)
    cursor = first.context["found"].cursor
    assert shown(look(browser, before=cursor)) == rows[PAGE_SIZE:]
    more = browser.get(reverse("history"), {"before": cursor}, **HTMX, HTTP_HX_TARGET="more")
    assert "<html" not in more.text
    assert more.text.count('<li class="card"') == 2
    assert 'id="more"' not in more.text


def test_rows_of_the_same_time_are_shown_once(browser, owner):
    image = factories.ImageFactory(owner=owner)
    rows = made(owner, PAGE_SIZE + 3, image=image)
    Generation.objects.update(created_at=timezone.now())
    first = look(browser)
    second = look(browser, before=first.context["found"].cursor)
    keys = [row.pk for row in shown(first) + shown(second)]
    assert len(keys) == len(set(keys)) == len(rows)


@pytest.mark.parametrize("cursor", ["x", "_", "2026-01-01_x", f"x_{NOBODY_S}", "9" * 5000])
def test_an_invalid_cursor_starts_at_the_beginning(browser, owner, cursor):
    (row,) = made(owner)
    assert shown(look(browser, before=cursor)) == [row]


def test_a_reload_shows_all_pages_that_were_loaded(browser, owner):
    image = factories.ImageFactory(owner=owner)
    rows = made(owner, 3 * PAGE_SIZE, image=image)
    cursor = look(browser).context["found"].cursor
    query = {"before": cursor, "pages": 2}
    more = browser.get(reverse("history"), query, **HTMX, HTTP_HX_TARGET="more")
    assert shown(more) == rows[PAGE_SIZE : 2 * PAGE_SIZE]
    assert more["HX-Replace-Url"] == "?pages=2"
    page = look(browser, pages=2)
    assert shown(page) == rows[: 2 * PAGE_SIZE]
    assert "&amp;pages=3" in page.text
    assert shown(look(browser, pages="9" * 5000)) == rows[:PAGE_SIZE]
    assert shown(look(browser, pages=0)) == rows[:PAGE_SIZE]


@pytest.mark.parametrize("sort", ORDERS)
def test_every_order_is_paged_without_gaps_and_repetitions(browser, owner, monkeypatch, sort):
    monkeypatch.setattr("soundscapes.web.history.PAGE_SIZE", 2)
    image = factories.ImageFactory(owner=owner)
    for number in range(3):
        made(owner, 2, image=image, duration=10 + number, name=f"A_title {number}")
    order, cursor = [], ""
    for _page in range(3):
        page = look(browser, sort=sort, before=cursor)
        assert f'value="{sort}" selected' in page.text
        order += shown(page)
        cursor = page.context["found"].cursor
    assert len({row.pk for row in order}) == 6
    assert order == shown(look(browser, sort=sort, pages=3))
    assert cursor == ""


def test_soundscapes_are_sorted_by_age_length_and_title(browser, owner):
    new, middle, old = made(owner, 3)
    labels = {middle: ("rain", "wind"), old: ("rain", "dog")}
    for row, slugs in labels.items():
        for rank, slug in enumerate(slugs, 1):
            category = factories.category_named(slug)
            factories.LayerFactory(generation=row, rank=rank, category=category)
    Generation.objects.filter(pk=new.pk).update(name="Quiet evening", duration=60)
    assert shown(look(browser, sort="oldest")) == [old, middle, new]
    assert shown(look(browser, sort="longest"))[0] == new
    titles = [row.title for row in shown(look(browser, sort="title"))]
    assert titles == ["Quiet evening", "rain falling, a dog barking", "rain falling, wind blowing"]


@pytest.mark.usefixtures("worker_is_up")
def test_search_results_can_be_sorted(browser, owner):
    rows = made(owner, 3, name="The harbour")
    assert shown(look(browser, q="harbour")) == rows
    assert shown(look(browser, q="harbour", sort="oldest")) == rows[::-1]


def test_an_empty_history_links_to_the_studio(browser):
    assert "You have no soundscapes yet" in look(browser).text


def test_the_history_requires_sign_in_and_is_read_only(client, browser):
    assert client.get(reverse("history")).url.startswith(reverse("account_login"))
    assert browser.post(reverse("history")).status_code == 405


# Filters


def test_filters_by_category_favourite_and_day_combine(browser, owner):
    rows = made(owner, 3)
    dog = factories.category_named("dog")
    for row in rows[:2]:
        factories.LayerFactory(generation=row, category=dog)
    Generation.objects.filter(pk=rows[1].pk).update(is_favourite=True)
    Generation.objects.filter(pk=rows[2].pk).update(
        created_at=timezone.now() - timedelta(days=40), is_favourite=True
    )
    month_ago = (timezone.now() - timedelta(days=30)).date().isoformat()
    assert shown(look(browser, category="dog")) == rows[:2]
    assert shown(look(browser, favourite="on")) == rows[1:]
    assert shown(look(browser, since=month_ago)) == rows[:2]
    assert shown(look(browser, until=month_ago)) == rows[2:]
    assert shown(look(browser, category="dog", favourite="on", since=month_ago)) == [rows[1]]


def test_filters_stay_filled_in_and_apply_to_the_next_page(browser, owner):
    image = factories.ImageFactory(owner=owner)
    made(owner, PAGE_SIZE + 1, image=image, is_favourite=True)
    page = look(browser, favourite="on")
    assert 'value="on" checked' in page.text
    assert "?favourite=on&amp;before=" in page.text


@pytest.mark.parametrize(
    "query",
    [{"since": "yesterday"}, {"category": "no such"}, {"until": "9" * 5000}],
    ids=["date", "slug", "long"],
)
def test_an_invalid_filter_is_ignored(browser, owner, query):
    rows = made(owner)
    assert shown(look(browser, **query)) == rows


@pytest.mark.parametrize("htmx", [{}, IN_FOUND], ids=["page", "fragment"])
@pytest.mark.parametrize(
    ("words", "reason"),
    [("a " * 21, "Search for at most 20 words. There are 21."), ("x" * 5000, "at most 200")],
    ids=["words", "characters"],
)
def test_a_too_long_search_is_rejected(browser, owner, words, reason, htmx):
    made(owner)
    answer = browser.get(reverse("history"), {"q": words}, **htmx)
    assert reason in answer.text
    assert shown(answer) == []
    assert not SearchQuery.objects.exists()


def test_a_filter_without_results_can_be_cleared(browser, owner):
    made(owner)
    factories.category_named("cow")
    assert "Clear filters" in look(browser, category="cow").text


# Search


@pytest.fixture
def worker_is_up(monkeypatch):
    monkeypatch.setattr(heartbeat, "silence", lambda: 1.0)


@pytest.mark.usefixtures("worker_is_up")
def test_text_matches_are_shown_while_the_meaning_is_pending(browser, owner):
    named, heard, other = made(owner, 3)
    Generation.objects.filter(pk=named.pk).update(name="The old harbour")
    factories.LayerFactory(generation=heard, category=factories.category_named("sea_waves"))
    by_title = look(browser, q="HARBOUR")
    assert shown(by_title) == [named]
    assert 'hx-trigger="every' in by_title.text
    assert shown(look(browser, q="waves")) == [heard]
    assert other not in shown(look(browser, q="waves"))
    tasks = [task for task, _pk in waiting()]
    assert tasks == ["soundscapes.generations.search.encode_query"] * 2  # once per query


@pytest.mark.usefixtures("worker_is_up")
def test_semantic_matches_are_shown_once_the_vector_exists(browser, owner, monkeypatch):
    rows = made(owner, 4)
    for number, row in enumerate(rows):
        factories.EmbeddingFactory(
            image=row.image, vectors=packed(factories.encoding(number))["vectors"]
        )
    meant = factories.encoding(2).vectors[:1]
    encoder = search.matching.encoder()
    monkeypatch.setattr(type(encoder), "encode_texts", lambda *_: meant)
    assert look(browser, q="beach at night").context["found"].meaning == "waiting"
    assert work_off() == []
    answer = browser.get(reverse("history"), {"q": "Beach  at night"}, **IN_FOUND)
    assert shown(answer) == [rows[2]]
    assert answer.context["found"].meaning == "done"
    assert "<html" not in answer.text


def test_without_a_worker_a_search_matches_titles_only(browser, owner):
    (row,) = made(owner, name="The old harbour")
    page = look(browser, q="harbour")
    assert shown(page) == [row]
    assert "match titles and categories only" in page.text
    assert 'hx-trigger="load' not in page.text


@pytest.mark.usefixtures("worker_is_up")
def test_polling_for_a_worker_ends(browser, owner):
    page = look(browser, q="harbour", tries=PATIENCE)
    assert page.context["found"].meaning == "unavailable"


def test_a_search_respects_owner_and_filters(browser, owner, stranger):
    mine = made(owner, 2, name="The harbour")
    made(stranger, name="The harbour")
    Generation.objects.filter(pk=mine[1].pk).update(is_favourite=True)
    assert shown(look(browser, q="harbour")) == mine
    assert shown(look(browser, q="harbour", favourite="on")) == [mine[1]]


def test_a_search_needs_a_constant_number_of_queries(browser, owner, queries_of):
    SearchQuery.objects.create(
        text="harbour",
        encoder=search.matching.current_encoder().slug,
        vector=factories.encoding(0).vectors[0].tobytes(),
    )
    counts = []
    for _ in range(3):
        (row,) = made(owner, name="Harbour")
        factories.EmbeddingFactory(image=row.image)
        factories.LayerFactory.create_batch(2, generation=row)
        counts.append(queries_of(lambda: look(browser, q="harbour")))
    assert len(set(counts)) == 1


@pytest.mark.parametrize(
    ("zone", "words"),
    [("Asia/Tokyo", "1 Mar 2026, 01:30"), ("../etc", "28 Feb 2026, 16:30"), ("", "28 Feb 2026")],
)
def test_times_and_dates_are_those_of_the_visitor(browser, owner, zone, words):
    (row,) = made(owner)
    made_at = datetime(2026, 2, 28, 16, 30, tzinfo=UTC)
    Generation.objects.filter(pk=row.pk).update(created_at=made_at)
    browser.cookies["time_zone"] = zone
    assert words in look(browser).text
    since_march = shown(look(browser, since="2026-03-01"))
    assert since_march == ([row] if zone == "Asia/Tokyo" else [])
