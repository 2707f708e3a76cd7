"""The site as an installed application: installability, offline listening, shared images."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.live.conftest import PHONE
from tests.live.server import Person, until

pytestmark = [pytest.mark.slow, pytest.mark.once]

CONTROLLED = "navigator.serviceWorker.ready.then(() => true)"
NAMES = "caches.keys()"
SHARE = """bytes => {
    const form = Object.assign(document.createElement("form"), {
        method: "post", action: "/receive/", enctype: "multipart/form-data",
    });
    const input = Object.assign(document.createElement("input"), {type: "file", name: "image"});
    const files = new DataTransfer();
    const type = "image/jpeg";
    files.items.add(new File([new Uint8Array(bytes)], "from_the_gallery.jpg", {type}));
    input.files = files.files;
    form.append(input);
    document.body.append(form);
    form.submit();
}"""


def is_kept(name: str) -> bool:
    return name.startswith("kept-")


@pytest.fixture
def installed_page(open_page):
    """Open a page that a service worker controls."""

    def opened(person: Person, path: str, **options: object) -> Page:
        page = open_page(person, service_workers="allow", **options)
        page.goto(path)
        assert page.evaluate(CONTROLLED)
        page.reload()
        return page

    return opened


@pytest.fixture
def leaver(server, photo) -> Person:
    """A person of one test, who may sign out."""
    leaver = Person(server)
    leaver.soundscape = leaver.make_soundscape(photo, duration=5)
    leaver.wait_until(leaver.soundscape, "ready")
    return leaver


@pytest.fixture
def keeper(installed_page, leaver) -> Page:
    """A page of a soundscape that is kept."""
    page = installed_page(leaver, f"/soundscapes/{leaver.soundscape}/")
    page.get_by_role("button", name="Keep offline").click()
    expect(page.get_by_text("Kept on this device")).to_be_visible(timeout=30_000)
    return page


def test_chromium_would_install_it(installed_page, person, soundscape):
    page = installed_page(person, soundscape, viewport=PHONE)
    devtools = page.context.new_cdp_session(page)
    found = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # Every context of a test is an incognito window.
    assert [error for error in found if error["errorId"] != "in-incognito"] == []
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["url"].endswith("/app.webmanifest")
    assert manifest["errors"] == []


def test_a_kept_soundscape_opens_and_plays_without_a_connection(keeper):
    page = keeper
    page.context.set_offline(True)
    page.reload()
    expect(page.locator(".framed img")).to_have_js_property("complete", value=True)
    assert page.locator(".framed img").evaluate("image => image.naturalWidth") > 0
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector("sound-player[data-state=playing]")

    page.goto("/soundscapes/")
    expect(page.get_by_role("heading", name="Kept on this device")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Play ")).click()
    page.wait_for_selector(".mini-player[data-state=playing]")
    page.get_by_role("button", name=re.compile("^Remove ")).click()
    expect(page.get_by_text("Nothing is kept on this device")).to_be_visible()
    page.context.set_offline(False)


def test_opening_pages_does_not_use_navigation_preload(keeper):
    """Without a connection, Firefox 153 would show its own error page instead of what is kept."""
    state = "navigator.serviceWorker.ready.then((worker) => worker.navigationPreload.getState())"
    assert keeper.evaluate(state)["enabled"] is False


def test_it_is_kept_where_a_browser_has_no_storage_manager(installed_page, leaver):
    page = installed_page(leaver, f"/soundscapes/{leaver.soundscape}/")
    page.evaluate("Object.defineProperty(navigator, 'storage', { value: undefined }) && 1")
    page.get_by_role("button", name="Keep offline").click()
    expect(page.get_by_text("Kept on this device")).to_be_visible(timeout=30_000)


def test_what_is_kept_follows_a_new_title(keeper, leaver):
    page = keeper
    page.locator(".rename summary").click()
    page.get_by_label("Title").fill("Breakfast")
    page.keyboard.press("Enter")
    path = f"/soundscapes/{leaver.soundscape}/"
    titled = (
        f"caches.match('{path}').then(kept => kept.text()).then(html => html.match(/<h1.+h1>/)[0])"
    )
    until(lambda: "Breakfast" in page.evaluate(titled), 30, "the new title")
    page.goto("/offline/")
    expect(page.get_by_role("link", name="Breakfast")).to_be_visible()
    expect(page.get_by_role("button", name="Play Breakfast")).to_be_visible()


def test_the_size_is_shown_and_removing_frees_it(keeper):
    page = keeper
    expect(page.locator("keep-offline")).to_contain_text(re.compile(r"\d\.\d MB"))
    page.get_by_role("button", name="Remove from this device").click()
    expect(page.get_by_role("button", name="Keep offline")).to_be_visible()
    left = "caches.open(NAME).then(cache => cache.keys()).then(keys => keys.length)"
    name = next(filter(is_kept, page.evaluate(NAMES)))
    assert page.evaluate(left.replace("NAME", repr(name))) == 0


def test_what_cannot_be_kept_completely_leaves_nothing(installed_page, leaver):
    page = installed_page(leaver, f"/soundscapes/{leaver.soundscape}/")
    page.evaluate(
        """() => {
            const { put } = Cache.prototype;
            Cache.prototype.put = async function (url, answer) {
                if (url.includes("/parts/0/")) throw new DOMException("", "QuotaExceededError");
                await new Promise((resolve) => setTimeout(resolve, 500));
                return put.call(this, url, answer);
            };
        }"""
    )
    page.get_by_role("button", name="Keep offline").click()
    expect(page.locator("keep-offline")).to_contain_text("no space left")
    page.wait_for_timeout(1000)
    name = next(filter(is_kept, page.evaluate(NAMES)))
    assert (
        page.evaluate(
            f"caches.open('{name}').then(cache => cache.keys()).then(keys => keys.length)"
        )
        == 0
    )


HANG = """() => {
    const { put } = Cache.prototype;
    Cache.prototype.put = function (url, answer) {
        return url.includes("/parts/0/") ? new Promise(() => {}) : put.call(this, url, answer);
    };
}"""


def test_a_closed_tab_leaves_nothing_of_what_it_was_keeping(installed_page, leaver):
    path = f"/soundscapes/{leaver.soundscape}/"
    page = installed_page(leaver, path)
    page.evaluate(HANG)
    page.get_by_role("button", name="Keep offline").click()
    other = page.context.new_page()
    other.goto("/account/")
    name = f"caches.open('kept-{other.locator('html').get_attribute('data-person')}')"
    count = f"{name}.then(cache => cache.keys()).then(keys => keys.length)"
    until(lambda: other.evaluate(count) > 2, 30, "the first files")
    other.goto(path)
    expect(other.get_by_role("button", name="Keep offline")).to_be_visible()
    assert other.evaluate(count) > 2  # the first tab is at it
    page.close()
    other.reload()
    until(lambda: other.evaluate(count) == 0, 30, "the cleanup")


def test_removing_what_is_kept_does_not_stop_the_sound(keeper):
    page = keeper
    page.goto("/offline/")
    page.get_by_role("button", name=re.compile("^Play ")).click()
    page.wait_for_selector(".mini-player[data-state=playing]")
    page.get_by_role("button", name=re.compile("^Remove ")).click()
    expect(page.get_by_text("Nothing is kept on this device")).to_be_visible()
    expect(page.locator(".mini-player[data-state=playing]")).to_be_visible()


def test_signing_out_removes_what_is_kept(keeper):
    page = keeper
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Create an account")).to_be_visible()
    until(lambda: not any(is_kept(name) for name in page.evaluate(NAMES)), 30, "the deletion")


def test_what_one_person_keeps_is_deleted_when_another_one_signs_in(keeper, server):
    page, other = keeper, Person(server)
    cookies = [
        {"name": each.name, "value": each.value, "url": server.url} for each in other.cookies
    ]
    page.context.add_cookies(cookies)
    page.goto("/")
    until(lambda: not any(is_kept(name) for name in page.evaluate(NAMES)), 30, "the deletion")


def test_a_new_version_waits_for_old_pages_and_renews_what_is_kept(keeper):
    page = keeper
    page.evaluate("caches.open('shell-old')")
    page.evaluate("navigator.serviceWorker.register('/service-worker.js?another').then(() => 1)")
    waiting = "navigator.serviceWorker.getRegistration().then(found => found.waiting !== null)"
    until(lambda: page.evaluate(waiting), 30, "the new version")
    assert "shell-old" in page.evaluate(NAMES)

    def is_tidied() -> bool:
        page.goto("about:blank")  # no page of the site is open
        page.wait_for_timeout(1500)
        page.goto("/account/")
        return "shell-old" not in page.evaluate(NAMES)

    until(is_tidied, 30, "the deletion")
    assert any(map(is_kept, page.evaluate(NAMES)))


def test_a_new_version_leaves_what_is_kept_alone_after_the_session_has_ended(keeper, leaver):
    page = keeper
    page.context.clear_cookies(name="sessionid")
    page.evaluate("navigator.serviceWorker.register('/service-worker.js?another').then(() => 1)")
    state = """navigator.serviceWorker.getRegistration().then(({ active }) =>
        active.scriptURL.endsWith("?another") && active.state)"""

    def is_active() -> bool:
        page.goto("about:blank")  # no page of the site is open
        page.wait_for_timeout(1500)
        page.goto("/offline/")  # which does not tell who is signed in
        return page.evaluate(state) == "activated"

    until(is_active, 30, "the new version")
    page.context.set_offline(True)
    page.goto(f"/soundscapes/{leaver.soundscape}/")
    expect(page.get_by_role("button", name="Remove from this device")).to_be_visible()
    page.context.set_offline(False)


def test_a_shared_image_waits_in_the_studio_and_becomes_a_soundscape(
    installed_page, person, soundscape, photo
):
    page = installed_page(person, soundscape)
    page.evaluate(SHARE, list(photo))
    page.wait_for_url("**/?received")
    expect(page.locator("#preview")).to_be_visible()
    expect(page.locator("#chosen")).to_have_text("from_the_gallery.jpg")
    page.get_by_role("button", name="Create soundscape").click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=60_000)
    page.goto("/")
    expect(page.locator("#preview")).to_be_hidden()  # it is taken once


def test_without_a_service_worker_nothing_is_offered_that_needs_one(page):
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 0
