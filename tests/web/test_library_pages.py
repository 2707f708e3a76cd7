"""Titles, favourites, deleting and restoring."""

import pytest
from django.urls import reverse

from soundscapes.limits import storage
from soundscapes.models import Generation
from tests import factories
from tests.web.history import HTMX, NOBODY_S, look, made, shown

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_title_can_be_set_and_cleared(browser, owner, headers):
    (row,) = made(owner)
    factories.LayerFactory(generation=row, category=factories.category_named("dog"))
    url = reverse("rename", args=[row.pk])
    browser.post(url, {"name": "  My   <b>dog</b> "}, **headers)
    page = look(browser).text
    assert "My &lt;b&gt;dog&lt;/b&gt;" in page
    assert "A dog barking" in page  # its categories are still shown below
    browser.post(url, {"name": " "}, **headers)
    row.refresh_from_db()
    assert row.title == "a dog barking"


def test_a_too_long_title_is_rejected_and_kept_in_the_field(browser, owner):
    (row,) = made(owner, name="Before")
    answer = browser.post(reverse("rename", args=[row.pk]), {"name": "x" * 101}, **HTMX)
    assert answer.status_code == 400
    assert "HX-Trigger" not in answer.headers
    assert "x" * 101 in answer.text
    assert "at most 100 characters" in answer.text
    row.refresh_from_db()
    assert row.name == "Before"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_favourite_is_marked_and_unmarked(browser, owner, headers):
    (row,) = made(owner)
    url = reverse("favourite", args=[row.pk])
    browser.post(url, {"favourite": "on"}, **headers)
    assert 'aria-pressed="true"' in look(browser).text
    browser.post(url, {"favourite": "off"}, **headers)
    assert 'aria-pressed="true"' not in look(browser).text


def test_without_scripts_actions_redirect_back(browser, owner):
    (row,) = made(owner)
    url = reverse("favourite", args=[row.pk])
    here = "http://testserver/soundscapes/?category=dog"
    assert browser.post(url, headers={"referer": here}).url == here
    elsewhere = browser.post(url, headers={"referer": "http://evil.example/"})
    assert elsewhere.url == row.get_absolute_url()


def test_several_soundscapes_are_deleted_and_restored(browser, owner):
    rows = made(owner, 3)
    answer = browser.post(reverse("delete"), {"pk": [str(row.pk) for row in rows[:2]]})
    page = browser.get(answer.url)
    assert shown(page) == rows[2:]
    assert "2 soundscapes deleted" in page.text
    assert browser.get(rows[0].get_absolute_url()).status_code == 404
    assert browser.get(reverse("audio", args=[rows[0].pk])).status_code == 404
    page = undo(browser, rows[0])
    assert shown(page) == rows
    assert "2 soundscapes restored." in page.text


def undo(browser, row):
    """Submit the form that undoes the deletion of a soundscape, and return the next page."""
    row.refresh_from_db()
    fields = {"deleted": row.deleted_at.isoformat()}
    return browser.post(reverse("restore"), fields, follow=True)


def test_restoring_beyond_the_storage_is_refused_and_offered_until_there_is_room(
    browser, owner, settings
):
    first, second = made(owner, 2)
    Generation.objects.update(size=3_000_000)
    settings.STORAGE_LIMIT = storage.usage(owner).used - 1_000_000
    browser.post(reverse("delete"), {"pk": [str(first.pk)]}, follow=True)
    page = undo(browser, first)
    assert "that needs 1 MB more storage than you have left" in page.text
    assert shown(page) == [second]
    page = browser.post(reverse("delete"), {"pk": [str(second.pk)]}, follow=True)
    assert page.text.count("You can undo this") == 2
    page = undo(browser, first)
    assert "1 soundscape restored." in page.text
    assert shown(page) == [first]
    assert "You can undo this" not in page.text


def test_undo_is_offered_once_and_with_the_filters_that_were_set(browser, owner):
    (row,) = made(owner)
    here = {"referer": "http://testserver/soundscapes/?sort=title"}
    answer = browser.post(reverse("delete"), {"pk": [str(row.pk)]}, headers=here)
    assert answer.url == f"{reverse('history')}?sort=title"
    assert "You can undo this" in browser.get(answer.url).text
    assert "You can undo this" not in browser.get(answer.url).text


@pytest.mark.parametrize("keys", [[], ["x"], [NOBODY_S], ["\0"]], ids=str)
def test_deleting_nothing_is_no_error(browser, owner, keys):
    rows = made(owner)
    answer = browser.post(reverse("delete"), {"pk": keys})
    assert answer.url == reverse("history")
    assert shown(look(browser)) == rows


@pytest.mark.parametrize("moment", ["", "x", "2026-01-01", "2026-13-45T00:00:00Z"])
def test_restoring_nothing_is_no_error(browser, moment):
    assert browser.post(reverse("restore"), {"deleted": moment}).status_code == 302
    assert "restored." not in look(browser).text


def test_a_soundscape_is_deleted_from_its_own_page(browser, owner):
    (row,) = made(owner)
    assert reverse("delete") in browser.get(row.get_absolute_url()).text


def test_others_soundscapes_cannot_be_changed(sign_in, stranger, owner, client):
    (row,) = made(owner)
    intruder = sign_in(stranger)
    for name in ("rename", "favourite"):
        url = reverse(name, args=[row.pk])
        assert intruder.post(url, {"name": "Mine", "favourite": "on"}).status_code == 404
        assert client.post(url).status_code == 302
        assert intruder.get(url).status_code == 405
    intruder.post(reverse("delete"), {"pk": [str(row.pk)]})
    row.refresh_from_db()
    assert (row.name, row.is_favourite, row.deleted_at) == ("", False, None)


def test_others_deleted_soundscapes_cannot_be_restored(browser, sign_in, owner, stranger):
    (row,) = made(owner)
    browser.post(reverse("delete"), {"pk": [str(row.pk)]})
    row.refresh_from_db()
    moment = row.deleted_at.isoformat()
    assert "Undo" not in sign_in(stranger).get(reverse("history"), {"deleted": moment}).text
    sign_in(stranger).post(reverse("restore"), {"deleted": moment})
    row.refresh_from_db()
    assert row.deleted_at is not None
