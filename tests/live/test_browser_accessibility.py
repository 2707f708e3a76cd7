"""axe-core on every page, in both themes, with all menus and details open."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import Page

from tests.components import require
from tests.live.server import Person

pytestmark = [pytest.mark.slow, pytest.mark.once]

OPENED = ", ".join(
    f".{name} > summary" for name in ("layer-more", "why", "more", "menu", "make-link", "embed")
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ACCOUNT = ("/account/", "/account/email/", "/account/password/change/", "/account/delete/")
RESET = (
    "/account/password/reset/",
    "/account/password/reset/done/",
    "/account/password/reset/key/x-y/",
)


@pytest.fixture(scope="module")
def axe() -> str:
    """The script from its package."""
    package = find_spec("axe_playwright_python")
    require(package, "axe-playwright-python is not installed (requirements-dev.txt).")
    return (Path(package.submodule_search_locations[0]) / "axe.min.js").read_text()


@pytest.fixture(scope="module")
def person(server, photo) -> Person:
    person = Person(server)
    generation = person.make_soundscape(photo, duration=5)
    person.wait_until(generation, "ready")
    person.submit("/account/", name="a program")
    person.own_page = f"/soundscapes/{generation}/"
    person.submit(f"{person.own_page}share/", shows_picture="on")
    person.link = re.search(r'value="(http[^"]*/s/[^"]*)"', person.get(page_of(person)).text)[1]
    return person


def page_of(person: Person) -> str:
    return person.server.url + person.own_page


def faults(page: Page, axe: str) -> list[str]:
    """Return violations in the light and dark themes, with transitions finished."""
    page.evaluate(axe)
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        response = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        found += [
            f"{scheme}: {fault['impact']}: {fault['help']}: {node['html']}"
            for fault in response["violations"]
            for node in fault["nodes"]
        ]
    return found


def test_axe_finds_no_violation_on_a_users_pages(open_page, person, axe):
    page = open_page(person)
    mine = ("/", "/soundscapes/", "/soundscapes/?q=coffee", person.own_page, *ACCOUNT)
    more = (
        "/account/recordings/",
        "/account/links/",
        "/offline/",
        "/receive/",
        "/slideshow/",
        "/?photo",
    )
    for path in (*mine, *more, person.link):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        for summary in page.locator(OPENED).all():
            summary.click()
        assert faults(page, axe) == [], path


def test_axe_finds_no_violation_in_what_appears_while_listening(open_page, person, axe, photo):
    person.wait_until(person.make_soundscape(photo, duration=5, seed=1), "ready")
    page = open_page(person)
    page.goto("/soundscapes/")
    page.locator(".card-play").first.click()
    page.wait_for_selector(".mini-player[data-state=playing]")
    assert faults(page, axe) == []
    page.goto(person.own_page)
    page.locator(".gain").first.press("ArrowLeft")
    page.get_by_role("button", name=re.compile("^Compare with")).first.click()
    page.wait_for_selector(".compare")
    assert faults(page, axe) == []


def test_axe_finds_no_violation_on_error_pages(open_page, axe):
    page = open_page()
    context = {"message": "The disk is full.", "request": RequestFactory().get("/")}
    for name in ("400", "403", "403_csrf", "404", "500", "503"):
        shown = render_to_string(f"{name}.html", context)
        page.route("**/trouble/", lambda route, _request, body=shown: route.fulfill(body=body))
        page.goto("/trouble/")
        assert "Soundscapes" in page.title()
        assert faults(page, axe) == [], name


@pytest.mark.usefixtures("welcome_scene")
def test_axe_finds_no_violation_on_public_pages(open_page, person, axe):
    page = open_page()
    shared = (person.link, f"{person.link}embed/", "/s/nowhere/", "/s/nowhere/embed/")
    for path in ("/", "/account/signup/", "/account/login/", *RESET, "/nowhere/", *shared):
        page.goto(path)
        assert faults(page, axe) == [], path
