"""Play on cards, and the mini-player that goes on while somebody browses."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.live.conftest import delayed
from tests.live.server import Person, until

pytestmark = [pytest.mark.slow, pytest.mark.once]

SAME_DOCUMENT = "window.document_number"
NOW_PLAYING = """
    const scripts = performance.getEntriesByType("resource").map(({ name }) => name);
    const { nowPlaying } = await import(scripts.find((name) => name.includes("/js/playback.")));
"""
ONLY_ITS_OWN = f"""async (started) => {{
    {NOW_PLAYING}
    const {{ voices }} = nowPlaying().loop;
    return voices.size > 0 && started.every((source) => voices.has(source));
}}"""
FOUR_TOGGLES = f"""async () => {{
    {NOW_PLAYING}
    for (let n = 0; n < 4; n += 1) nowPlaying().toggle();
}}"""


ONLY_CLICKS = """
    const resume = AudioContext.prototype.resume;
    let isUnlocked = false;
    AudioContext.prototype.resume = function () {
        isUnlocked ||= window.event?.type === "click";
        return isUnlocked ? resume.call(this) : new Promise(() => {});
    };
"""
BLOCKED = """
    const refuse = () => { throw new DOMException("The operation is insecure.", "SecurityError"); };
    window.BroadcastChannel = class { constructor() { refuse(); } };
    Object.defineProperty(window, "localStorage", { get: refuse });
"""


@pytest.fixture(scope="module")
def person(server, photo) -> Person:
    person = Person(server)
    for seed in range(3):
        person.wait_until(person.make_soundscape(photo, duration=5, seed=seed), "ready")
    return person


@pytest.fixture
def history(open_page, person) -> Page:
    page = open_page(person)
    page.goto("/soundscapes/")
    page.evaluate(f"{SAME_DOCUMENT} = 1")
    return page


def card_button(page: Page, number: int = 0):
    return page.locator(".card-play").nth(number)


def mini_player(page: Page):
    return page.get_by_role("region", name="Player", exact=True)


def heading(page: Page, name: str):
    return page.get_by_role("heading", name=name, exact=True)


def is_heard(page: Page) -> bool:
    """Return whether the audio clock of the mini-player moves."""
    time = mini_player(page).locator(".time")
    before = time.text_content()
    return bool(until(lambda: time.text_content() != before, 30, "the next second"))


def play_first(page: Page) -> None:
    card_button(page).click()
    expect(mini_player(page)).to_have_attribute("data-state", "playing", timeout=30_000)


def test_play_on_a_card_starts_the_mini_player_and_stops_it(history):
    play_first(history)
    expect(card_button(history)).to_have_accessible_name(re.compile("^Pause "))
    expect(mini_player(history).get_by_role("link")).to_have_attribute(
        "href", card_button(history).get_attribute("data-page")
    )
    assert is_heard(history)
    card_button(history).click()
    expect(mini_player(history)).to_have_attribute("data-state", "paused")
    mini_player(history).get_by_role("button", name=re.compile("^Play ")).click()
    expect(mini_player(history)).to_have_attribute("data-state", "playing")


def test_the_click_itself_lets_the_sound_start_as_safari_may_demand(open_page, person):
    page = open_page(person)
    page.add_init_script(ONLY_CLICKS)
    page.route("**/clicks.*", delayed)
    page.goto("/soundscapes/", wait_until="commit")
    play_first(page)


def test_a_browser_that_blocks_storage_and_channels_plays(open_page, person):
    page = open_page(person)
    page.add_init_script(BLOCKED)
    page.goto("/soundscapes/")
    play_first(page)


def test_impatient_clicks_play_one_sound(history):
    sources = history.evaluate_handle(
        """() => {
            const started = [];
            const { start } = AudioBufferSourceNode.prototype;
            AudioBufferSourceNode.prototype.start = function (...when) {
                started.push(this);
                this.addEventListener("ended", () => started.splice(started.indexOf(this), 1));
                start.apply(this, when);
            };
            return started;
        }"""
    )
    for _ in range(5):
        card_button(history).dispatch_event("click")
    expect(mini_player(history)).to_have_attribute("data-state", "playing", timeout=30_000)
    until(lambda: sources.evaluate(ONLY_ITS_OWN), 30, "one tape")
    history.evaluate(FOUR_TOGGLES)
    history.wait_for_timeout(1000)  # longer than the fade of each pause
    expect(mini_player(history)).to_have_attribute("data-state", "playing")
    assert sources.evaluate(ONLY_ITS_OWN)
    card_button(history, 1).click()
    expect(card_button(history, 1)).to_have_attribute("data-state", "playing", timeout=30_000)
    until(lambda: sources.evaluate(ONLY_ITS_OWN), 30, "the end of the crossfade")


def test_another_card_takes_over(history):
    play_first(history)
    card_button(history, 1).click()
    expect(card_button(history, 1)).to_have_accessible_name(re.compile("^Pause "))
    expect(card_button(history)).to_have_accessible_name(re.compile("^Play "))
    expect(mini_player(history).get_by_role("link")).to_have_attribute(
        "href", card_button(history, 1).get_attribute("data-page")
    )


def test_the_sound_goes_on_while_links_are_followed(history):
    play_first(history)
    history.get_by_role("link", name="Account").click()
    expect(heading(history, "Account")).to_be_visible()
    expect(history).to_have_title("Account \u2013 Soundscapes")
    assert history.url.endswith("/account/")
    assert history.evaluate(SAME_DOCUMENT) == 1
    assert is_heard(history)
    current = history.locator("[aria-current=page]")
    expect(current).to_have_text("Account")
    assert history.evaluate("document.activeElement.id") == "main"
    history.get_by_role("link", name="Studio").click()
    expect(heading(history, "What does your image sound like?")).to_be_visible()
    assert history.evaluate(SAME_DOCUMENT) == 1
    assert is_heard(history)


def test_pages_work_after_they_were_reached_without_a_new_document(history, photo_file):
    play_first(history)
    history.get_by_role("link", name="Studio").click()
    history.get_by_label("Choose an image").set_input_files(photo_file)
    expect(history.locator("#preview")).to_be_visible()
    history.get_by_role("link", name="History").click()
    history.get_by_role("checkbox", name=re.compile("^Select")).first.check()
    expect(history.locator(".bulk-count")).to_have_text("1 selected")
    history.get_by_label("Search").fill("nothing of this kind")
    expect(history).to_have_url(re.compile(r"\?q=nothing"))
    heart = history.get_by_role("button", name=re.compile("^Favourite:")).first
    history.get_by_label("Search").fill("")
    expect(heart).to_be_visible()
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "true")
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "false")
    assert history.evaluate(SAME_DOCUMENT) == 1
    assert is_heard(history)


def test_back_and_forward_keep_the_sound_and_the_page_as_it_was(history):
    history.set_viewport_size({"width": 390, "height": 300})
    play_first(history)
    history.get_by_role("checkbox", name=re.compile("^Select")).last.check()
    place = history.evaluate("scrollY")
    assert place > 0
    history.get_by_role("link", name="Account").dispatch_event("click")  # without scrolling to it
    expect(heading(history, "Account")).to_be_visible()
    assert history.evaluate("scrollY") == 0
    history.go_back()
    expect(heading(history, "History")).to_be_visible()
    expect(history.get_by_role("checkbox", name=re.compile("^Select")).last).to_be_checked()
    assert history.evaluate("scrollY") == place
    history.go_forward()
    expect(heading(history, "Account")).to_be_visible()
    assert history.evaluate(SAME_DOCUMENT) == 1
    assert is_heard(history)


def test_back_to_a_sorted_list_keeps_the_sound(history):
    play_first(history)
    history.get_by_text("Category, date and order").click()
    history.get_by_label("Sort by").select_option("oldest")
    history.wait_for_url("**/?sort=oldest")
    history.locator(".card-title").first.click()
    expect(history.locator("sound-player")).to_be_visible()
    history.go_back()
    expect(heading(history, "History")).to_be_visible()
    assert history.evaluate(SAME_DOCUMENT) == 1
    assert is_heard(history)


def test_back_shows_what_was_changed_meanwhile(history):
    play_first(history)
    history.locator(".card-title").first.click()
    history.locator(".soundscape .favourite button").click()
    expect(history.locator("[aria-pressed=true]")).to_have_count(1)
    history.go_back()
    expect(heading(history, "History")).to_be_visible()
    heart = history.get_by_role("button", name=re.compile("^Favourite:")).first
    expect(heart).to_have_attribute("aria-pressed", "true")
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "false")


def test_it_shows_a_new_title_at_once(history):
    play_first(history)
    history.locator(".card .rename summary").first.click()
    history.get_by_label("Title").first.fill("morning ☕")
    history.keyboard.press("Enter")
    expect(mini_player(history).get_by_role("link")).to_have_text("Morning ☕")
    expect(card_button(history)).to_have_accessible_name("Pause Morning ☕")
    assert history.evaluate("navigator.mediaSession.metadata.title") == "Morning ☕"


def test_the_page_of_what_plays_takes_over_at_the_same_position(history):
    play_first(history)
    until(lambda: mini_player(history).locator(".time").text_content() >= "0:02", 30, "2 s")
    history.locator(".card-title").first.click()
    player = history.locator("sound-player")
    expect(player).to_have_attribute("data-state", "playing")
    expect(mini_player(history)).to_be_hidden()
    slider = history.get_by_role("slider", name="Playback position")
    assert int(slider.get_attribute("aria-valuenow")) >= 2
    history.get_by_role("link", name="History").click()
    expect(heading(history, "History")).to_be_visible()
    assert is_heard(history)


def test_another_page_with_a_player_leaves_the_sound_alone_until_play(history):
    play_first(history)
    history.locator(".card-title").nth(1).click()
    expect(history.locator("sound-player")).to_have_attribute("data-state", "paused")
    assert is_heard(history)
    history.locator("sound-player .play").click()
    expect(history.locator("sound-player")).to_have_attribute("data-state", "playing")
    expect(mini_player(history)).to_be_hidden()
    playing = "document.querySelector('sound-player').playback.loop.voices.size"
    assert history.evaluate(playing) > 0


def test_a_paused_player_is_left_behind(history):
    history.locator(".card-title").first.click()
    history.locator("sound-player .play").click()
    history.wait_for_selector("[data-state=playing]")
    history.locator("sound-player .play").click()
    history.get_by_role("link", name="History").click()
    expect(heading(history, "History")).to_be_visible()
    expect(mini_player(history)).to_have_count(0)


def test_closing_it_ends_the_sound_and_links_lead_to_new_documents_again(history):
    play_first(history)
    mini_player(history).get_by_role("button", name="Close the player").click()
    expect(mini_player(history)).to_be_hidden()
    expect(card_button(history)).to_have_accessible_name(re.compile("^Play "))
    history.get_by_role("link", name="Account").click()
    expect(heading(history, "Account")).to_be_visible()
    assert history.evaluate(SAME_DOCUMENT) is None
    history.go_back()
    expect(heading(history, "History")).to_be_visible()


def test_back_works_after_the_sound_has_ended(history):
    play_first(history)
    history.get_by_role("link", name="Account").click()
    expect(heading(history, "Account")).to_be_visible()
    mini_player(history).get_by_role("button", name="Close the player").click()
    history.go_back()
    expect(heading(history, "History")).to_be_visible()


def test_the_position_can_be_moved_by_keyboard(history):
    play_first(history)
    slider = mini_player(history).get_by_role("slider", name="Playback position")
    mini_player(history).get_by_role("button", name=re.compile("^Pause ")).click()
    slider.press("Home")
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "0:03 of 0:05")


def test_the_system_keys_pause_what_plays_on_another_page(history):
    play_first(history)
    history.get_by_role("link", name="Account").click()
    expect(heading(history, "Account")).to_be_visible()
    assert history.evaluate("navigator.mediaSession.playbackState") == "playing"
    assert history.evaluate("navigator.mediaSession.metadata.title") != ""


def test_a_second_tab_silences_the_mini_player(history):
    play_first(history)
    other = history.context.new_page()
    other.goto("/soundscapes/")
    play_first(other)
    expect(mini_player(history)).to_have_attribute("data-state", "paused")


def test_leaving_an_unsaved_mix_asks_and_keeps_what_is_saved(history):
    play_first(history)
    history.locator(".card-title").first.click()
    volume = history.get_by_role("slider", name=re.compile("Volume of")).first
    volume.press("ArrowLeft")
    expect(history.locator("sound-mixer.changed")).to_be_visible()
    questions = []
    history.once("dialog", lambda dialog: (questions.append(dialog.message), dialog.dismiss()))
    history.get_by_role("link", name="Account").click()
    expect(volume).to_have_value("-1")
    own_page = history.url
    history.once("dialog", lambda dialog: (questions.append(dialog.message), dialog.dismiss()))
    history.go_back()
    expect(volume).to_have_value("-1")
    assert history.url == own_page
    history.once("dialog", lambda dialog: (questions.append(dialog.message), dialog.accept()))
    history.get_by_role("link", name="Account").click()
    expect(heading(history, "Account")).to_be_visible()
    assert questions == ["Leave this page? Your changes are not saved."] * 3
    assert is_heard(history)


def test_a_lost_session_shows_the_sign_in_page_and_no_connection_keeps_the_page(history):
    play_first(history)
    history.route("**/account/", lambda route: route.abort())
    history.get_by_role("link", name="Account").click()
    expect(history.get_by_role("alert")).to_contain_text("The server cannot be reached")
    expect(heading(history, "History")).to_be_visible()
    history.unroute("**/account/")
    history.context.clear_cookies(name="sessionid")
    history.get_by_role("link", name="Account").click()
    expect(heading(history, "Sign in")).to_be_visible()
    assert history.url.endswith("/account/login/?next=/account/")
    # Passkeys need a document of their own. Its policy forbids what wait_for_function evaluates.
    until(lambda: history.evaluate("Boolean(window.allauth)"), 30, "the script of passkeys")


def test_signing_out_ends_the_sound(open_page, server, photo):
    leaver = Person(server)
    leaver.wait_until(leaver.make_soundscape(photo, duration=5), "ready")
    page = open_page(leaver)
    page.goto("/")
    play_first(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Create an account")).to_be_visible()
    expect(mini_player(page)).to_have_count(0)


def test_a_visitor_of_a_shared_link_can_look_around_while_it_plays(open_page, person, history):
    own_page = card_button(history).get_attribute("data-page")
    person.submit(f"{own_page}share/")
    shown = person.get(person.server.url + own_page).text
    address = re.search(r'value="http[^"]*(/s/[^"]*)"', shown)
    page = open_page()
    page.goto(address[1])
    page.locator("sound-player .play").click()
    page.wait_for_selector("[data-state=playing]")
    page.get_by_role("link", name="Soundscapes", exact=True).click()
    expect(page.get_by_role("link", name="Create an account")).to_be_visible()
    assert is_heard(page)
    mini_player(page).get_by_role("link").click()
    expect(page.locator("sound-player")).to_have_attribute("data-state", "playing")


def test_downloads_stay_downloads(history):
    play_first(history)
    history.locator(".card-title").first.click()
    history.get_by_text("Download", exact=True).click()
    with history.expect_download() as saved:
        history.get_by_role("link", name=re.compile("^WAV")).click()
    assert saved.value.suggested_filename.endswith(".wav")


def test_without_javascript_play_on_a_card_leads_to_the_page(open_page, person):
    page = open_page(person, java_script_enabled=False)
    page.goto("/soundscapes/")
    expect(card_button(page)).to_be_hidden()
    page.get_by_role("link", name=re.compile("^Play ")).first.click()
    expect(page.locator("audio")).to_be_visible()


def test_password_fields_have_one_button_after_back(history):
    play_first(history)
    history.get_by_role("link", name="Account").click()
    history.get_by_role("link", name="Change password").click()
    shows = history.get_by_role("button", name=re.compile("^Show"))
    expect(shows).to_have_count(3)
    history.get_by_role("link", name="History").click()
    expect(heading(history, "History")).to_be_visible()
    history.go_back()
    expect(heading(history, "Change password")).to_be_visible()
    expect(shows).to_have_count(3)


def test_the_next_player_shows_how_the_last_one_was_set(history):
    play_first(history)
    history.locator(".card-title").first.click()
    history.get_by_role("checkbox", name="Fade in slowly").check(force=True)
    history.get_by_label("Sleep timer").select_option("at")
    history.get_by_label("Hour of the day").fill("23:59")
    history.get_by_label("Hour of the day").press("Tab")
    expect(history.locator(".sleep-left")).to_contain_text("left")
    history.get_by_role("link", name="History").click()
    history.locator(".card-title").last.click()
    expect(history.get_by_role("checkbox", name="Fade in slowly")).to_be_checked()
    expect(history.get_by_label("Sleep timer")).to_have_value("at")
    expect(history.get_by_label("Hour of the day")).to_have_value("23:59")
    assert history.evaluate(SAME_DOCUMENT) == 1


def test_a_key_pauses_the_mini_player(history):
    play_first(history)
    history.keyboard.press("k")
    expect(mini_player(history)).to_have_attribute("data-state", "paused")
