"""The player in a browser: playing, looping and keyboard control."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.live.server import until
from tests.live.test_browser_mini_player import BLOCKED

pytestmark = [pytest.mark.slow, pytest.mark.once]

PLAYING = "[data-state=playing]"


def position(page: Page) -> int:
    slider = page.get_by_role("slider", name="Playback position")
    return int(slider.get_attribute("aria-valuenow"))


def test_it_plays_on_a_click_and_loops_at_the_end(page):
    requested = []
    page.on("request", lambda request: requested.append(request.url))
    page.reload()
    assert not [url for url in requested if "/parts/" in url]  # nothing before a click
    page.get_by_role("checkbox", name="Endless").uncheck(force=True)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)
    page.get_by_role("slider", name="Playback position").press("End")
    assert position(page) >= 3
    until(lambda: position(page) <= 1, 30, "the loop")
    expect(page.locator(PLAYING)).to_be_visible()
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_settings_count_until_the_page_is_closed_if_storage_is_blocked(page):
    page.add_init_script(BLOCKED)
    page.reload()
    page.wait_for_selector("[data-state=paused]")
    page.get_by_role("checkbox", name="Endless").uncheck(force=True)
    expect(page.locator("sound-player .time")).not_to_contain_text("∞")


LOOP_OF_A_FORMAT = """async (format) => {
    const url = document.querySelector("sound-player").dataset.src;
    const decoded = async (query) => {
        let answer = await fetch(url + query);
        while (answer.status === 202) {
            await new Promise((resolve) => setTimeout(resolve, 200));
            answer = await fetch(url + query);
        }
        const context = new OfflineAudioContext(2, 1, 44100);
        const buffer = await context.decodeAudioData(await answer.arrayBuffer());
        return buffer.getChannelData(0);
    };
    const [wav, other] = [await decoded(""), await decoded(`?format=${format}`)];
    const moved = (start, length) => {
        let best = [-Infinity, null];
        for (let lag = -600; lag <= 600; lag += 1) {
            let sum = 0;
            for (let at = start; at < start + length; at += 1)
                sum += wav[at] * (other[at + lag] ?? 0);
            if (sum > best[0]) best = [sum, lag];
        }
        return best[1];
    };
    return [other.length - wav.length, moved(0, 8000), moved(wav.length - 8000, 8000)];
}"""


@pytest.mark.parametrize("form", ["flac", "ogg"])
def test_a_compressed_loop_is_gapless(page, form):
    """It is as long as the WAV, and neither its start nor its end has moved by a sample."""
    assert page.evaluate(LOOP_OF_A_FORMAT, form) == [0, 0, 0]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["ArrowRight"], "0:01 of 0:05"),
        (["ArrowRight", "ArrowRight", "ArrowLeft"], "0:01 of 0:05"),
        (["End"], "0:04 of 0:05"),
        (["End", "Home"], "0:00 of 0:05"),
        (["PageUp"], "0:04 of 0:05"),
        (["End", "PageDown"], "0:00 of 0:05"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else "",
)
def test_the_waveform_is_a_keyboard_slider_that_announces_the_time(page, keys, words):
    slider = page.get_by_role("slider", name="Playback position")
    slider.focus()
    for key in keys:
        page.keyboard.press(key)
    assert slider.get_attribute("aria-valuetext") == words


def test_the_spectrogram_can_be_shown_and_hidden(page):
    toggle = page.get_by_role("button", name="Spectrogram")
    image = page.locator("img.spectrogram")
    expect(image).to_be_hidden()
    toggle.click()
    expect(image).to_be_visible()
    until(lambda: image.evaluate("image => image.naturalWidth") == 800, 30, "the image")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    toggle.press("Enter")
    expect(image).to_be_hidden()


def test_the_sleep_timer_fades_out_in_its_last_minute_and_stops(page):
    scripts = "performance.getEntriesByType('resource').map(({ name }) => name)"
    script = page.evaluate(f"{scripts}.find((name) => name.includes('/js/output.'))")
    page.clock.install()
    page.get_by_role("button", name="Play", exact=True).click()
    page.clock.run_for(100)
    page.wait_for_selector(PLAYING)
    page.get_by_label("Sleep").select_option("5")
    level = f"import('{script}').then((module) => module.output().gain.value)"
    page.clock.run_for(3 * 60_000)
    assert page.evaluate(level) == 1
    expect(page.locator(".sleep-left")).to_contain_text(":")
    page.clock.run_for(90_000)
    until(lambda: page.evaluate(level) < 0.6, 30, "the fade")
    page.clock.run_for(31_000)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(page.get_by_label("Sleep")).to_have_value("")


def test_the_system_shows_the_image_and_its_media_keys_work(page):
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)
    artwork = page.evaluate("navigator.mediaSession.metadata.artwork[0].src")
    assert artwork.endswith(page.locator(".soundscape figure img").get_attribute("src"))
    assert page.evaluate("navigator.mediaSession.playbackState") == "playing"
    page.get_by_role("button", name="Pause", exact=True).click()
    assert page.evaluate("navigator.mediaSession.playbackState") == "paused"


def test_the_volume_is_remembered(page):
    page.get_by_label("Volume", exact=True).press("Home")
    page.get_by_label("Volume", exact=True).press("ArrowRight")
    page.reload()
    page.wait_for_selector("[data-state=paused]")
    expect(page.get_by_label("Volume", exact=True)).to_have_value("5")


def test_audio_that_fails_to_load_can_be_retried(page):
    for addresses in ("**/media/audio/**", "**/parts/**"):
        page.route(addresses, lambda route: route.abort())
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".player-note")).to_contain_text("press Play again")
    for addresses in ("**/media/audio/**", "**/parts/**"):
        page.unroute(addresses)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)


def test_the_server_s_reason_is_shown_if_audio_cannot_be_rendered_again(page):
    reason = "The clip “Dog 1” of dog is missing."
    page.route("**/parts/**", lambda route: route.fulfill(status=404, body=""))
    page.route(
        "**/media/audio/**", lambda route: route.fulfill(status=409, json={"detail": reason})
    )
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".player-note")).to_have_text(reason)


def test_without_javascript_the_browsers_own_player_is_used(open_page, person, soundscape):
    page = open_page(person, java_script_enabled=False)
    page.goto(soundscape)
    expect(page.locator("audio")).to_be_visible()
    expect(page.locator(".deck")).to_be_hidden()
