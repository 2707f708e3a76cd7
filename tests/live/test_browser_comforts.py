"""Themes, shortcuts, shown passwords, sharing, presets: small things that people expect."""

from __future__ import annotations

import io

import pytest
import soundfile
from playwright.sync_api import Page, expect

from tests.live.conftest import PHONE
from tests.live.server import Person, until

pytestmark = [pytest.mark.slow, pytest.mark.once]

DARK, LIGHT = "rgb(16, 24, 26)", "rgb(246, 244, 238)"
SHARE = "navigator.share = async (data) => { window.shared = data; };"


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_a_theme_is_chosen_once_and_every_page_starts_with_it(open_page, person):
    page = open_page(person, color_scheme="light")
    page.goto("/soundscapes/")
    assert background(page) == LIGHT
    page.get_by_label("Theme").select_option("dark")
    until(lambda: background(page) == DARK, 30, "the dark theme")
    page.route("**/*.js", lambda route: route.abort())  # no script takes part
    page.goto("/account/")
    assert background(page) == DARK
    page.unroute("**/*.js")
    page.goto("/")
    expect(page.get_by_label("Theme")).to_have_value("dark")
    page.get_by_label("Theme").select_option("automatic")
    until(lambda: background(page) == LIGHT, 30, "the system's theme")
    page.reload()
    assert background(page) == LIGHT


def test_question_mark_lists_the_shortcuts_of_the_page(page, soundscape):
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("Play or pause")
    expect(dialog).not_to_contain_text("Search")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.wait_for_selector("[data-state=paused]")
    page.keyboard.press("k")
    page.wait_for_selector("[data-state=playing]")
    page.keyboard.press("k")
    page.wait_for_selector("[data-state=paused]")
    page.keyboard.press("h")
    page.wait_for_url("**/soundscapes/")
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("sh?k")
    expect(page.get_by_label("Search")).to_have_value("sh?k")
    expect(dialog).to_be_hidden()


def press(page: Page, key: str, code: str, modifiers: int = 0) -> None:
    """Press the key at the place of `code` on a layout where it types `key`."""
    devtools = page.context.new_cdp_session(page)
    event = {"key": key, "code": code, "modifiers": modifiers}
    devtools.send("Input.dispatchKeyEvent", {"type": "keyDown", **event})
    devtools.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})


def test_single_keys_work_on_layouts_of_other_scripts_and_of_other_order(page):
    press(page, "л", "KeyK")  # Russian
    page.wait_for_selector("[data-state=playing]")
    press(page, "t", "KeyK")  # Dvorak, as the next one
    press(page, "k", "KeyV")
    page.wait_for_selector("[data-state=paused]")
    press(page, "η", "KeyH")  # Greek
    page.wait_for_url("**/soundscapes/")


def test_single_keys_can_be_turned_off(page):
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_label("Use single keys").uncheck()
    page.get_by_role("button", name="Close").click()
    address = page.url
    page.keyboard.press("h")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.url == address


def test_every_password_can_be_shown(open_page, person):
    guest = open_page()
    for path, count in (("/account/login/", 1), ("/account/signup/", 2)):
        guest.goto(path)
        expect(guest.get_by_role("button", name="Show password")).to_have_count(count)
    page = open_page(person)
    page.goto("/account/password/")
    expect(page.get_by_role("button", name="Show")).to_have_count(3)
    field = guest.get_by_label("Password:", exact=True)
    field.fill("sounds-of-the-sea")
    guest.get_by_role("button", name="Show password").first.click()
    expect(field).to_have_attribute("type", "text")
    guest.get_by_role("button", name="Hide password").first.click()
    expect(field).to_have_attribute("type", "password")
    expect(field).to_have_value("sounds-of-the-sea")


def test_links_go_to_the_systems_share_sheet_where_there_is_one(open_page, person, soundscape):
    person.submit(f"{soundscape}share/", shows_picture="on")
    page = open_page(person, viewport=PHONE)
    page.goto(soundscape)
    has_sheet = page.evaluate("Boolean(navigator.share)")
    expect(page.get_by_role("button", name="Share…")).to_have_count(int(has_sheet))
    page.add_init_script(SHARE)
    page.goto(soundscape)
    page.get_by_role("button", name="Share…").click()
    until(lambda: page.evaluate("window.shared"), 30, "the share sheet")
    shared = page.evaluate("window.shared")
    assert shared["url"] == page.get_by_label("Link", exact=True).input_value()
    assert shared["title"].lower() == page.locator(".story h1").text_content().lower()


def test_presets_set_the_duration_and_options_are_remembered(open_page, server, photo_file):
    page = open_page(Person(server))
    page.goto("/")
    page.get_by_text("Length, mode and more").click()
    expect(page.get_by_role("button", name="30 s")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="1 min").click()
    expect(page.get_by_label("Duration in seconds")).to_have_value("60")
    expect(page.get_by_role("button", name="30 s")).to_have_attribute("aria-pressed", "false")
    page.get_by_label("Mode").select_option("faithful")
    page.get_by_label("Seed").fill("7")
    page.get_by_label("Choose an image").set_input_files(photo_file)
    page.get_by_role("button", name="Create soundscape").click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=60_000)
    page.goto("/")
    expect(page.get_by_label("Duration in seconds")).to_have_value("60")
    expect(page.get_by_label("Mode")).to_have_value("faithful")
    expect(page.get_by_label("Seed")).to_have_value("")
    expect(page.get_by_role("button", name="1 min")).to_have_attribute("aria-pressed", "true")


def test_a_download_has_the_title_as_name_and_tag(open_page, server, photo, tmp_path):
    person = Person(server)
    generation = person.make_soundscape(photo, duration=5)
    person.wait_until(generation, "ready")
    page = open_page(person)
    page.goto(f"/soundscapes/{generation}/")
    page.locator(".rename summary").click()
    page.get_by_label("Title").fill("Früh am Meer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Früh am Meer")).to_be_visible()
    page.get_by_text("Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="WAV original").click()
    assert download.value.suggested_filename == "Früh am Meer.wav"
    path = tmp_path / "sound.wav"
    download.value.save_as(path)
    with soundfile.SoundFile(io.BytesIO(path.read_bytes())) as file:
        assert file.title == "Früh am Meer"
