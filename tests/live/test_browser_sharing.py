"""Sharing in a browser: from the owner's click to a copy in another user's history."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect

from tests.live.conftest import DESKTOP, PHONE, too_wide
from tests.live.server import Person, until

pytestmark = pytest.mark.slow

PLAYING = "[data-state=playing]"
SMALL = {"width": 320, "height": 844}


def shared(person: Person, soundscape: str, **fields: object) -> str:
    """Create a link with its form; return its path."""
    person.submit(f"{soundscape}share/", **fields)
    page = person.get(person.server.url + soundscape).text
    return re.findall(r'value="http[^"]*(/s/[\w-]+/)"', page)[-1]


def test_a_shared_soundscape_can_be_heard_and_saved_by_another_user(open_page, person, soundscape):
    page = open_page(person)
    page.goto(soundscape)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)
    page.get_by_text("New link", exact=True).click()
    page.get_by_label("Show the image").check()
    page.get_by_role("button", name="Create link").click()
    expect(page.locator(".said")).to_be_focused()
    expect(page.locator(PLAYING)).to_be_visible()  # playback continued
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the link").click()
    expect(page.locator("#announcer")).to_have_text("Copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.get_by_label("Link", exact=True).input_value()

    other = open_page(viewport=PHONE)
    other.goto(link)
    expect(other.locator("figure img")).to_be_visible()
    other.get_by_role("button", name="Play", exact=True).click()
    other.wait_for_selector(PLAYING)
    position = other.get_by_role("slider", name="Playback position")
    until(lambda: int(position.get_attribute("aria-valuenow")) >= 1, 30, "progress")
    other.get_by_role("link", name="Sign up to save a copy").click()
    other.get_by_label("Username").fill(f"friend-of-{person.name}")
    other.get_by_label("Password:", exact=True).fill("sounds-of-the-sea")
    other.get_by_label("Password confirmation").fill("sounds-of-the-sea")
    other.get_by_role("main").get_by_role("button", name="Sign up").click()
    other.get_by_role("button", name="Save a copy").click()
    expect(other.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=60_000)
    expect(other.get_by_text("A copy of the shared soundscape")).to_be_visible()
    expect(other.locator(".layers > li")).to_have_count(3)
    assert link not in other.url

    page.get_by_role("button", name="Revoke the link").first.click()
    expect(page.locator(".said")).to_contain_text("no longer works")
    expect(page.locator(PLAYING)).to_be_visible()
    gone = open_page()
    assert gone.goto(link).status == 404
    expect(gone.get_by_role("heading", name="This link does not work")).to_be_visible()


@pytest.mark.once
def test_copying_does_not_wait_for_the_network(open_page, person, soundscape):
    """WebKit lets a click copy only until then."""
    shared(person, soundscape)
    page = open_page(person, permissions=["clipboard-write"])
    page.goto(soundscape, wait_until="networkidle")
    page.context.set_offline(True)
    page.get_by_role("button", name="Copy the link").first.click()
    expect(page.locator("#announcer")).to_have_text("Copied.")


@pytest.fixture
def blog(server, person, soundscape) -> Iterator[str]:
    """Another site that embeds a link's frame and, which is not allowed, its page."""
    link = server.url + shared(person, soundscape)
    html = f'<iframe id="a" src="{link}embed/"></iframe><iframe id="b" src="{link}"></iframe>'

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as site:
        Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}/"
        site.shutdown()


@pytest.mark.once
def test_other_sites_can_embed_the_frame_and_nothing_else(browser, blog):
    page = browser.new_page()
    blocked = []
    page.on("requestfailed", lambda request: blocked.append(request.url))
    page.goto(blog)
    frame = page.frame_locator("#a")
    frame.get_by_role("button", name="Play", exact=True).click()
    expect(frame.locator(PLAYING)).to_be_visible(timeout=30_000)
    assert [url for url in blocked if re.search(r"/s/[\w-]+/$", url)]
    page.close()


@pytest.mark.once
def test_it_can_be_heard_and_downloaded_without_javascript(open_page, person, soundscape):
    link = shared(person, soundscape, shows_picture="on")
    page = open_page(java_script_enabled=False)
    page.goto(link)
    expect(page.locator("audio")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download WAV").click()
    title = page.locator("h1").text_content()
    assert download.value.suggested_filename.lower() == f"{title.lower()}.wav"
    page.get_by_text("Embed in a web page").click()
    expect(page.get_by_label("HTML code")).to_be_visible()
    owner = open_page(person, java_script_enabled=False)
    owner.goto(soundscape)
    owner.get_by_text("New link", exact=True).click()
    owner.get_by_role("button", name="Create link").click()
    assert owner.url.endswith("#share")
    owner.goto("/account/links/")
    owner.get_by_role("button", name="Revoke").first.click()
    expect(owner.get_by_text("Link revoked")).to_be_visible()


@pytest.mark.once
def test_it_plays_even_if_the_browser_blocks_storage(open_page, person, soundscape):
    link = shared(person, soundscape)
    page = open_page()
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('blocked'); }})"
    )
    page.goto(f"{link}embed/")
    page.get_by_role("slider", name="Volume").fill("50")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)


@pytest.mark.once
def test_without_a_clipboard_the_link_is_selected(open_page, person, soundscape):
    shared(person, soundscape)
    page = open_page(person)
    page.add_init_script("delete Navigator.prototype.clipboard")  # as on plain HTTP
    page.goto(soundscape)
    page.get_by_role("button", name="Copy the link").first.click()
    expect(page.locator("#announcer")).to_contain_text("selected")
    chosen = "(({value, selectionStart: a, selectionEnd: b}) => value.slice(a, b))"
    assert "/s/" in page.evaluate(f"{chosen}(document.activeElement)")


@pytest.mark.once
def test_every_sharing_page_fits_its_screen(open_page, person, soundscape):
    link = shared(person, soundscape, shows_picture="on")
    paths = (soundscape, "/account/links/", link, f"{link}embed/", "/s/nowhere/")
    assert too_wide(open_page, person, paths, SMALL, PHONE, DESKTOP) == []
    page = open_page(person)
    person.submit(f"/account/links/{newest(page, soundscape)}/revoke/")


def newest(page, soundscape) -> str:
    """Return the id of the newest link, used to revoke it."""
    page.goto(soundscape)
    return page.locator("input.address").last.get_attribute("id").removeprefix("link-")
