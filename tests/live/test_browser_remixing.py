"""The mixer in a browser: changes are heard at once and saved as a remix."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.live.server import Person, until

pytestmark = pytest.mark.slow

FOLD = ".layer-more > summary"

LIVE = "You hear the layers with the current settings."


@pytest.fixture
def page(open_page, server, photo) -> Page:
    person = Person(server)
    generation = person.make_soundscape(photo, duration=5)
    person.wait_until(generation, "ready")
    page = open_page(person)
    page.goto(f"/soundscapes/{generation}/")
    page.wait_for_selector("[data-state=paused]")
    return page


def level(page: Page, track: int) -> float:
    return page.evaluate(
        "n => document.querySelector('sound-mixer').tracks[n].fader.gain.value", track
    )


def faders(page: Page, kind: str):
    return page.get_by_role("slider", name=re.compile(f"{kind} of"))


def test_the_faders_are_heard_at_once_and_saved_as_a_remix(page):
    page.get_by_role("button", name="Play").click()
    page.wait_for_selector("[data-state=playing]")
    volume = faders(page, "Volume").first
    volume.focus()
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    expect(page.locator(".mixer-note")).to_have_text(LIVE, timeout=30_000)
    until(lambda: abs(level(page, 0) - 10 ** (-6 / 20)) < 0.01, 20, "the softer layer")
    expect(page.locator("[data-state=playing]")).to_be_visible()  # playback continued
    assert volume.get_attribute("aria-valuetext") == "−6 dB"

    page.locator(FOLD).nth(1).click()
    position = faders(page, "Position").first
    position.press("Home")
    assert position.get_attribute("aria-valuetext") == "left 100 %"

    original = page.url
    page.get_by_role("button", name="Save as remix").click()
    page.wait_for_url(lambda url: url != original)
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=60_000)
    expect(faders(page, "Volume").first).to_have_value("-6")
    expect(page.locator(".position").nth(1)).to_have_value("-1")
    versions = page.get_by_role("navigation", name="Soundscapes of this image")
    expect(versions.get_by_role("link")).to_have_count(2)
    expect(versions.locator("[aria-current]")).to_contain_text("remix")


def test_mute_and_solo_silence_the_right_layers(page):
    page.get_by_role("checkbox", name=re.compile("Mute")).first.check(force=True)
    expect(page.locator(".mixer-note")).to_have_text(LIVE, timeout=30_000)
    page.get_by_role("button", name="Play").click()
    page.wait_for_selector("[data-state=playing]")
    until(lambda: level(page, 0) < 0.01 < 0.9 < level(page, 1), 20, "mute")
    page.get_by_role("checkbox", name=re.compile("Solo")).nth(2).check(force=True)
    until(lambda: level(page, 1) < 0.01 < 0.9 < level(page, 2), 20, "solo")


def test_a_sound_can_be_replaced_added_and_removed(page):
    names = page.locator("select.layer-name")
    before = names.first.input_value()
    page.locator(FOLD).first.click()
    page.get_by_role("button", name="Try another sound").first.click()
    until(lambda: names.first.input_value() != before, 20, "the next best")
    second = names.first.input_value()
    expect(page.locator(".layer").first).to_contain_text("Audible after you save")
    page.get_by_role("button", name="Try another sound").first.click()
    until(lambda: names.first.input_value() not in (before, second), 20, "the one after that")

    page.get_by_role("button", name="Add layer").click()
    expect(names).to_have_count(4)
    page.get_by_role("button", name="Add layer").click()
    expect(names).to_have_count(5)
    expect(page.get_by_role("button", name="Add layer")).to_be_hidden()
    page.locator(FOLD).last.click()
    page.get_by_role("button", name=re.compile("^Remove")).last.click()
    expect(page.locator(FOLD).last).to_be_focused()
    expect(names).to_have_count(4)
    wanted = [names.nth(n).input_value() for n in range(4)]
    assert len(set(wanted)) == 4

    original = page.url
    page.get_by_role("button", name="Save as remix").click()
    page.wait_for_url(lambda url: url != original)
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=60_000)
    assert [names.nth(n).input_value() for n in range(4)] == wanted


def test_another_clip_is_chosen_with_one_button(page):
    clip = page.locator("select.clip").first
    assert clip.input_value() == ""
    page.locator(FOLD).first.click()
    page.get_by_role("button", name="Next recording").first.click()
    chosen = clip.input_value()
    assert chosen
    original = page.url
    page.get_by_role("button", name="Save as remix").click()
    page.wait_for_url(lambda url: url != original)
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=60_000)
    expect(clip).to_have_value(chosen)
