"""The history in a browser: infinite scroll, search, renaming in place, and undo."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.live.server import Person, manage, until

pytestmark = [pytest.mark.slow, pytest.mark.once]


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


def test_a_late_answer_to_an_earlier_search_changes_nothing(page, server):
    held = []
    page.route("**/soundscapes/?*tries=*", lambda route: held.append(route))
    with server.without_workers():
        page.get_by_label("Search").fill("words that no test has searched for")
        until(lambda: page.wait_for_timeout(20) or held, 30, "the question whether it is done")
    page.get_by_label("Search").fill("")
    expect(page.locator(".card")).to_have_count(3)
    for route in held:
        route.continue_()
    page.wait_for_timeout(1000)  # longer than the answer takes
    expect(page.locator(".card")).to_have_count(3)


def test_the_first_click_after_a_search_does_not_search_again(page):
    page.get_by_label("Search").press_sequentially("a hot beverage")
    expect(page.locator("#found")).to_contain_text("3 results", timeout=60_000)
    steps = page.evaluate("history.length")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("checkbox", name=re.compile("^Select")).first.click()
    page.wait_for_load_state("networkidle")
    assert asked == []
    expect(page.locator(".bulk-count")).to_have_text("1 selected")
    assert page.evaluate("history.length") == steps


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
    card = page.locator(".card").first
    expect(card.get_by_role("button", name="Favourite: Breakfast")).to_be_visible()
    expect(card.get_by_role("checkbox", name="Select Breakfast")).to_have_count(1)


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


def test_all_soundscapes_and_a_range_are_selected(page):
    boxes = page.get_by_role("checkbox", name=re.compile("^Select"))
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.locator(".bulk-count")).to_have_text("3 selected")
    boxes.nth(1).click(modifiers=["Shift"])
    expect(page.locator(".bulk-count")).to_have_text("1 selected")
    page.get_by_role("button", name="Select all").click()
    expect(page.locator(".bulk-count")).to_have_text("3 selected")
    page.get_by_role("button", name="Select none").click()
    expect(page.get_by_role("button", name="Delete selected")).to_be_hidden()


def test_filters_and_order_are_steps_that_back_undoes(page):
    page.get_by_text("Category, date and order").click()
    page.get_by_label("Sort by").select_option("oldest")
    page.wait_for_url("**/?sort=oldest")
    page.get_by_role("checkbox", name="Favourites").check(force=True)
    page.wait_for_url("**favourite=on**")
    page.go_back()
    expect(page.get_by_role("checkbox", name="Favourites")).not_to_be_checked()
    expect(page.get_by_label("Sort by")).to_have_value("oldest")
    expect(page.locator(".card")).to_have_count(3)
    page.go_back()
    expect(page.get_by_label("Sort by")).to_have_value("")
    assert page.url.endswith("/soundscapes/")


def test_undo_is_not_offered_again_after_a_reload(page):
    page.get_by_role("checkbox", name=re.compile("^Select")).first.check()
    page.get_by_role("button", name="Delete selected").click()
    expect(page.get_by_text("You can undo this")).to_be_visible()
    page.locator(".card h3 a").first.click()
    page.go_back()
    expect(page.locator(".card")).to_have_count(2)
    expect(page.get_by_text("You can undo this")).to_be_hidden()


COPY = """
from uuid import UUID, uuid4
from soundscapes.models import Generation, Layer
row = Generation.objects.get(pk=UUID("{pk}"))
layers = list(row.layers.all())
for number in range(59):
    row.pk, row.name = uuid4(), f"Number {{number}}"
    row.save(force_insert=True)
    for layer in layers:
        layer.pk, layer.generation = None, row
        layer.save(force_insert=True)
"""


def test_back_returns_to_the_same_cards_at_the_same_place(open_page, server, photo):
    person = Person(server)
    generation = person.make_soundscape(photo, duration=5)
    person.wait_until(generation, "ready")
    manage(server.env, "shell", "-c", COPY.format(pk=generation))
    page = open_page(person)
    page.goto("/soundscapes/")
    for count in (48, 60):
        page.get_by_role("link", name="Show more").click()
        expect(page.locator(".card")).to_have_count(count)
    cards = [link.get_attribute("href") for link in page.locator(".card h3 a").all()]
    page.locator(".card").nth(50).scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    page.locator(".card h3 a").nth(50).click()
    page.wait_for_url(f"**{cards[50]}")
    page.go_back()
    expect(page.locator(".card")).to_have_count(60)
    assert cards == [link.get_attribute("href") for link in page.locator(".card h3 a").all()]
    until(lambda: abs(page.evaluate("scrollY") - place) < 5, 30, "the same place")
