"""The slideshow's page; the browser tests watch it run."""

import pytest

from soundscapes.models import State
from tests import factories
from tests.web.pages import inline_code

pytestmark = pytest.mark.django_db


def test_it_shows_what_the_history_shows_and_only_finished_ones(browser, owner):
    mine = factories.GenerationFactory(owner=owner, ready=True)
    favourite = factories.GenerationFactory(owner=owner, ready=True, is_favourite=True)
    unfinished = factories.GenerationFactory(owner=owner, state=State.QUEUED)
    others = factories.GenerationFactory(ready=True)
    page = browser.get("/slideshow/").text
    assert page.index(str(favourite.pk)) < page.index(str(mine.pk))
    assert str(unfinished.pk) not in page
    assert str(others.pk) not in page
    assert inline_code(page) == []
    favourites = browser.get("/slideshow/?favourite=on").text
    assert str(favourite.pk) in favourites
    assert str(mine.pk) not in favourites


def test_a_search_is_a_list_too(browser, owner):
    named = factories.GenerationFactory(owner=owner, ready=True, name="Evening on the quay")
    other = factories.GenerationFactory(owner=owner, ready=True, name="A robin")
    page = browser.get("/slideshow/?q=quay").text
    assert str(named.pk) in page
    assert str(other.pk) not in page


def test_the_history_leads_to_the_slideshow_of_the_same_list_and_back(browser, owner):
    factories.GenerationFactory(owner=owner, ready=True, is_favourite=True)
    assert 'href="/slideshow/?favourite=on"' in browser.get("/soundscapes/?favourite=on").text
    assert 'href="/soundscapes/?favourite=on"' in browser.get("/slideshow/?favourite=on").text


def test_an_empty_list_says_so(browser):
    page = browser.get("/slideshow/").text
    assert "No finished soundscapes match" in page
    assert "sound-slideshow" not in page.replace("slideshow.js", "")


def test_the_number_of_queries_does_not_grow(browser, owner, django_assert_max_num_queries):
    factories.GenerationFactory.create_batch(5, owner=owner, ready=True)
    with django_assert_max_num_queries(8):
        browser.get("/slideshow/")
