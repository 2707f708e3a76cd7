"""The history in a browser: infinite scroll, search, renaming in place, and undo."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.live.server import Person

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def person(server, photo) -> Person:
    person = Person(server)
    made = [person.make_soundscape(photo, duration=5, seed=seed) for seed in range(3)]
    for generation in made:
        person.wait_until(generation, "ready")
    return person


@pytest.fixture
def page(open_page, person) -> Page:
    page = open_page(person)
    page.goto("/soundscapes/")
    return page


def test_search_by_meaning_matches_without_the_words(page):
    page.get_by_label("Search").fill("a hot breakfast beverage")
    expect(page.locator("#found")).to_contain_text("3 results", timeout=60_000)
    expect(page.locator(".card")).to_have_count(3)
    assert page.url.endswith("/soundscapes/?q=a%20hot%20breakfast%20beverage")
    page.reload()
    expect(page.get_by_label("Search")).to_have_value("a hot breakfast beverage")
    expect(page.locator(".card")).to_have_count(3)


def test_a_favourite_is_marked_and_filtered_with_one_click_each(page):
    page.get_by_role("button", name=re.compile("^Favourite:")).first.click()
    expect(page.locator("[aria-pressed=true]")).to_have_count(1)
    page.get_by_role("checkbox", name="Favourites").check(force=True)
    expect(page.locator(".card")).to_have_count(1)
    assert page.url.endswith("?favourite=on")
    page.get_by_role("button", name=re.compile("^Favourite:")).first.click()
    expect(page.locator("[aria-pressed=true]")).to_have_count(0)


def test_a_title_is_edited_in_place_by_keyboard(page):
    rename = page.locator(".card summary").first
    rename.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Title").first.fill("Breakfast")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Breakfast")).to_be_visible()
    expect(page.locator(".card .rename form").first).to_be_hidden()


def test_selected_soundscapes_are_deleted_together_and_restored(page):
    expect(page.get_by_role("button", name="Delete the selected")).to_be_hidden()
    for number in range(2):
        page.get_by_role("checkbox", name=re.compile("^Select")).nth(number).check()
    expect(page.locator(".bulk-count")).to_have_text("2 selected")
    page.get_by_role("button", name="Delete selected").click()
    expect(page.locator(".card")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".card")).to_have_count(3)
    expect(page.get_by_text("2 soundscapes restored")).to_be_visible()
