"""The slideshow: one soundscape after another, with crossfades."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.live.conftest import delayed, holding, until_held
from tests.live.server import Person, until

pytestmark = [pytest.mark.slow, pytest.mark.once]

STOLEN = """() => {
    window.fullScreens = 0;
    Element.prototype.requestFullscreen = async () => { window.fullScreens += 1; };
    window.heard = new Map(); // sources by their number
    window.started = 0;
    const { start } = AudioBufferSourceNode.prototype;
    AudioBufferSourceNode.prototype.start = function (...given) {
        const number = window.started++;
        window.heard.set(number, this);
        this.addEventListener("ended", () => window.heard.delete(number));
        start.apply(this, given);
    };
}"""


@pytest.fixture(scope="module")
def listener(server, photo) -> Person:
    person = Person(server)
    for seed in (1, 2):
        generation = person.make_soundscape(photo, duration=5, seed=seed)
        person.wait_until(generation, "ready")
        person.submit(f"/soundscapes/{generation}/title/", name=f"Number {seed}")
    return person


@pytest.fixture
def slideshow(open_page, listener) -> Page:
    page = open_page(listener)
    page.add_init_script(f"({STOLEN})()")
    page.goto("/soundscapes/")
    page.get_by_role("link", name="Play as a slideshow").click()
    page.wait_for_selector(".slide.shown")
    return page


def until_silent(page: Page) -> None:
    until(lambda: page.evaluate("window.heard.size") == 0, 30, "silence")


def until_heard(page: Page) -> int:
    """Wait until something sounds, and return how many sounds were started."""
    until(lambda: page.evaluate("window.heard.size") > 0, 30, "sounds")
    return page.evaluate("window.started")


def until_both_are_heard(page: Page, before: int) -> None:
    """Wait until sounds from before and since a number are heard at the same time."""
    sides = f"new Set([...window.heard.keys()].map((number) => number < {before})).size"
    until(lambda: page.evaluate(sides) == 2, 30, "both")


HANDLERS = """() => {
    window.handlers = {};
    navigator.mediaSession.setActionHandler = (name, handle) => { window.handlers[name] = handle; };
}"""


def start(page: Page) -> None:
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(".slideshow.is-on")


def title(page: Page):
    return page.locator(".slide-title")


def test_one_click_starts_it_on_the_whole_screen(slideshow):
    page = slideshow
    expect(title(page)).to_have_text("Number 2")
    start(page)
    assert page.evaluate("window.fullScreens") == 1
    box = page.locator(".slideshow").bounding_box()
    assert (box["width"], box["height"]) == (1280, 900)
    assert re.search(r"\d\d:\d\d", page.locator(".slideshow time").inner_text())
    page.wait_for_selector(".slideshow.idle", timeout=10_000)
    page.mouse.move(300, 300)
    page.wait_for_selector(".slideshow:not(.idle)")


def test_its_buttons_are_shown_when_they_work(open_page, listener):
    page = open_page(listener)
    page.route("**/js/slideshow.*", delayed)
    page.goto("/slideshow/", wait_until="commit")
    start(page)


def test_its_lists_are_dark_in_the_light_theme_too(slideshow):
    """WebKitGTK draws them so, whatever their background is."""
    slideshow.emulate_media(color_scheme="light")
    expect(slideshow.get_by_label("Sleep timer")).to_have_css("color-scheme", "dark")


def test_the_next_soundscape_crossfades_in(slideshow):
    page = slideshow
    page.get_by_role("button", name="Play", exact=True).click()
    before = until_heard(page)
    page.keyboard.press("ArrowRight")
    until_both_are_heard(page, before)
    expect(title(page)).to_have_text("Number 1")
    old = f"[...window.heard.keys()].some((number) => number < {before})"
    until(lambda: not page.evaluate(old), 30, "the end of the first one")
    page.wait_for_selector("[aria-disabled=false].slide-play")
    page.wait_for_selector(".slideshow.is-on")
    expect(page.locator(".slide")).to_have_count(1)
    page.get_by_role("button", name="Pause", exact=True).click()
    until_silent(page)


def test_media_keys_change_it(slideshow):
    page = slideshow
    page.evaluate(HANDLERS)
    start(page)
    until(lambda: page.evaluate("Boolean(window.handlers.nexttrack)"), 30, "the media keys")
    page.evaluate("window.handlers.nexttrack()")
    expect(title(page)).to_have_text("Number 1")
    page.wait_for_selector("[aria-disabled=false].slide-play")
    page.wait_for_selector(".slideshow.is-on")


def test_it_changes_by_itself_after_the_chosen_time(slideshow):
    page = slideshow
    page.clock.install()
    page.get_by_label("Each for").select_option("1 min")
    start(page)
    page.clock.run_for(55_000)
    expect(title(page)).to_have_text("Number 2")
    page.clock.run_for(10_000)
    expect(title(page)).to_have_text("Number 1")
    page.clock.run_for(3_000)


def test_what_cannot_be_played_is_left_after_a_moment(slideshow):
    page = slideshow
    page.clock.install()
    page.get_by_role("button", name="Play", exact=True).click()
    until_heard(page)
    page.route(re.compile("/(parts|media)/"), lambda route: route.abort())
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".slide-note")).to_contain_text("could not be loaded")
    page.unroute(re.compile("/(parts|media)/"))
    page.clock.run_for(12_000)
    expect(title(page)).to_have_text("Number 2")
    page.wait_for_selector(".slideshow.is-on")


def test_the_browser_s_own_keys_do_not_change_it(slideshow):
    slideshow.keyboard.press("Control+ArrowRight")
    expect(title(slideshow)).to_have_text("Number 2")


def test_pausing_while_it_changes_silences_both(slideshow):
    page = slideshow
    page.get_by_role("button", name="Play", exact=True).click()
    before = until_heard(page)
    page.get_by_role("button", name="Next").click()
    until_both_are_heard(page, before)
    page.get_by_label("Sleep timer").select_option("in 15 min")
    page.evaluate("new BroadcastChannel('soundscapes.playing').postMessage(null)")  # another tab
    until_silent(page)
    page.wait_for_selector(".slideshow:not(.is-on)")


def test_the_sound_goes_on_after_closing(slideshow):
    page = slideshow
    start(page)
    page.get_by_role("link", name="Close").click()
    page.wait_for_selector(".mini-player[data-state=playing]")
    expect(page.get_by_role("heading", name="History")).to_be_visible()


def test_it_can_be_paused_after_back(slideshow):
    page = slideshow
    start(page)
    page.get_by_role("link", name="Close").click()
    page.wait_for_selector(".mini-player[data-state=playing]")
    page.go_back()
    page.wait_for_selector(".slideshow.is-on")
    page.get_by_role("button", name="Pause", exact=True).click()
    page.wait_for_selector(".slideshow:not(.is-on)")
    page.keyboard.press("k")
    page.wait_for_selector(".slideshow.is-on")


def test_the_next_sound_goes_on_after_closing_while_it_loads(slideshow):
    page = slideshow
    start(page)
    held, let_go = holding(page, "**/parts/**")
    page.get_by_role("button", name="Next").click()
    until_held(page, held)
    page.get_by_role("link", name="Close").click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    let_go()
    page.wait_for_selector(".mini-player[data-state=playing]")
    expect(page.locator(".mini-player").get_by_role("link")).to_have_text("Number 1")


def test_images_stand_still_for_people_who_prefer_that(open_page, listener):
    page = open_page(listener, reduced_motion="reduce")
    page.goto("/slideshow/?favourite=on")
    expect(page.get_by_text("No finished soundscapes match")).to_be_visible()
    page.goto("/slideshow/")
    page.wait_for_selector(".slide.shown")
    name = "getComputedStyle(document.querySelector('.slide')).animationName"
    assert page.evaluate(name) == "none"
