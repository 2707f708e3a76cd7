"""axe-core on every page, in both themes, with all menus and details open."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import Page

from soundscapes.web.accounts.forms import FirstAdministratorForm
from tests.components import require
from tests.live.server import Person

pytestmark = [pytest.mark.slow, pytest.mark.once]

OPENED = ", ".join(
    f".{name} > summary" for name in ("layer-more", "why", "more", "menu", "make-link", "embed")
)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The themes differ in colours alone.
RULES = {"light": TAGS, "dark": ["color-contrast", "link-in-text-block"]}
ACCOUNT = (
    "/account/",
    "/account/email/",
    "/account/password/change/",
    "/account/sessions/",
    "/account/webhooks/",
    "/account/reauthenticate/",
    "/account/logout/",
    "/account/delete/",
)
SECOND_FACTORS = ("/account/2fa/", "/account/2fa/webauthn/", "/account/2fa/webauthn/add/")
ACTIVE_FACTORS = (
    "/account/2fa/",
    "/account/2fa/reauthenticate/",
    "/account/2fa/recovery-codes/",
    "/account/2fa/recovery-codes/generate/",
    "/account/2fa/totp/deactivate/",
)
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
    for scheme, rules in RULES.items():
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        options = {"runOnly": rules, "resultTypes": ["violations"]}
        response = page.evaluate("options => axe.run(document, options)", options)
        found += [
            f"{scheme}: {fault['impact']}: {fault['help']}: {node['html']}"
            for fault in response["violations"]
            for node in fault["nodes"]
        ]
    return found


def faults_of(page: Page, axe: str, paths: Iterable[str]) -> list[str]:
    """Return the violations on each page, which must not lead elsewhere."""
    found = []
    for path in paths:
        page.goto(path)
        assert page.url.endswith(path)
        found += [f"{path}: {fault}" for fault in faults(page, axe)]
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
        if path in (person.own_page, person.link):
            page.wait_for_selector("[data-state=paused]")
        page.locator(".searching").wait_for(state="detached")
        for summary in page.locator(OPENED).all():
            summary.click()
        assert faults(page, axe) == [], path


def test_axe_finds_no_violation_on_pages_of_second_factors(open_page, server, axe):
    person = Person(server)
    person.submit("/account/reauthenticate/", password=person.password)
    page = open_page(person)
    assert faults_of(page, axe, SECOND_FACTORS) == []
    page.goto("/account/2fa/totp/activate/")
    assert faults(page, axe) == []
    secret = page.get_by_label("Secret").input_value()
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    code = totp.format_hotp_value(totp.hotp_value(secret, counter))
    page.get_by_label("Code from the app").fill(code)
    page.get_by_role("button", name="Activate").click()
    page.get_by_label("Unused codes").wait_for()
    assert faults_of(page, axe, ACTIVE_FACTORS) == []


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


def test_axe_finds_no_violation_where_the_first_administrator_is_made(open_page, axe):
    page = open_page()
    context = {"form": FirstAdministratorForm(), "request": RequestFactory().get("/")}
    shown = render_to_string("accounts/first_administrator.html", context)
    page.route("**/first/", lambda route: route.fulfill(body=shown))
    page.goto("/first/")
    assert "administrator" in page.title()
    assert faults(page, axe) == []


@pytest.mark.usefixtures("welcome_scene")
def test_axe_finds_no_violation_on_public_pages(open_page, person, axe):
    page = open_page()
    shared = (person.link, f"{person.link}embed/", "/s/nowhere/", "/s/nowhere/embed/")
    for path in ("/", "/account/signup/", "/account/login/", *RESET, "/nowhere/", *shared):
        page.goto(path)
        assert faults(page, axe) == [], path
    page.goto("/account/login/code/")
    assert faults(page, axe) == []
    page.get_by_label("Email address").fill("nobody@example.org")
    page.get_by_role("button", name="Send code").click()
    page.get_by_label("Code").wait_for()
    assert faults(page, axe) == []
