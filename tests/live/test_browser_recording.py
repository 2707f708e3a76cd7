"""Recording with the microphone, which is Chromium's fake device: it beeps once a second."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.live.server import Person, until

pytestmark = [pytest.mark.slow, pytest.mark.once]

ALLOWED = """() => navigator.mediaDevices.getUserMedia({audio: true})
    .then((stream) => stream.getTracks().forEach((track) => track.stop()))
    .then(() => "allowed", (error) => error.name)"""


@pytest.fixture(scope="module")
def browser(launch):
    """Chromium without windows has no microphones."""
    return launch("chromium")


def opened(open_page, server, **options) -> Page:
    page = open_page(Person(server), **options)
    page.goto("/account/recordings/")
    return page


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def record(page: Page) -> None:
    button(page, "Record").click()
    expect(page.locator("sound-recorder time")).not_to_have_text("0:00")
    expect(page.locator("#announcer")).to_have_text("Recording.")
    meter = page.locator("sound-recorder meter")
    until(lambda: meter.evaluate("meter => meter.value") > -40, 30, "a beep")
    button(page, "Stop").click()
    expect(page.locator("#announcer")).to_contain_text(re.compile(r"Recorded 0:(0[1-9]|[1-5]\d)"))


def chosen(page: Page) -> int:
    return page.locator("[type=file]").evaluate("field => field.files.length")


@pytest.fixture
def page(open_page, server) -> Page:
    return opened(open_page, server, permissions=["microphone"])


def test_a_recording_is_heard_and_kept(page):
    record(page)
    player = page.locator("sound-recorder audio")
    expect(player).to_be_visible()
    player.evaluate("player => player.play()")
    page.get_by_label("Name").fill("Beeps")
    page.get_by_label("Category:", exact=True).select_option(index=1)
    button(page, "Add recording").click()
    expect(page.get_by_role("status").first).to_contain_text("Recording added.")
    expect(page.get_by_role("heading", name="Beeps")).to_be_visible()
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_a_recording_is_discarded_by_keyboard(page):
    record(page)
    assert chosen(page) == 1
    button(page, "Record again").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert chosen(page) == 0
    expect(button(page, "Record")).to_be_focused()
    expect(page.locator("sound-recorder audio")).to_be_hidden()


def test_a_recording_ends_at_the_limit(page):
    page.locator("sound-recorder").evaluate("element => (element.dataset.seconds = 1)")
    button(page, "Record").click()
    expect(button(page, "Record again")).to_be_visible(timeout=10_000)
    assert chosen(page) == 1


def test_leaving_with_an_unsaved_recording_asks(page):
    record(page)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("heading", name="History", exact=True)).to_be_visible()
    assert asked == ["beforeunload"]


def test_a_person_who_refuses_is_told_what_to_do(open_page, server):
    page = opened(open_page, server)
    button(page, "Record").click()
    expect(page.get_by_role("alert").filter(has_text="microphone is blocked")).to_be_visible()
    expect(button(page, "Record")).to_be_visible()


def test_no_other_page_may_ask_for_the_microphone(page):
    assert page.evaluate(ALLOWED) == "allowed"
    for path in ("/", "/account/", "/soundscapes/"):
        page.goto(path)
        assert page.evaluate(ALLOWED) == "NotAllowedError", path


def test_a_file_chosen_during_a_recording_takes_its_place(page):
    button(page, "Record").click()
    expect(page.locator("sound-recorder time")).not_to_have_text("0:00")
    rain = {"name": "rain.wav", "mimeType": "audio/wav", "buffer": b"RIFF"}
    page.locator("[type=file]").set_input_files(rain)
    expect(button(page, "Record")).to_be_visible()
    stream = "recorder => recorder.stream"
    until(lambda: page.locator("sound-recorder").evaluate(stream) is None, 30, "its release")
    page.wait_for_timeout(300)  # the end of the recording
    assert page.locator("[type=file]").evaluate("field => field.files[0].name") == "rain.wav"
    expect(page.locator("sound-recorder audio")).to_be_hidden()
