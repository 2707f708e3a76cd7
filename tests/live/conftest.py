"""An installation, and a running server shared by all live tests that do not break it."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from time import sleep

import pytest
import requests
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from soundscapes.engine import starter
from tests import kept, object_stores
from tests.components import require
from tests.live.installations import Template, copy_of
from tests.live.server import Person, Server, manage, running, until

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
# Chromium's address bar loads two hidden pages for every window, which takes half of the time that
# a new page needs. The option replaces Playwright's own, so the others are repeated from there.
WITHOUT = (
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,AvoidUnnecessaryBeforeUnloadCheckSync,"
    "DestroyProfileOnBrowserClose,HttpsUpgrades,LensOverlay,MediaRouter,OptimizationHints,"
    "PaintHolding,ThirdPartyStoragePartitioning"
)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
    f"--disable-features={WITHOUT}",
]


expect.set_options(timeout=30_000)  # a busy machine is slow, and only a failure takes so long


@pytest.fixture(scope="session")
def template(run_folder, request) -> Template:
    """One template for all processes of this run."""
    if not kept.has_encoders():
        request.getfixturevalue("first_encoding")
    template = Template(run_folder / "template")
    template.make()
    return template


@pytest.fixture
def installed(template) -> Iterator[dict[str, str]]:
    with copy_of(template) as env:
        yield env


@pytest.fixture(scope="package")
def elsewhere(template) -> Iterator[dict[str, str]]:
    """An installation that several machines can share: on PostgreSQL, Redis and a bucket."""
    named = {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys()
    require(named, "This needs PostgreSQL and Redis: `make test-servers` starts them.")
    with object_stores.running() as store:
        shared = object_stores.make_bucket(store)
        shared |= {"SECRET_KEY": "the same on all machines, because it signs the queue's messages"}
        with copy_of(template, shared) as env:
            yield env


@pytest.fixture(scope="package")
def server(template) -> Iterator[Server]:
    """A server shared by tests that do not interfere with each other."""
    with copy_of(template) as env, running(env) as started:
        yield started


WELCOME = """
from soundscapes.generations import welcome
from soundscapes.models import User
welcome.request_first(User.objects.filter(is_superuser=True).first())
"""


@pytest.fixture(scope="package")
def welcome_scene(server) -> None:
    """The soundscape that set-up requests for the welcome page."""
    manage(server.env, "shell", "-v0", "-c", WELCOME)
    page = partial(requests.get, server.url, timeout=30)
    until(lambda: "card-play" in page().text, 60, "the soundscape of the welcome page")


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A real photo, as a camera would have stored it."""
    by_slug = {image.slug: image for image in starter.STARTER_IMAGES}
    buffer = io.BytesIO()
    starter.load(by_slug["coffee"]).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


@pytest.fixture(scope="package")  # Django allows no event loop in other tests
def launch() -> Iterator[Callable[..., Browser]]:
    """Return a function that launches the first of some programs that is there."""
    with sync_playwright() as playwright, ExitStack() as stack:

        def launched(*programs: str) -> Browser:
            found = os.environ.get("CHROMIUM") or next(
                filter(None, map(shutil.which, programs)), ""
            )
            require(found, "Chromium is not installed (on Debian: apt install chromium).")
            opened = playwright.chromium.launch(executable_path=found, args=QUIET)
            stack.callback(opened.close)
            return opened

        yield launched


@pytest.fixture(scope="package")
def browser(launch) -> Browser:
    """Chromium, if possible without the window that nobody sees."""
    return launch("chromium-headless-shell", "chromium")


@pytest.fixture
def open_page(browser, server):
    """Open pages as a signed-in person, and fail on any message in the console.

    They have no service worker unless a test asks for it: Playwright's routes do not see its
    requests.
    """
    usual = {"viewport": DESKTOP, "service_workers": "block"}
    contexts, complaints = [], []

    def opened(person: Person | None = None, **options: object) -> Page:
        context = browser.new_context(base_url=server.url, **(usual | options))
        contexts.append(context)
        if person is not None:
            context.add_cookies(
                [
                    {"name": cookie.name, "value": cookie.value, "url": server.url}
                    for cookie in person.cookies
                ]
            )
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((server.url, "blob:", "data:"))
                else complaints.append(f"loaded from elsewhere: {request.url}")
            ),
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def delayed(route: Route) -> None:
    """Let a file come late, as on a slow connection."""
    sleep(2)
    route.continue_()


def holding(page: Page, pattern: str) -> tuple[list[Route], Callable[[], None]]:
    """Hold requests back; return them, and a function that lets them and all later ones go."""
    held: list[Route] = []
    is_open = []

    def let_go() -> None:
        is_open.append(True)
        for route in held:
            route.continue_()

    page.route(pattern, lambda route: route.continue_() if is_open else held.append(route))
    return held, let_go


def until_held(page: Page, held: list[Route], count: int = 1) -> None:
    until(lambda: page.wait_for_timeout(20) or len(held) >= count, 30, "the requests")


def too_wide(
    open_page: Callable[..., Page], person: Person, paths: Iterable[str], *screens: dict[str, int]
) -> list[str]:
    """Return the pages wider than a screen, reloaded for every screen and theme."""
    found = []
    for screen in screens or (PHONE, DESKTOP):
        for scheme in ("light", "dark"):
            page = open_page(person, viewport=screen, color_scheme=scheme)
            for path in paths:
                page.goto(path)
                if page.evaluate("document.documentElement.scrollWidth") > screen["width"]:
                    found.append(f"{path} at {screen['width']} pixels, {scheme}")
    return found


@pytest.fixture
def photo_file(photo, tmp_path) -> Path:
    path = tmp_path / "a_cup_of_coffee.jpg"
    path.write_bytes(photo)
    return path


@pytest.fixture(scope="module")
def person(server) -> Person:
    return Person(server)


@pytest.fixture(scope="module")
def soundscape(person, photo) -> str:
    """Return the path of a finished soundscape of 5 s, the same in every run."""
    generation = person.make_soundscape(photo, duration=5, seed=7)
    person.wait_until(generation, "ready")
    return f"/soundscapes/{generation}/"


@pytest.fixture
def page(open_page, person, soundscape) -> Page:
    """Return the soundscape's page with its player loaded."""
    page = open_page(person)
    page.goto(soundscape)
    page.wait_for_selector("[data-state=paused]")
    return page
