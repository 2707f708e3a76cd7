"""The site in headless Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.live.conftest import too_wide
from tests.live.server import Person, until

pytestmark = pytest.mark.slow


def test_a_new_user_signs_up_uploads_a_photo_and_hears_it(open_page, photo_file):
    page = open_page()
    page.goto("/")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Username").fill(f"newcomer-{photo_file.stat().st_ino}")
    page.get_by_label("Password:", exact=True).fill("sounds-of-the-sea")
    page.get_by_label("Password confirmation").fill("sounds-of-the-sea")
    page.get_by_role("button", name="Sign up").click()

    page.get_by_label("Choose an image").set_input_files(photo_file)
    expect(page.locator("#preview")).to_be_visible()
    page.get_by_role("button", name="Create soundscape").click()

    play = page.get_by_role("button", name="Play", exact=True)
    expect(play).to_be_visible(timeout=60_000)
    expect(page.locator(".layers > li")).to_have_count(3)
    expect(page.locator(".layers")).to_contain_text("Looks like")
    expect(page.get_by_text("Matched with Offline encoder")).to_be_visible()
    assert page.url.rstrip("/").count("/soundscapes/") == 1
    play.click()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    position = page.get_by_role("slider", name="Playback position")
    until(lambda: int(position.get_attribute("aria-valuenow")) >= 1, 30, "progress in the waveform")


@pytest.mark.once
def test_a_new_users_first_page_is_smaller_than_100_kb(open_page, server):
    """Decoded, including images; half of it is htmx."""
    page = open_page(Person(server))
    responses = []
    page.on("response", lambda response: responses.append(response))
    page.goto("/", wait_until="networkidle")
    weights = {response.url: len(response.body()) for response in responses}
    assert sum(url.endswith(".webp") for url in weights) == 6
    assert sum(weights.values()) < 100_000, weights


@pytest.mark.once
def test_progress_is_shown_and_announced(open_page, server, photo_file):
    page = open_page(Person(server))
    page.goto("/")
    page.get_by_label("Choose an image").set_input_files(photo_file)
    with server.without_workers():
        page.get_by_role("button", name="Create soundscape").click()
        expect(page.locator(".stages .current")).to_have_text("Waiting")
        expect(page.locator("#announcer")).to_have_text("Waiting in the queue")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=90_000)
    expect(page.locator("#announcer")).to_have_text("Ready")


@pytest.mark.once
def test_a_random_image_is_one_click_away(open_page, server):
    page = open_page(Person(server))
    page.goto("/")
    page.get_by_role("button", name="Use a random image").click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=60_000)
    page.goto("/soundscapes/")
    expect(page.locator(".grid img")).to_have_count(1)


@pytest.mark.once
def test_a_scene_is_one_click_away_and_described(open_page, server):
    page = open_page(Person(server))
    page.goto("/")
    expect(page.locator("button.starter img")).to_have_count(6)
    expect(page.get_by_alt_text("A robin with an orange breast")).to_be_visible()
    page.get_by_role("button", name="A robin in the wood").press("Enter")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=60_000)
    first = page.get_by_role("heading", name="Layer 1: birds chirping")
    expect(first).to_be_attached()


@pytest.mark.once
def test_a_photo_can_be_dropped_anywhere_on_the_page(open_page, server, photo):
    page = open_page(Person(server))
    page.goto("/")
    transfer = page.evaluate_handle(
        """bytes => {
            const transfer = new DataTransfer();
            const file = new File([new Uint8Array(bytes)], "dropped.jpg", {type: "image/jpeg"});
            transfer.items.add(file);
            return transfer;
        }""",
        list(photo),
    )
    page.dispatch_event("h1", "drop", {"dataTransfer": transfer})
    expect(page.locator("#preview")).to_be_visible()
    page.get_by_role("button", name="Create soundscape").click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=60_000)


@pytest.mark.once
def test_the_keyboard_alone_is_enough(open_page, server, photo_file):
    page = open_page(Person(server))
    page.goto("/")
    page.get_by_label("Choose an image").set_input_files(photo_file)
    page.get_by_label("Choose an image").focus()
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Make a soundscape":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=60_000)


@pytest.mark.once
def test_a_file_that_is_not_an_image_is_rejected_on_the_same_page(open_page, server, tmp_path):
    letter = tmp_path / "letter.jpg"
    letter.write_text("Dear photo, …")
    page = open_page(Person(server))
    page.goto("/")
    page.get_by_label("Choose an image").set_input_files(letter)
    page.get_by_role("button", name="Create soundscape").click()
    expect(page.get_by_role("alert")).to_contain_text("JPEG")
    expect(page.get_by_role("button", name="Create soundscape")).to_be_enabled()


@pytest.mark.once
def test_every_page_fits_its_screen(open_page, server, photo):
    person = Person(server)
    generation = person.make_soundscape(photo, duration=5)
    person.wait_until(generation, "ready")
    person.submit("/account/", name="a program")
    paths = ("/", "/soundscapes/", f"/soundscapes/{generation}/", "/account/")
    assert too_wide(open_page, person, paths) == []


@pytest.mark.once
def test_it_works_without_javascript(open_page, server, photo_file):
    person = Person(server)
    page = open_page(person, java_script_enabled=False)
    page.goto("/")
    page.get_by_label("Choose an image").set_input_files(photo_file)
    page.get_by_role("button", name="Create soundscape").click()
    generation = page.url.rstrip("/").rpartition("/")[2]
    person.wait_until(generation, "ready")
    page.reload()
    expect(page.locator("audio")).to_be_visible()
    page.get_by_text("Download", exact=True).click()
    expect(page.get_by_role("link", name="WAV").first).to_be_visible()
    page.get_by_role("checkbox", name="Mute").first.check(force=True)
    page.get_by_label("Name", exact=True).fill("without the first")
    page.get_by_role("button", name="Save as remix").click()
    page.wait_for_url(lambda url: generation not in url)
