"""The endless player in a browser: what it plays is the soundscape as mixed, and then goes on."""

from __future__ import annotations

import base64
import io
import itertools
import re
from functools import partial

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect
from scipy.signal import coherence

from soundscapes.engine.sound.loudness import measure_loudness
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests.live.server import manage, until

pytestmark = [pytest.mark.slow, pytest.mark.once]

PLAYING = "[data-state=playing]"
PLAYBACK = "document.querySelector('sound-player').playback"
DURATION = 5
LENGTH = 20  # seconds that are recorded
FADE_IN = 0.35

RECORDER = f"""
window.AudioContext = class extends OfflineAudioContext {{
    constructor() {{
        super(2, {LENGTH} * 44100, 44100);
        window.recorder = this;
    }}
    async resume() {{}}
}};
"""
RECORD = """async () => {
    const { playback } = document.querySelector("sound-player");
    await playback.play();
    await new Promise((resolve) => setTimeout(resolve, 1500));  // until the next part is there
    await Promise.all([...playback.loop.clips.values()].map((clip) => clip.decoding));
    await new Promise((resolve) => setTimeout(resolve, 100));  // until they are scheduled
    window.beforeRecording?.(playback.loop);
    const buffer = await window.recorder.startRendering();
    const channels = [0, 1].map((channel) => {
        const bytes = new Uint8Array(buffer.getChannelData(channel).buffer);
        let text = "";
        for (let at = 0; at < bytes.length; at += 32768)
            text += String.fromCharCode(...bytes.subarray(at, at + 32768));
        return btoa(text);
    });
    return [channels, document.querySelector("sound-player").playback.loop.startedAt];
}"""


def recorded(page: Page) -> np.ndarray:
    """Play into a file instead of the loudspeakers; return frames from the start, shape (n, 2)."""
    page.add_init_script(RECORDER)
    page.reload()
    page.wait_for_selector("[data-state=paused]")
    channels, start = page.evaluate(RECORD)
    samples = [np.frombuffer(base64.b64decode(text), dtype="<f4") for text in channels]
    return np.stack(samples, axis=1)[round(start * SAMPLE_RATE) :]


def wav_of(page: Page, person) -> np.ndarray:
    url = page.locator("sound-player").get_attribute("data-src")
    answer = person.get(f"{person.server.url}{url}", timeout=30)
    return soundfile.read(io.BytesIO(answer.content), dtype="float32")[0]


def bands(samples: np.ndarray) -> np.ndarray:
    """Return levels in dB of third octaves from 100 Hz to 10 kHz, of every half second."""
    mono = samples.mean(axis=1)
    pieces = mono[: len(mono) // 22050 * 22050].reshape(-1, 22050) * np.hanning(22050)
    power = np.abs(np.fft.rfft(pieces)) ** 2
    frequencies = np.fft.rfftfreq(22050, 1 / SAMPLE_RATE)
    edges = 100 * 2 ** (np.arange(21) / 3)
    sums = [
        power[:, (frequencies >= low) & (frequencies < high)].sum(axis=1)
        for low, high in itertools.pairwise(edges)
    ]
    return 10 * np.log10(np.stack(sums) + 1e-9)


def endless(page: Page):
    return page.get_by_role("checkbox", name="Endless")


def test_it_plays_the_soundscape_as_it_is_mixed(page, person):
    heard, mixed = recorded(page)[: DURATION * SAMPLE_RATE], wav_of(page, person)
    begin = round(FADE_IN * SAMPLE_RATE)
    heard, mixed = heard[begin : len(mixed)], mixed[begin:]
    assert measure_loudness(heard) == pytest.approx(measure_loudness(mixed), abs=0.5)
    loud = bands(mixed) > bands(mixed).max() - 40
    assert np.abs(bands(heard) - bands(mixed))[loud].mean() < 0.7


ONLY = """window.beforeRecording = (tape) => {
    for (const [place, { gain }] of tape.layers) if (place !== PLACE) gain.value = 0;
};"""


DECORRELATE = """
from soundscapes.models import Generation
made = Generation.objects.get(pk="{pk}")
for layer in made.plan["layers"]:
    layer["decorrelator"] = "{decorrelator}"
made.save(update_fields=["plan"])
"""


def the_bed_of(page: Page, person, soundscape: str) -> np.ndarray:
    """Record 14 s of the bed alone."""
    layers = person.get(f"{person.server.url}{soundscape}parts/0/", timeout=30).json()["layers"]
    bed = next(layer for layer in layers if layer["width"] or layer["wide"])
    page.add_init_script(ONLY.replace("PLACE", str(bed["place"])))
    return recorded(page)[SAMPLE_RATE : 15 * SAMPLE_RATE]


def test_a_bed_is_wide_for_two_ears_at_all_frequencies(page, person, soundscape):
    heard = the_bed_of(page, person, soundscape)
    frequencies, alike = coherence(*heard.T, SAMPLE_RATE, nperseg=2048)
    for low, high in ((500, 2000), (2000, 6000), (6000, 15_000)):
        assert alike[(frequencies > low) & (frequencies < high)].mean() < 0.5
    ears = heard.T.reshape(2, 14, -1)  # seconds
    levels = 10 * np.log10((ears**2).mean(axis=2))
    assert np.std(levels[0] - levels[1]) < 0.5
    folded = 10 * np.log10((ears.mean(axis=0) ** 2).mean(axis=1))
    assert np.all(levels.mean(axis=0) - folded < 1.5)


def test_a_bed_of_an_earlier_plan_is_wide_where_the_browser_has_kept_it_narrow(
    page, person, soundscape
):
    assert the_bed_of(page, person, soundscape).any()
    env, pk = person.server.env, soundscape.strip("/").split("/")[-1]
    change = partial(manage, env, "shell", "-v0", "-c")
    page.goto("about:blank")  # the recorder's clock stands still, which a player notices
    change(DECORRELATE.format(pk=pk, decorrelator="all-pass"))
    page.goto(soundscape)
    for number in (0, 1):  # which the browser keeps for an hour
        page.evaluate(f"fetch('{soundscape}parts/{number}/', {{cache: 'reload'}})")
    heard = the_bed_of(page, person, soundscape)
    page.goto("about:blank")
    change(DECORRELATE.format(pk=pk, decorrelator="quadrature"))
    frequencies, alike = coherence(*heard.T, SAMPLE_RATE, nperseg=2048)
    assert alike[(frequencies > 500) & (frequencies < 5000)].mean() < 0.5


def test_it_goes_on_at_the_same_level_without_repeating_itself(page):
    heard = recorded(page)
    parts = [heard[at * SAMPLE_RATE : (at + 5) * SAMPLE_RATE] for at in (5, 10)]
    before = measure_loudness(heard[SAMPLE_RATE : 5 * SAMPLE_RATE])
    levels = [measure_loudness(part) for part in parts]
    assert max(levels) == pytest.approx(before, abs=4)
    assert min(levels) > before - 12  # events have pauses
    first, second = (part[:, 0] - part[:, 0].mean() for part in parts)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.5


def test_a_loop_repeats_itself_without_a_gap(page, person):
    endless(page).uncheck(force=True)
    heard, mixed = recorded(page), wav_of(page, person)
    middle = heard.mean(axis=1)  # what makes it wide is not repeated
    parts = [middle[at * SAMPLE_RATE : (at + 5) * SAMPLE_RATE] for at in (5, 10)]
    assert np.corrcoef(*parts)[0, 1] > 0.99
    around = SAMPLE_RATE // 10
    seam = heard[10 * SAMPLE_RATE - around : 10 * SAMPLE_RATE + around]
    ring = np.concatenate((mixed[-around:], mixed[:around]))
    levels = [np.sqrt((each.reshape(-1, 441 * 2) ** 2).mean(axis=1)) for each in (seam, ring)]
    apart = np.abs(20 * np.log10(levels[0] / levels[1]))
    assert apart.mean() < 3
    assert apart.max() < 12  # a gap would be silent


def test_the_choice_between_endless_and_a_loop_is_remembered(page):
    expect(endless(page)).to_be_checked()
    expect(page.locator(".player .time")).to_contain_text("∞")
    endless(page).uncheck(force=True)
    page.reload()
    expect(endless(page)).not_to_be_checked()
    expect(page.locator(".player .time")).to_have_text("0:00 / 0:05")


def test_later_minutes_are_fetched_before_they_are_heard(page):
    asked = []
    page.on("request", lambda request: "/parts/" in request.url and asked.append(request.url))
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)
    until(lambda: any(url.endswith("/parts/1/") for url in asked), 30, "the next part")
    time = page.locator(".player .time")
    until(lambda: time.text_content() > "0:06", 30, "the time after the end")
    expect(page.locator(PLAYING)).to_be_visible()
    assert not [url for url in asked if url.endswith("/parts/2/")]


def test_a_pause_fades_out_before_it_stops(page):
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)
    until(lambda: page.evaluate(f"{PLAYBACK}.fader.gain.value") == 1, 30, "the fade-in")
    # A layer whose clip comes late is not waited for before the first sound.
    until(lambda: page.evaluate(f"{PLAYBACK}.loop.wide.size") > 0, 30, "the wide layer")
    pause = page.get_by_role("button", name="Pause", exact=True)
    # In one step, because a busy machine may ask for the second one after the fade.
    assert pause.evaluate(f"(button) => (button.click(), {PLAYBACK}.loop.voices.size)") > 0
    until(lambda: page.evaluate(f"{PLAYBACK}.loop.voices.size") == 0, 30, "silence")
    assert page.evaluate(f"{PLAYBACK}.loop.wide.size") == 0  # what makes beds wide has ended, too
    assert page.evaluate(f"{PLAYBACK}.fader.gain.value") < 0.01


def test_a_lost_clip_leaves_the_file_to_be_played(page):
    page.route("**/parts/0/", lambda route: route.fulfill(status=404, body=""))
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)
    assert page.evaluate("document.querySelector('sound-player').playback.loop.element.loop")


def test_a_clock_that_stands_still_is_replaced_and_the_sound_goes_on(page):
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)
    before = page.evaluate_handle(f"{PLAYBACK}.output.context")
    page.evaluate(f"{PLAYBACK}.renew()")
    page.wait_for_selector(PLAYING)
    assert before.evaluate("context => context.state") == "closed"
    until(lambda: page.evaluate(f"{PLAYBACK}.loop.voices.size") > 0, 30, "the sound")
    first = page.evaluate(f"{PLAYBACK}.position")
    until(lambda: page.evaluate(f"{PLAYBACK}.position") > first + 0.5, 30, "the clock")


def test_headphones_place_the_layers_around_the_head(page):
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)
    assert not page.evaluate(f"{PLAYBACK}.loop.isAround")
    page.get_by_role("checkbox", name="Headphones").check(force=True)
    until(lambda: page.evaluate(f"{PLAYBACK}.loop.isAround"), 30, "the other tape")
    until(lambda: page.evaluate(f"{PLAYBACK}.loop.voices.size") > 0, 30, "the sound")
    page.reload()
    expect(page.get_by_role("checkbox", name="Headphones")).to_be_checked()


IN_BACKGROUND = f"""() => {{
    window.played = [];
    const {{ play }} = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = function () {{
        window.played.push(this);
        return play.call(this);
    }};
    Object.defineProperty(document, "hidden", {{ get: () => !window.isSeen }});
    const {{ context }} = {PLAYBACK}.fader;
    context.resume = async () => {{}};
    context.suspend();
}}"""
SEEN = f"""() => {{
    window.isSeen = true;
    delete {PLAYBACK}.fader.context.resume;
    document.dispatchEvent(new Event("visibilitychange"));
}}"""


def test_where_the_background_stops_web_audio_the_file_takes_over(page):
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)
    page.evaluate(IN_BACKGROUND)
    until(lambda: page.evaluate("window.played.length"), 30, "the file")
    playing = "window.played.map(({ src, loop, paused }) => [src, loop, paused])"
    [[src, is_looped, is_paused]] = page.evaluate(playing)
    assert src.endswith(page.locator("sound-player").get_attribute("data-src"))
    assert (is_looped, is_paused) == (True, False)
    before = page.evaluate(f"{PLAYBACK}.position")
    page.evaluate(SEEN)
    until(lambda: page.evaluate(f"{PLAYBACK}.position") > before + 0.5, 30, "Web Audio")
    assert page.evaluate("window.played[0].paused")
    page.wait_for_selector(PLAYING)


def test_a_file_that_takes_over_and_does_not_arrive_is_no_error(page):
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)
    src = page.locator("sound-player").get_attribute("data-src")
    page.route(f"**{src}", lambda _route: None)
    page.evaluate(IN_BACKGROUND)
    page.evaluate(f"{PLAYBACK}.standIn()")
    until(lambda: page.evaluate("window.played.length"), 30, "the file")
    page.evaluate(SEEN)
    assert page.evaluate("window.played[0].paused")


def test_one_layer_is_heard_before_the_others_arrive(page):
    asked, held = [], []

    def hold(route):
        asked.append(re.search(r"/clips/(\d+)/", route.request.url)[1])
        held.append(route) if asked[-1] != asked[0] else route.continue_()

    page.route("**/parts/clips/**", hold)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)
    playing = f"{PLAYBACK}.loop.voices.size"
    until(lambda: page.evaluate(playing) > 0, 30, "the first layer")
    before = page.evaluate(playing)
    for route in held:
        route.continue_()
    until(lambda: page.evaluate(playing) > before, 30, "the others")


def test_a_seek_to_sounds_that_cannot_be_fetched_pauses_and_says_so(page):
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)
    page.route("**/parts/clips/**", lambda route: route.abort())
    page.evaluate(f"{PLAYBACK}.loop.clips.clear()")  # as in a long soundscape
    page.evaluate(f"{PLAYBACK}.seek(2)")
    expect(page.locator(".player-note")).to_contain_text("could not be loaded")
    page.wait_for_selector("[data-state=paused]")
    page.unroute("**/parts/clips/**")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)
    expect(page.locator(".player-note")).to_be_empty()


def test_the_sleep_timer_takes_an_hour_of_the_day(page):
    page.get_by_label("Sleep timer").select_option("at")
    page.get_by_label("Hour of the day").fill("23:59")
    page.get_by_label("Hour of the day").press("Tab")
    expect(page.locator(".sleep-left")).to_contain_text("left")
    page.get_by_label("Sleep timer").select_option("")
    expect(page.locator(".sleep-left")).to_be_empty()
    expect(page.get_by_label("Hour of the day")).to_be_hidden()


def test_a_slow_beginning_takes_a_minute(page):
    page.get_by_role("checkbox", name="Fade in slowly").check(force=True)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)
    until(lambda: page.evaluate(f"{PLAYBACK}.position") > 1, 30, "the first second")
    assert 0 < page.evaluate(f"{PLAYBACK}.fader.gain.value") < 0.1


def test_a_seek_leaves_a_slow_beginning_where_it_is(page):
    level = f"[{PLAYBACK}.fader.gain.value, {PLAYBACK}.fader.context.currentTime]"
    page.get_by_role("checkbox", name="Fade in slowly").check(force=True)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)
    until(lambda: page.evaluate(level)[0] > 0.02, 30, "the first second")
    before, then = page.evaluate(level)
    page.get_by_role("slider", name="Playback position").press("End")
    until(lambda: page.evaluate(f"{PLAYBACK}.jumping === null"), 30, "the seek")
    until(lambda: page.evaluate(level)[0] > before, 30, "the way back")
    for _ in range(2):
        after, now = page.evaluate(level)
        assert after == pytest.approx(before + (now - then) / 60, abs=0.01)
        page.wait_for_timeout(500)


def test_the_system_s_next_key_plays_the_next_soundscape_of_the_history(
    open_page, person, photo, soundscape
):
    other = person.make_soundscape(photo, duration=5, seed=99)
    person.wait_until(other, "ready")
    page = open_page(person)
    page.add_init_script(
        """navigator.mediaSession.setActionHandler = (name, handle) => {
            window.handlers = { ...window.handlers, [name]: handle };
        };"""
    )
    page.goto(soundscape)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)
    page.evaluate("window.handlers.nexttrack()")
    expect(page.locator("sound-player")).to_have_attribute("data-state", "paused")
    mini = page.get_by_role("region", name="Player", exact=True)
    expect(mini).to_have_attribute("data-state", "playing", timeout=10_000)
    assert mini.get_by_role("link").get_attribute("href") == f"/soundscapes/{other}/"


def test_a_choice_made_before_the_first_play_counts(page):
    play = page.get_by_role("button", name="Play", exact=True)
    play.hover()  # fetches what is heard first
    until(lambda: page.evaluate(f"Boolean({PLAYBACK}.early)"), 30, "the early tape")
    endless(page).uncheck(force=True)
    play.click()
    page.wait_for_selector(PLAYING)
    assert page.evaluate(f"{PLAYBACK}.loop.isEndless") is False


def test_the_mixer_goes_on_with_another_tape(page):
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(PLAYING)
    volume = page.get_by_role("slider", name=re.compile("^Volume of")).first
    volume.press("End")
    mixer = "document.querySelector('sound-mixer').live"
    level = f"[...({mixer}?.tracks.values() ?? [])][0]?.fader.gain.value ?? 0"
    until(lambda: page.evaluate(level) > 3, 30, "12 dB more")
    before = page.evaluate_handle(f"{PLAYBACK}.loop")
    page.get_by_role("checkbox", name="Headphones").check(force=True)
    until(lambda: before.evaluate(f"(before) => {PLAYBACK}.loop !== before"), 30, "the other tape")
    until(lambda: page.evaluate(f"{mixer}?.tape === {PLAYBACK}.loop"), 30, "its faders")
    until(lambda: page.evaluate(level) > 3, 30, "12 dB more")
