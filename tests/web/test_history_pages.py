"""The history: pages, filters, search, titles, favourites, deleting and having back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from soundscapes.jobs import heartbeat
from soundscapes.mixes import search
from soundscapes.models import Generation, SearchQuery
from soundscapes.web.history import PAGE_SIZE, PATIENCE
from tests import factories
from tests.queue import waiting, work_off
from tests.web.pages import inline_code

pytestmark = pytest.mark.django_db
NOBODY_S = "0b8f7a52-7c1e-4a0e-9a55-3f1f5a4b7d10"
HTMX = {"HTTP_HX_REQUEST": "true"}
IN_FOUND = HTMX | {"HTTP_HX_TARGET": "found"}


@pytest.fixture
def browser(sign_in, owner):
    return sign_in(owner)


def made(owner, count=1, **fields):
    """So many finished soundscapes, the newest first."""
    rows = factories.GenerationFactory.create_batch(count, owner=owner, ready=True, **fields)
    for age, row in enumerate(rows):
        created = timezone.now() - timedelta(minutes=age)
        Generation.objects.filter(pk=row.pk).update(created_at=created)
    return rows


def shown(answer):
    return answer.context["found"].generations


def look(browser, **query):
    answer = browser.get(reverse("history"), query)
    assert answer.status_code == 200
    return answer


# Pages


def test_it_lists_one_s_own_newest_first_with_thumbnails(browser, owner):
    rows = made(owner, 3)
    theirs = factories.GenerationFactory(ready=True)
    page = look(browser)
    assert shown(page) == rows
    for row in rows:
        assert reverse("thumbnail", args=[row.image_id]) in page.text
    assert theirs.get_absolute_url() not in page.text
    assert inline_code(page.text) == []


def test_it_comes_in_pages_that_what_is_made_meanwhile_does_not_shift(browser, owner):
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


def test_rows_of_one_moment_are_neither_lost_nor_shown_twice(browser, owner):
    image = factories.ImageFactory(owner=owner)
    rows = made(owner, PAGE_SIZE + 3, image=image)
    Generation.objects.update(created_at=timezone.now())
    first = look(browser)
    second = look(browser, before=first.context["found"].cursor)
    keys = [row.pk for row in shown(first) + shown(second)]
    assert len(keys) == len(set(keys)) == len(rows)


@pytest.mark.parametrize("cursor", ["x", "_", "2026-01-01_x", f"x_{NOBODY_S}", "\0", "9" * 5000])
def test_a_place_that_is_none_is_the_beginning(browser, owner, cursor):
    (row,) = made(owner)
    assert shown(look(browser, before=cursor)) == [row]


def test_an_empty_one_leads_to_the_studio(browser):
    assert "Nothing here yet" in look(browser).text


def test_it_needs_signing_in_and_only_shows(client, browser):
    assert client.get(reverse("history")).url.startswith(reverse("login"))
    assert browser.post(reverse("history")).status_code == 405


# Filters


def test_it_can_be_filtered_by_sound_favourite_and_day_together(browser, owner):
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


def test_filters_stay_filled_in_and_go_with_the_next_page(browser, owner):
    image = factories.ImageFactory(owner=owner)
    made(owner, PAGE_SIZE + 1, image=image, is_favourite=True)
    page = look(browser, favourite="on")
    assert 'value="on" checked' in page.text
    assert "?favourite=on&amp;before=" in page.text


@pytest.mark.parametrize(
    "query",
    [{"since": "yesterday"}, {"category": "no such"}, {"category": "\0"}, {"q": "x" * 5000}],
    ids=["date", "slug", "NUL", "long"],
)
def test_a_filter_that_makes_no_sense_is_left_out(browser, owner, query):
    rows = made(owner)
    assert shown(look(browser, **query)) == rows


def test_a_sound_nothing_has_shows_the_way_back(browser, owner):
    made(owner)
    factories.category_named("cow")
    assert "Show everything" in look(browser, category="cow").text


# Search


@pytest.fixture
def worker_is_up(monkeypatch):
    monkeypatch.setattr(heartbeat, "silence", lambda: 1.0)


@pytest.mark.usefixtures("worker_is_up")
def test_titles_and_sounds_are_found_at_once_while_the_meaning_is_looked_for(browser, owner):
    named, heard, other = made(owner, 3)
    Generation.objects.filter(pk=named.pk).update(name="The old harbour")
    factories.LayerFactory(generation=heard, category=factories.category_named("sea_waves"))
    by_title = look(browser, q="HARBOUR")
    assert shown(by_title) == [named]
    assert 'hx-trigger="load' in by_title.text
    assert shown(look(browser, q="waves")) == [heard]
    assert other not in shown(look(browser, q="waves"))
    tasks = [task for task, _pk in waiting()]
    assert (
        tasks == ["soundscapes.mixes.search.encode_query"] * 2
    )  # once for each, however often asked


@pytest.mark.usefixtures("worker_is_up")
def test_what_the_words_mean_is_found_once_the_worker_has_their_vector(browser, owner, monkeypatch):
    rows = made(owner, 4)
    for number, row in enumerate(rows):
        factories.EmbeddingFactory(
            image=row.image, vectors=factories.Embedding.pack(factories.encoding(number))["vectors"]
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


def test_without_a_worker_it_says_so_and_finds_titles(browser, owner):
    (row,) = made(owner, name="The old harbour")
    page = look(browser, q="harbour")
    assert shown(page) == [row]
    assert "only titles and sounds were searched" in page.text
    assert 'hx-trigger="load' not in page.text


@pytest.mark.usefixtures("worker_is_up")
def test_a_worker_that_does_not_answer_is_not_waited_for_without_end(browser, owner):
    page = look(browser, q="harbour", tries=PATIENCE)
    assert page.context["found"].meaning == "unavailable"


def test_a_search_keeps_to_one_s_own_and_to_the_filters(browser, owner, stranger):
    mine = made(owner, 2, name="The harbour")
    made(stranger, name="The harbour")
    Generation.objects.filter(pk=mine[1].pk).update(is_favourite=True)
    assert shown(look(browser, q="harbour")) == mine
    assert shown(look(browser, q="harbour", favourite="on")) == [mine[1]]


# Titles and favourites


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_title_is_given_and_taken_away(browser, owner, headers):
    (row,) = made(owner)
    factories.LayerFactory(generation=row, category=factories.category_named("dog"))
    address = reverse("rename", args=[row.pk])
    browser.post(address, {"name": "  My   <b>dog</b> "}, **headers)
    page = look(browser).text
    assert "My &lt;b&gt;dog&lt;/b&gt;" in page
    assert "A dog barking" in page  # its sounds still stand below
    browser.post(address, {"name": " "}, **headers)
    row.refresh_from_db()
    assert row.title == "a dog barking"


def test_a_title_that_is_too_long_is_refused_and_kept_in_the_field(browser, owner):
    (row,) = made(owner, name="Before")
    answer = browser.post(reverse("rename", args=[row.pk]), {"name": "x" * 101}, **HTMX)
    assert answer.status_code == 400
    assert "x" * 101 in answer.text
    assert "at most 100 characters" in answer.text
    row.refresh_from_db()
    assert row.name == "Before"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_favourite_is_marked_and_unmarked(browser, owner, headers):
    (row,) = made(owner)
    address = reverse("favourite", args=[row.pk])
    browser.post(address, {"favourite": "on"}, **headers)
    assert 'aria-pressed="true"' in look(browser).text
    browser.post(address, {"favourite": "off"}, **headers)
    assert 'aria-pressed="true"' not in look(browser).text


def test_without_scripts_one_is_back_where_one_was(browser, owner):
    (row,) = made(owner)
    address = reverse("favourite", args=[row.pk])
    here = "http://testserver/soundscapes/?category=dog"
    assert browser.post(address, headers={"referer": here}).url == here
    elsewhere = browser.post(address, headers={"referer": "http://evil.example/"})
    assert elsewhere.url == row.get_absolute_url()


# Deleting


def test_many_are_deleted_at_once_and_can_be_had_back(browser, owner):
    rows = made(owner, 3)
    answer = browser.post(reverse("delete"), {"pk": [str(row.pk) for row in rows[:2]]})
    page = browser.get(answer.url)
    assert shown(page) == rows[2:]
    assert "2 soundscapes deleted" in page.text
    assert browser.get(rows[0].get_absolute_url()).status_code == 404
    assert browser.get(reverse("audio", args=[rows[0].pk])).status_code == 404
    answer = browser.post(reverse("restore"), {"deleted": page.context["deleted_at"].isoformat()})
    page = browser.get(answer.url)
    assert shown(page) == rows
    assert "2 soundscapes back again" in page.text


@pytest.mark.parametrize("keys", [[], ["x"], [NOBODY_S], ["\0"]], ids=str)
def test_deleting_nothing_is_no_failure(browser, owner, keys):
    rows = made(owner)
    answer = browser.post(reverse("delete"), {"pk": keys})
    assert answer.url == reverse("history")
    assert shown(look(browser)) == rows


@pytest.mark.parametrize("moment", ["", "x", "2026-01-01", "2026-13-45T00:00:00Z", "\0"])
def test_having_back_what_never_was_is_no_failure(browser, moment):
    assert browser.post(reverse("restore"), {"deleted": moment}).status_code == 302
    assert "back again" not in look(browser, deleted=moment, restored="x").text


def test_a_soundscape_is_deleted_from_its_own_page(browser, owner):
    (row,) = made(owner)
    assert reverse("delete") in browser.get(row.get_absolute_url()).text


# Whose they are


def test_nobody_deletes_renames_or_marks_what_is_someone_else_s(sign_in, stranger, owner, client):
    (row,) = made(owner)
    intruder = sign_in(stranger)
    for name in ("rename", "favourite"):
        address = reverse(name, args=[row.pk])
        assert intruder.post(address, {"name": "Mine", "favourite": "on"}).status_code == 404
        assert client.post(address).status_code == 302
        assert intruder.get(address).status_code == 405
    intruder.post(reverse("delete"), {"pk": [str(row.pk)]})
    row.refresh_from_db()
    assert (row.name, row.is_favourite, row.deleted_at) == ("", False, None)


def test_what_someone_else_deleted_is_not_had_back(browser, sign_in, owner, stranger):
    (row,) = made(owner)
    browser.post(reverse("delete"), {"pk": [str(row.pk)]})
    row.refresh_from_db()
    moment = row.deleted_at.isoformat()
    assert "Undo" not in sign_in(stranger).get(reverse("history"), {"deleted": moment}).text
    sign_in(stranger).post(reverse("restore"), {"deleted": moment})
    row.refresh_from_db()
    assert row.deleted_at is not None


def test_a_search_takes_as_many_queries_for_many_as_for_few(browser, owner, queries_of):
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
