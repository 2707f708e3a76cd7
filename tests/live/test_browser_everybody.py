"""A keyboard, a screen reader, forced colours, another time zone, a page without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.live.server import Person, until

pytestmark = [pytest.mark.slow, pytest.mark.once]


def test_leaving_an_unsaved_mix_asks_and_coming_back_shows_it(page):
    volume = page.get_by_role("slider", name=re.compile("Volume of")).first
    volume.focus()
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("heading", name="History", exact=True)).to_be_visible()
    assert asked == ["beforeunload"]
    page.go_back()
    expect(volume).to_have_value("-6")
    expect(page.locator(".gain-text").first).to_have_text("−6 dB")
    expect(page.get_by_role("link", name="Discard changes")).to_be_visible()
    page.get_by_role("link", name="Discard changes").click()
    expect(page.get_by_role("link", name="Discard changes")).to_be_hidden()
    assert asked == ["beforeunload"]


def test_a_title_can_be_written_while_the_soundscape_is_in_progress(open_page, server, photo):
    person = Person(server)
    page = open_page(person)
    with server.without_workers():
        generation = person.make_soundscape(photo, duration=5)
        page.goto(f"/soundscapes/{generation}/")
        page.locator(".rename summary").click()
        page.get_by_label("Title").press_sequentially("Slow ")
    person.wait_until(generation, "ready")
    page.get_by_label("Title").press_sequentially("rain", delay=150)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Slow rain")).to_be_visible()
    expect(page).to_have_title("Slow rain \u2013 Soundscapes")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_a_wrong_field_inside_closed_options_is_shown(open_page, server, photo_file):
    page = open_page(Person(server))
    page.goto("/")
    page.get_by_text("Length, mode and more").click()
    duration = page.get_by_label("Duration in seconds")
    duration.fill("99999")
    page.get_by_text("Length, mode and more").click()
    page.get_by_label("Choose an image").set_input_files(photo_file)
    page.get_by_role("button", name="Create soundscape").click()
    expect(duration).to_be_focused()
    expect(page.get_by_text("Choose at most one hour.")).to_be_in_viewport()
    duration.fill("5")
    expect(page.get_by_text("Choose at most one hour.")).to_be_hidden()


def test_the_first_wrong_field_is_focused_on_a_phone(open_page):
    page = open_page(viewport={"width": 390, "height": 500})
    page.goto("/account/signup/")
    page.get_by_label("Username").fill("somebody new")
    page.get_by_label("Password:", exact=True).fill("sounds-of-the-sea")
    page.get_by_label("Password confirmation").fill("sounds-of-the-sea")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_label("Username")).to_be_focused()
    expect(page.locator(".field-error").first).to_be_in_viewport()


def test_mute_says_what_is_heard(page):
    layer = page.locator(".layer").first
    mute = layer.get_by_role("checkbox", name=re.compile("Mute"))
    expect(layer.get_by_text("Muted.")).to_be_hidden()
    mute.check(force=True)
    expect(layer.get_by_text("Muted.")).to_be_visible()
    expect(layer.get_by_text("Audible after you save.")).to_be_hidden()


def test_space_on_the_waveform_plays_and_pauses(page):
    slider = page.get_by_role("slider", name="Playback position")
    slider.press("Space")
    page.wait_for_selector("[data-state=playing]")
    slider.press("Space")
    page.wait_for_selector("[data-state=paused]")
    assert page.evaluate("scrollY") == 0


def test_sliders_have_words_before_they_are_moved_and_names_are_unique(page):
    sliders = page.locator("sound-mixer input[type=range]").all()
    assert all(slider.get_attribute("aria-valuetext") for slider in sliders)
    for fold in page.locator(".layer-more > summary").all():
        fold.click()
    for role in ("Next clip", "Try another sound", "Remove"):
        names = [each.text_content() for each in page.get_by_role("button", name=role).all()]
        labels = [
            each.get_attribute("aria-label") for each in page.get_by_role("button", name=role).all()
        ]
        assert len(set(zip(names, labels, strict=True))) == len(names)


def test_a_new_soundscape_gives_the_tab_its_title(open_page, server):
    page = open_page(Person(server))  # without remembered options
    page.goto("/")
    page.get_by_role("button", name="Use a random image").click()
    expect(page.locator(".player")).to_be_visible(timeout=60_000)  # then its title is final
    title = page.locator(".story h1").text_content()
    expect(page).to_have_title(f"{title} \u2013 Soundscapes")


def test_a_second_tab_silences_the_first(page):
    other = page.context.new_page()
    other.goto(page.url)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector("[data-state=playing]")
    other.get_by_role("button", name="Play", exact=True).click()
    other.wait_for_selector("[data-state=playing]")
    page.wait_for_selector("[data-state=paused]")


def test_a_pressed_mute_looks_pressed_in_forced_colours(page):
    page.emulate_media(forced_colors="active")
    colour = "node => getComputedStyle(node.nextElementSibling).backgroundColor"
    mute = page.get_by_role("checkbox", name=re.compile("Mute")).first
    before = mute.evaluate(colour)
    mute.check(force=True)
    until(lambda: mute.evaluate(colour) != before, 30, "a colour of its own")
    border = "node => getComputedStyle(node).borderTopStyle"
    assert page.get_by_role("button", name="Play", exact=True).evaluate(border) == "solid"


def test_times_are_those_of_the_visitor(open_page, person, soundscape):
    def shown(zone: str) -> str:
        page = open_page(person, timezone_id=zone)
        page.goto("/")  # the first page tells the server
        page.goto(soundscape)
        page.goto("/soundscapes/")
        return str(page.locator(".card time").first.get_attribute("datetime"))

    assert shown("UTC").endswith("+00:00")
    assert shown("Asia/Tokyo").endswith("+09:00")


@pytest.mark.usefixtures("soundscape")
def test_a_search_without_javascript_comes_to_an_end(open_page, person):
    page = open_page(person, java_script_enabled=False)
    page.goto("/soundscapes/?q=a+cup+of+coffee")
    expect(page.locator(".card").first).to_be_visible(timeout=60_000)
    expect(page.locator(".searching")).to_have_count(0)


def test_a_starter_takes_the_options_that_are_set(open_page, server):
    page = open_page(Person(server))
    page.goto("/")
    page.get_by_text("Length, mode and more").click()
    page.get_by_label("Duration in seconds").fill("7")
    page.locator("button.starter").first.click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=60_000)
    expect(page.locator(".facts")).to_contain_text("7 s")
