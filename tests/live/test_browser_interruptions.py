"""Choices made while sounds are on their way, and connections that end meanwhile."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.live.conftest import holding, until_held
from tests.live.server import Person, until

pytestmark = [pytest.mark.slow, pytest.mark.once]

PLAYBACK = "document.querySelector('sound-player').playback"
SETTINGS = f"[{PLAYBACK}.loop?.isEndless, {PLAYBACK}.loop?.isAround]"
LIVE = "document.querySelector('sound-mixer').live"
NOTE = "You are hearing the layers with the current settings."
CLIPS = "**/parts/clips/**"


@pytest.fixture(scope="module")
def person(server, photo) -> Person:
    person = Person(server)
    for seed in (1, 2):
        generation = person.make_soundscape(photo, duration=5, seed=seed)
        person.wait_until(generation, "ready")
    person.soundscape = generation
    return person


@pytest.fixture
def page(open_page, person) -> Page:
    page = open_page(person)
    page.goto(f"/soundscapes/{person.soundscape}/")
    page.wait_for_selector("sound-player[data-state=paused]")
    return page


def press_play(page: Page) -> None:
    page.get_by_role("button", name="Play", exact=True).click()


def play(page: Page) -> None:
    press_play(page)
    page.wait_for_selector("sound-player[data-state=playing]")


def pause_without_clips(page: Page) -> None:
    """As at another place of a long soundscape, whose clips are not there yet."""
    page.get_by_role("button", name="Pause", exact=True).click()
    until(lambda: page.evaluate(f"!{PLAYBACK}.loop.queue"), 30, "the end of the fade")
    page.evaluate(f"{PLAYBACK}.loop.clips.clear()")


def toggle(page: Page, name: str) -> None:
    page.get_by_role("checkbox", name=name).dispatch_event("click")


def until_sounding(page: Page) -> None:
    until(lambda: page.evaluate(f"{PLAYBACK}.loop?.voices.size ?? 0") > 0, 30, "the sound")
    page.wait_for_selector("sound-player[data-state=playing]")
    until(lambda: page.evaluate(f"{PLAYBACK}.fader.gain.value") > 0.9, 30, "the fade-in")


def until_settings(page: Page, *wanted: bool) -> None:
    until(lambda: page.evaluate(SETTINGS) == list(wanted), 30, "the settings")


def test_a_setting_changed_while_the_first_sounds_load_counts(page):
    held, let_go = holding(page, CLIPS)
    press_play(page)
    until_held(page, held)
    toggle(page, "Endless")
    let_go()
    until_settings(page, False, False)
    until_sounding(page)


def test_a_tape_that_arrives_before_the_one_it_replaces_plays(page):
    play(page)
    pause_without_clips(page)
    held, let_go = holding(page, CLIPS)
    press_play(page)
    until_held(page, held)
    page.route(CLIPS, lambda route: route.continue_())  # from now on
    toggle(page, "Headphones")
    until_settings(page, True, True)
    let_go()
    until_sounding(page)
    expect(page.locator(".player .time")).to_contain_text(re.compile(r"^\d:\d\d /"))


def test_of_two_settings_in_a_row_both_count(page):
    play(page)
    held, let_go = holding(page, CLIPS)
    toggle(page, "Endless")
    until_held(page, held)
    first = len(held)
    toggle(page, "Headphones")
    until_held(page, held, first + 1)
    for route in [held.pop(0) for _ in range(first)]:
        route.continue_()
    page.wait_for_timeout(500)  # the first tape is there
    let_go()
    until_settings(page, False, True)
    until_sounding(page)


def test_a_seek_while_it_loads_counts(page):
    play(page)
    pause_without_clips(page)
    page.evaluate(f"{PLAYBACK}.seek(0)")
    held, let_go = holding(page, CLIPS)
    press_play(page)
    until_held(page, held)
    page.get_by_role("slider", name="Playback position").press("End")
    let_go()
    until_sounding(page)
    assert page.evaluate(f"{PLAYBACK}.position") >= 4


def test_a_comparison_that_begins_while_the_page_s_soundscape_loads_is_heard(page):
    play(page)
    pause_without_clips(page)
    held, let_go = holding(page, f"**{page.locator('sound-player').get_attribute('data-parts')}**")
    press_play(page)
    until_held(page, held)
    page.get_by_role("button", name=re.compile("^Compare with")).click()
    expect(page.get_by_role("group", name="Comparison")).to_be_visible()
    let_go()
    until_sounding(page)
    until(lambda: page.evaluate(f"{PLAYBACK}.other.voices.size") > 0, 30, "the other one")


def test_what_is_left_while_it_loads_is_not_fetched_any_further(page):
    held, _ = holding(page, CLIPS)
    gone = []
    page.on("requestfailed", lambda request: gone.append(request.url))
    page.goto("/soundscapes/")
    page.locator(".card-play").first.click()
    until_held(page, held)
    [lost, *_] = [route.request.url for route in held]
    page.locator(".card-play").last.click()
    until(lambda: page.wait_for_timeout(20) or lost in gone, 30, "the end of the download")


def test_the_mixer_takes_over_what_plays_without_a_connection(page):
    play(page)
    page.route(re.compile("/(parts|media)/"), lambda route: route.abort())
    page.get_by_role("slider", name=re.compile("^Volume of")).first.press("Home")
    expect(page.locator(".mixer-note")).to_have_text(NOTE)
    level = f"[...{LIVE}.tracks.values()][0].fader.gain.value"
    until(lambda: page.evaluate(level) < 0.1, 30, "a softer layer")


def test_the_mixer_tries_again_once_the_connection_is_back(page):
    page.context.set_offline(True)
    volume = page.get_by_role("slider", name=re.compile("^Volume of")).first
    volume.press("Home")
    expect(page.locator(".mixer-note")).to_contain_text("could not be loaded")
    page.context.set_offline(False)
    volume.press("ArrowRight")
    expect(page.locator(".mixer-note")).to_have_text(NOTE, timeout=30_000)


def test_a_sound_that_is_lost_on_its_way_is_fetched_at_the_next_change(page):
    page.locator(".layer-more > summary").first.click()
    volume = page.get_by_role("slider", name=re.compile("^Volume of")).first
    volume.press("ArrowLeft")
    expect(page.locator(".mixer-note")).to_have_text(NOTE, timeout=30_000)
    page.route("**/media/previews/**", lambda route: route.abort())
    page.get_by_role("button", name="Next clip").first.click()
    expect(page.locator(".mixer-note")).to_contain_text("This sound cannot be played now")
    page.unroute("**/media/previews/**")
    volume.press("ArrowLeft")
    tried = f"[...{LIVE}.tracks.keys()].some((url) => url.includes('clip='))"
    until(lambda: page.evaluate(tried), 30, "the sound")


def test_a_click_on_play_before_the_player_is_loaded_is_kept(page):
    clicks, let_clicks_go = holding(page, "**/js/clicks*.js")
    players, let_players_go = holding(page, "**/js/player*.js")
    page.reload(wait_until="commit")
    until_held(page, clicks)
    button = page.locator("sound-player .play")
    expect(button).to_be_hidden()  # as long as a click would be lost
    let_clicks_go()
    button.click()
    until_held(page, players)
    let_players_go()
    page.wait_for_selector("sound-player[data-state=playing]")


def test_of_many_sounds_in_a_row_the_last_one_is_heard(page):
    play(page)
    page.locator(".layer-more > summary").first.click()
    name = page.locator("select.layer-name").first
    heard = f"""[...{LIVE}.tracks.values()]
        .filter((track) => track.buffer && track.fader.gain.value > 0.1)
        .map((track) => {LIVE}.tape.extra.tracks.includes(track))"""
    for number in range(1, 9):
        before = name.input_value()
        page.get_by_role("button", name="Try another sound").first.click()
        until(lambda before=before: name.input_value() != before, 30, "another category")
        page.wait_for_selector(".layer:first-child:not(.arriving, .unheard)", timeout=60_000)
        until(lambda: page.evaluate(heard) == [True], 30, f"sound {number}")


def test_changes_made_while_a_remix_is_sent_are_not_lost(page):
    held, let_go = holding(page, "**/remix/")
    volume = page.get_by_role("slider", name=re.compile("^Volume of")).first
    volume.press("ArrowLeft")
    save = page.get_by_role("button", name="Save as remix")
    save.click()
    until_held(page, held)
    volume.press("ArrowLeft")
    save.click()  # the first one is not through yet
    let_go()
    expect(page.locator("#saving")).to_contain_text("is not in it", timeout=60_000)
    expect(volume).to_have_value("-2")
