"""Lost sessions, lost connections, the back button, and people who type on meanwhile."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.live.conftest import PHONE
from tests.live.server import Person, until
from tests.live.test_browser_making import MAKING, images

pytestmark = [pytest.mark.slow, pytest.mark.once]

OFFLINE = "The server cannot be reached"
TWO_LINES = 45  # pixels


@pytest.fixture
def person(server) -> Person:
    return Person(server)


@pytest.fixture
def history(open_page, person, photo) -> Page:
    for seed in range(2):
        person.wait_until(person.make_soundscape(photo, duration=5, seed=seed), "ready")
    page = open_page(person)
    page.goto("/soundscapes/")
    return page


def sign_out_elsewhere(page: Page) -> None:
    """End the session, as signing out in another tab does."""
    page.context.clear_cookies(name="sessionid")


def test_a_search_leaves_the_focus_where_somebody_types(history):
    field = history.get_by_label("Search")
    field.press_sequentially("rain")
    with history.expect_response(re.compile("q=rain")):
        pass
    history.wait_for_timeout(300)
    history.keyboard.type(" city")
    expect(field).to_have_value("rain city")
    expect(history.get_by_role("button", name="Delete selected")).to_be_hidden()


def test_the_focus_stays_on_a_heart_and_on_a_title_after_the_answer(history):
    heart = history.get_by_role("button", name=re.compile("^Favourite:")).first
    heart.press("Enter")
    expect(heart).to_have_attribute("aria-pressed", "true")
    expect(heart).to_be_focused()
    rename = history.locator(".card summary").first
    rename.press("Enter")
    history.get_by_label("Title").first.fill("Breakfast")
    history.keyboard.press("Enter")
    expect(history.get_by_role("heading", name="Breakfast")).to_be_visible()
    expect(history.locator(".card summary").first).to_be_focused()


@pytest.mark.parametrize("trouble", ["signed out", "offline", "proxy"])
def test_a_heart_that_fails_says_why_and_stays_as_it_was(history, trouble):
    def refuse(route: Route) -> None:
        if trouble == "offline":
            route.abort()
        else:
            route.fulfill(status=502, content_type="text/html", body="<html>Bad gateway</html>")

    words = {"signed out": "You are signed out", "offline": OFFLINE, "proxy": "status 502"}
    if trouble == "signed out":
        sign_out_elsewhere(history)
    else:
        history.route("**/favourite/", refuse)
    heart = history.get_by_role("button", name=re.compile("^Favourite:")).first
    heart.click()
    notice = history.get_by_role("alert")
    expect(notice).to_contain_text(words[trouble])
    expect(heart).to_have_attribute("aria-pressed", "false")
    expect(history.locator("h1")).to_have_count(1)
    if trouble == "signed out":
        notice.get_by_role("button", name="Dismiss").click()
    else:
        history.unroute("**/favourite/")
        heart.click()
        expect(heart).to_have_attribute("aria-pressed", "true")
    expect(notice).to_have_count(0)


def test_signing_in_from_a_notice_returns_to_the_page(history, person):
    sign_out_elsewhere(history)
    history.get_by_role("button", name=re.compile("^Favourite:")).first.click()
    history.get_by_role("alert").get_by_role("link", name="Sign in").click()
    history.get_by_label("Username").fill(person.name)
    history.get_by_label("Password").fill(person.password)
    history.get_by_role("button", name="Sign in", exact=True).click()
    expect(history.get_by_role("heading", name="History", exact=True)).to_be_visible()


def test_the_studio_says_by_itself_that_the_session_has_ended(open_page, person):
    page = open_page(person)
    page.goto("/")
    sign_out_elsewhere(page)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("alert")).to_contain_text("You are signed out")


def test_a_page_works_on_after_signing_in_again_in_another_tab(history, person):
    sign_out_elsewhere(history)
    other = history.context.new_page()
    other.goto("/account/login/")
    other.get_by_label("Username").fill(person.name)
    other.get_by_label("Password").fill(person.password)
    other.get_by_role("button", name="Sign in", exact=True).click()
    expect(other.get_by_role("heading", name="What does your image")).to_be_visible()
    heart = history.get_by_role("button", name=re.compile("^Favourite:")).first
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "true")


def test_what_was_deleted_elsewhere_is_said_to_be_gone(history, open_page, person):
    other = open_page(person)
    other.goto("/soundscapes/")
    other.get_by_role("checkbox", name=re.compile("^Select")).first.check()
    other.get_by_role("button", name="Delete selected").click()
    expect(other.locator(".card")).to_have_count(1)
    history.get_by_role("button", name=re.compile("^Favourite:")).first.click()
    expect(history.get_by_role("alert")).to_contain_text("no longer exists")
    expect(history.locator("h1")).to_have_count(1)


def test_photos_stay_in_the_list_until_the_server_has_them(open_page, person):
    page = open_page(person)
    page.goto("/")
    sign_out_elsewhere(page)
    page.get_by_label("Choose an image").set_input_files(images(2))
    page.get_by_role("button", name="Create 2 soundscapes").click()
    lost = page.locator(".job[data-state=refused]")
    expect(lost).to_have_count(2)
    expect(lost.first).to_contain_text("You are signed out")
    expect(lost.first.get_by_role("link", name="Sign in")).to_be_visible()
    page.context.add_cookies(
        [{"name": c.name, "value": c.value, "url": person.server.url} for c in person.cookies]
    )
    page.get_by_role("button", name="Try again").first.click()
    page.get_by_role("button", name="Try again").last.click()
    expect(page.locator(".job[data-state=ready]")).to_have_count(2, timeout=MAKING)


def test_photos_are_sent_by_themselves_once_the_connection_is_back(open_page, person):
    page = open_page(person)
    page.goto("/")
    page.get_by_label("Choose an image").set_input_files(images(2))
    page.route("**/soundscapes/new/", lambda route: route.abort())
    page.get_by_role("button", name="Create 2 soundscapes").click()
    lost = page.locator(".job[data-state=refused]")
    expect(lost).to_have_count(2)
    page.get_by_role("button", name="Try again").first.click()
    expect(lost).to_have_count(2)
    page.unroute("**/soundscapes/new/")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".job[data-state=ready]")).to_have_count(2, timeout=MAKING)
    assert len(page.request.get("/api/v1/generations/").json()["results"]) == 2


def test_a_poll_without_an_answer_is_given_up_and_repeated(open_page, person, photo, server):
    """As on a line that went dead without a word."""
    page = open_page(person)
    held: list[Route] = []
    page.route("**/status/*", lambda route: held.append(route), times=1)
    with server.without_workers():
        page.goto(f"/soundscapes/{person.make_soundscape(photo, duration=5)}/")
        until(lambda: page.wait_for_timeout(50) or held, 30, "a poll")
    expect(page.get_by_role("alert")).to_contain_text(OFFLINE, timeout=40_000)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_photos_stay_chosen_if_the_queue_cannot_be_loaded(open_page, person):
    page = open_page(person)
    page.goto("/")
    page.route("**/js/upload_queue*", lambda route: route.abort())
    page.get_by_label("Choose an image").set_input_files(images(2))
    make = page.get_by_role("button", name="Create 2 soundscapes")
    make.click()
    expect(page.get_by_role("alert")).to_contain_text(OFFLINE)
    assert page.evaluate("document.getElementById('id_image').files.length") == 2
    page.unroute("**/js/upload_queue*")
    make.click()
    expect(page.locator(".job[data-state=ready]")).to_have_count(2, timeout=MAKING)


def test_leaving_asks_while_photos_are_unsent(open_page, person):
    page = open_page(person)
    page.goto("/")
    held: list[Route] = []
    page.route("**/soundscapes/new/", lambda route: held.append(route))
    page.get_by_label("Choose an image").set_input_files(images(2))
    page.get_by_role("button", name="Create 2 soundscapes").click()
    expect(page.locator(".job")).to_have_count(2)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="History").click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    expect(page.locator(".job")).to_have_count(2)


def test_a_photo_that_is_too_large_is_refused_in_place(open_page, person):
    page = open_page(person, viewport=PHONE)
    page.goto("/")
    page.evaluate("document.getElementById('photo-form').dataset.maxBytes = 10")
    page.get_by_label("Choose an image").set_input_files(images(1))
    page.get_by_role("button", name="Create soundscape").click()
    expect(page.get_by_role("alert")).to_contain_text("larger than")
    assert page.evaluate("document.getElementById('id_image').files.length") == 1
    assert page.get_by_role("button", name="Dismiss").bounding_box()["height"] < TWO_LINES
    page.get_by_label("Choose an image").set_input_files(images(1))
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_refusal_by_the_server_ends_with_the_next_choice(open_page, person):
    letter = {"name": "letter.png", "mimeType": "image/png", "buffer": b"Dear photo, ..."}
    page = open_page(person)
    page.goto("/")
    page.get_by_label("Choose an image").set_input_files(letter)
    page.get_by_role("button", name="Create soundscape").click()
    expect(page.get_by_role("alert")).to_contain_text("not an image")
    page.get_by_label("Choose an image").set_input_files(images(1))
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("has_reloaded", [False, True], ids=["at once", "after a reload"])
def test_the_studio_works_after_the_back_button(open_page, person, photo_file, has_reloaded):
    page = open_page(person)
    page.goto("/")
    page.get_by_role("button", name="Use a random image").click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=MAKING)
    if has_reloaded:
        page.reload()
    page.go_back()
    expect(page.get_by_role("heading", name="What does your image")).to_be_visible()
    page.get_by_label("Choose an image").set_input_files(photo_file)
    expect(page.locator("#preview")).to_be_visible()
    page.get_by_label("Choose an image").set_input_files(images(2))
    expect(page.get_by_role("button", name="Create 2 soundscapes")).to_be_visible()
