"""The mixer in a browser: changes are heard at once and saved as a remix."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Error, Page, expect

from tests.live.server import Person, until
from tests.live.test_browser_comforts import press

pytestmark = [pytest.mark.slow, pytest.mark.once]

CONTROL, SHIFT = 2, 8  # modifiers of a key
FOLD = ".layer-more > summary"

LIVE = "You are hearing the layers with the current settings."


@pytest.fixture
def page(open_page, server, photo) -> Page:
    person = Person(server)
    generation = person.make_soundscape(photo, duration=5)
    person.wait_until(generation, "ready")
    page = open_page(person)
    page.goto(f"/soundscapes/{generation}/")
    page.wait_for_selector("[data-state=paused]")
    for fold in page.locator(FOLD).all():
        fold.click()
    return page


def level(page: Page, track: int) -> float:
    return page.evaluate(
        "n => [...document.querySelector('sound-mixer').live.tracks.values()][n].fader.gain.value",
        track,
    )


def saved_page(page: Page, original: str) -> None:
    """Wait until the page has become that of the remix; say what it shows if it does not."""
    try:
        page.wait_for_url(lambda url: url != original, timeout=60_000)
    except Error as error:
        raise AssertionError(f"The page did not become the remix's. {what_shows(page)}") from error
    expect(page.locator("sound-player")).to_have_attribute("data-continues", re.compile("audio"))


def what_shows(page: Page) -> str:
    """Return the place where saving is shown, all messages, and the owner's soundscapes."""
    saving = page.locator("#saving").evaluate_all("found => found.map((each) => each.outerHTML)")
    said = page.locator(".mixer-note, [role=alert], [role=status]").all_text_contents()
    rows = page.request.get("/api/v1/generations/").json()["results"]
    names = ("id", "created_at", "state", "stage", "progress", "error")
    jobs = [{name: row.get(name) for name in names} for row in rows]
    return f"Saving: {saving}. Messages: {list(filter(str.strip, said))}. Soundscapes: {jobs}."


PEAK = """async part => {
    const { playback, tracks } = document.querySelector("sound-mixer").live;
    const track = part && [...tracks.values()].find(({ url }) => url.includes(part));
    const node = track ? track.panner : playback.output;
    const meter = new AnalyserNode(node.context, { fftSize: 32768 });
    node.connect(meter);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const samples = new Float32Array(meter.fftSize);
    meter.getFloatTimeDomainData(samples);
    return Math.max(...samples.map(Math.abs));
}"""


def undo(page: Page):
    return page.get_by_role("button", name="Undo")


def redo(page: Page):
    return page.get_by_role("button", name="Redo")


def heard_urls(page: Page) -> list[str]:
    """Return the sounds whose faders are up."""
    return page.evaluate(
        """[...document.querySelector('sound-mixer').live.tracks.values()]
            .filter(({ fader }) => fader.gain.value > 0.1).map(({ url }) => url)"""
    )


def play(page: Page) -> None:
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector("[data-state=playing]")


def faders(page: Page, kind: str):
    return page.get_by_role("slider", name=re.compile(f"{kind} of"))


def test_the_faders_are_heard_at_once_and_saved_as_a_remix(page):
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector("[data-state=playing]")
    volume = faders(page, "Volume").first
    volume.focus()
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    expect(page.locator(".mixer-note")).to_have_text(LIVE, timeout=30_000)
    until(lambda: abs(level(page, 0) - 10 ** (-6 / 20)) < 0.01, 30, "the softer layer")
    expect(page.locator("[data-state=playing]")).to_be_visible()  # playback continued
    assert volume.get_attribute("aria-valuetext") == "−6 dB"

    position = faders(page, "Position").first
    position.press("Home")
    assert position.get_attribute("aria-valuetext") == "left 100 %"

    original = page.url
    page.get_by_role("button", name="Save as remix").click()
    saved_page(page, original)
    expect(page.locator("sound-player")).to_have_attribute("data-state", "playing")
    expect(faders(page, "Volume").first).to_have_value("-6")
    expect(page.locator(".position").first).to_have_value("-1")
    versions = page.get_by_role("navigation", name="Soundscapes of this image")
    expect(versions.get_by_role("link")).to_have_count(2)
    expect(versions.locator("[aria-current]")).to_contain_text("remix")


def test_mute_and_solo_silence_the_right_layers(page):
    page.get_by_role("checkbox", name=re.compile("Mute")).first.check(force=True)
    expect(page.locator(".mixer-note")).to_have_text(LIVE, timeout=30_000)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector("[data-state=playing]")
    until(lambda: level(page, 0) < 0.01 < 0.9 < level(page, 1), 30, "mute")
    page.get_by_role("checkbox", name=re.compile("Solo")).nth(2).press(" ")
    until(lambda: level(page, 1) < 0.01 < 0.9 < level(page, 2), 30, "solo")


def test_a_sound_can_be_replaced_added_and_removed(page):
    names = page.locator("select.layer-name")
    before = names.first.input_value()
    page.get_by_role("button", name="Try another sound").first.click()
    until(lambda: names.first.input_value() != before, 30, "the next best")
    second = names.first.input_value()
    page.get_by_role("button", name="Try another sound").first.click()
    until(lambda: names.first.input_value() not in (before, second), 30, "the one after that")

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
    saved_page(page, original)
    assert [names.nth(n).input_value() for n in range(4)] == wanted


def test_another_clip_is_chosen_with_one_button(page):
    clip = page.locator("select.clip").first
    assert clip.input_value() == ""
    page.get_by_role("button", name="Next clip").first.click()
    chosen = clip.input_value()
    assert chosen
    original = page.url
    page.get_by_role("button", name="Save as remix").click()
    saved_page(page, original)
    expect(clip).to_have_value(chosen)


def test_saving_keeps_the_place_the_sound_and_the_focus_and_back_returns(page):
    original = page.url
    page.evaluate("window.document_number = 1")
    play(page)
    faders(page, "Volume").first.press("ArrowLeft")
    page.get_by_label("Name", exact=True).fill("softer <rain>")
    save = page.get_by_role("button", name="Save as remix")
    save.scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    page.evaluate(
        """() => {
            window.pauses = 0;
            const { playback } = document.querySelector("sound-player");
            const stop = playback.setState.bind(playback);
            playback.setState = (state) => (window.pauses++, stop(state));
        }"""
    )
    save.press("Enter")
    saved_page(page, original)
    assert page.evaluate("window.document_number") == 1
    assert page.evaluate("window.pauses") == 0
    assert abs(page.evaluate("scrollY") - place) < 100
    expect(page.get_by_role("button", name="Save as remix")).to_be_focused()
    expect(page.locator("sound-player")).to_have_attribute("data-state", "playing")
    heard = "document.querySelector('sound-player').playback.loop.parts"
    until(lambda: page.evaluate(f"{heard} === location.pathname + 'parts/'"), 30, "the remix")
    versions = page.get_by_role("navigation", name="Soundscapes of this image")
    expect(versions.locator("[aria-current]")).to_contain_text("ofter <rain>")
    page.go_back()
    expect(faders(page, "Volume").first).to_have_value("0")
    assert page.url == original


def test_only_a_change_can_be_saved(page):
    save = page.get_by_role("button", name="Save as remix")
    expect(save).to_be_disabled()
    save.press("Enter")
    expect(page.locator(".mixer-note")).to_contain_text("Nothing changed yet")
    volume = faders(page, "Volume").first
    volume.press("ArrowLeft")
    expect(save).to_be_enabled()
    volume.press("ArrowRight")
    expect(save).to_be_disabled()


def test_what_is_changed_while_a_remix_is_saved_stays(page):
    original = page.url
    volume = faders(page, "Volume").first
    volume.press("ArrowLeft")
    page.route("**/saving/*", lambda route: (page.wait_for_timeout(1000), route.continue_()))
    page.get_by_role("button", name="Save as remix").click()
    volume.press("ArrowLeft")
    expect(page.locator("#saving")).to_contain_text("The remix is saved", timeout=60_000)
    assert page.url == original
    expect(volume).to_have_value("-2")
    expect(page.get_by_role("button", name="Save as remix")).to_be_enabled()
    expect(page.locator("#saving").get_by_role("link", name="Open the remix")).to_be_visible()


def clip(page: Page):
    return page.locator("select.clip").first


def names(page: Page):
    return page.locator("select.layer-name")


def mute(page: Page):
    return page.get_by_role("checkbox", name=re.compile("Mute")).first


def solo(page: Page):
    return page.get_by_role("checkbox", name=re.compile("Solo")).nth(1)


def has_another_sound(page: Page, slug: str):
    return until(lambda: names(page).nth(2).input_value() != slug, 30, "another sound")


def make_seven_changes(page: Page) -> None:
    slug = names(page).nth(2).input_value()
    faders(page, "Volume").first.press("ArrowLeft")
    faders(page, "Position").first.press("Home")
    mute(page).press("Space")
    solo(page).press("Space")
    page.get_by_role("button", name="Next clip").first.click()
    page.get_by_role("button", name="Try another sound").nth(2).click()
    has_another_sound(page, slug)
    page.get_by_role("button", name=re.compile("^Remove")).nth(1).click()
    expect(names(page)).to_have_count(2)


def test_every_change_can_be_undone_and_redone(page):
    volume, position = (faders(page, name).first for name in ("Volume", "Position"))
    before, slug = position.input_value(), names(page).nth(2).input_value()
    expect(undo(page)).to_be_disabled()
    make_seven_changes(page)
    chosen = clip(page).input_value()

    undo(page).click()
    expect(names(page)).to_have_count(3)
    undo(page).click()
    expect(names(page).nth(2)).to_have_value(slug)
    undo(page).click()
    expect(clip(page)).to_have_value("")
    undo(page).click()
    expect(solo(page)).not_to_be_checked()
    undo(page).click()
    expect(mute(page)).not_to_be_checked()
    page.keyboard.press("Control+z")
    expect(position).to_have_value(before)
    page.keyboard.press("Control+z")
    expect(volume).to_have_value("0")
    expect(page.locator(".gain-text").first).to_have_text("0 dB")
    expect(undo(page)).to_be_disabled()
    expect(page.get_by_role("button", name="Save as remix")).to_be_disabled()

    for _ in range(5):
        page.keyboard.press("Control+Shift+z")
    expect(volume).to_have_value("-1")
    expect(clip(page)).to_have_value(chosen)
    redo(page).click()
    has_another_sound(page, slug)
    page.get_by_role("button", name="Try another sound").nth(2).click()  # it still works
    expect(redo(page)).to_be_disabled()


@pytest.mark.parametrize(("key", "code"), [("я", "KeyZ"), ("ζ", "KeyZ"), ("z", "Slash")])
def test_keys_undo_on_russian_greek_and_dvorak_layouts(page, key, code):
    volume = faders(page, "Volume").first
    volume.press("ArrowLeft")
    press(page, ";", "KeyZ", CONTROL)  # Dvorak
    expect(volume).to_have_value("-1")
    press(page, key, code, CONTROL)
    expect(volume).to_have_value("0")
    press(page, key.upper(), code, CONTROL + SHIFT)
    expect(volume).to_have_value("-1")


def test_moving_one_fader_is_one_step(page):
    volume = faders(page, "Volume").first
    for _ in range(4):
        volume.press("ArrowLeft")
    faders(page, "Volume").nth(1).press("ArrowLeft")
    undo(page).click()
    expect(volume).to_have_value("-4")
    undo(page).click()
    expect(volume).to_have_value("0")


def test_a_remix_that_is_deleted_while_it_is_saved_can_be_saved_again(page, server):
    faders(page, "Volume").first.press("ArrowLeft")
    save = page.get_by_role("button", name="Save as remix")
    with server.without_workers():
        save.click()
        link = page.locator("#saving").get_by_role("link", name="Open the remix")
        remix = link.get_attribute("href").rstrip("/").rpartition("/")[2]
        expect(save).to_be_disabled()
        token = {each["name"]: each["value"] for each in page.context.cookies()}["csrftoken"]
        deleted = page.request.delete(
            f"/api/v1/generations/{remix}/", headers={"X-CSRFToken": token}
        )
        assert deleted.ok, deleted.text()
        expect(page.locator("#notices")).to_contain_text("This no longer exists.")
        expect(save).to_be_enabled()


def test_undo_in_a_text_field_is_the_field_s_own(page):
    volume = faders(page, "Volume").first
    volume.press("ArrowLeft")
    name = page.get_by_label("Name", exact=True)
    name.press_sequentially("rain")
    name.press("Control+z")
    expect(volume).to_have_value("-1")


def test_another_sound_is_heard_before_it_is_saved_and_undo_goes_back(page):
    play(page)
    faders(page, "Volume").first.press("ArrowLeft")
    expect(page.locator(".mixer-note")).to_have_text(LIVE, timeout=30_000)
    until(lambda: len(heard_urls(page)) == 3, 30, "three layers")
    stems = heard_urls(page)
    assert stems == ["layer-1", "layer-2", "layer-3"]

    page.get_by_role("button", name="Next clip").first.click()
    until(lambda: "clip=" in "".join(heard_urls(page)), 60, "the recording")
    until(lambda: len(heard_urls(page)) == 3, 30, "the fade")
    assert stems[0] not in heard_urls(page)
    expect(page.locator(".layer").first.get_by_text("Loading the sound…")).to_be_hidden()
    expect(page.locator(".layer").first.get_by_text("Audible after you save.")).to_be_hidden()

    page.get_by_role("button", name="Try another sound").nth(1).click()
    until(lambda: stems[1] not in heard_urls(page), 60, "another sound")
    until(lambda: len(heard_urls(page)) == 3, 30, "the fade")
    expect(page.locator("[data-state=playing]")).to_be_visible()
    undo(page).click()
    undo(page).click()
    until(lambda: sorted(heard_urls(page)) == sorted(stems), 30, "the stems again")


def test_a_sound_that_is_tried_before_anything_else_is_heard_instead_of_its_layer(page):
    play(page)
    page.get_by_role("button", name="Try another sound").first.click()
    until(
        lambda: page.evaluate("Boolean(document.querySelector('sound-mixer').live)"), 30, "faders"
    )
    until(lambda: ".wav" in "".join(heard_urls(page)), 60, "another sound")
    until(lambda: page.evaluate(PEAK, ".wav") > 0.001, 30, "what it sounds like")
    for mute in page.get_by_role("checkbox", name=re.compile("^Mute")).all():
        mute.check(force=True)
    until(lambda: page.evaluate(PEAK, None) < 0.0001, 30, "silence")


def test_recordings_that_are_skipped_are_not_rendered(page):
    asked = set()
    page.on("request", lambda request: "/previews/" in request.url and asked.add(request.url))
    faders(page, "Volume").first.press("ArrowLeft")
    expect(page.locator(".mixer-note")).to_have_text(LIVE, timeout=30_000)
    button = page.get_by_role("button", name="Next clip").first
    button.evaluate("button => [1, 2, 3].forEach(() => button.click())")
    until(lambda: "clip=" in "".join(heard_urls(page)), 60, "the recording")
    assert len(asked) == 1


def test_an_added_layer_is_heard(page):
    play(page)
    page.get_by_role("button", name="Add layer").click()
    until(lambda: page.evaluate("Boolean(document.querySelector('sound-mixer').live)"), 30, "stems")
    until(lambda: len(heard_urls(page)) == 4, 60, "the fourth layer")


def test_a_sound_that_cannot_be_tried_says_why_and_can_still_be_saved(page):
    detail = '{"detail": "Your quota for trying sounds is used up."}'
    page.route(
        "**/media/previews/**",
        lambda route: route.fulfill(status=429, content_type="application/json", body=detail),
    )
    page.get_by_role("button", name="Next clip").first.click()
    expect(page.locator(".mixer-note")).to_contain_text("quota for trying", timeout=30_000)
    expect(page.locator(".layer").first.get_by_text("Audible after you save.")).to_be_visible()
    expect(page.get_by_role("button", name="Save as remix")).to_be_enabled()


def test_two_versions_are_compared_at_the_same_position(page):
    original = page.url
    faders(page, "Volume").first.press("End")
    page.get_by_role("button", name="Save as remix").click()
    saved_page(page, original)
    page.get_by_role("button", name=re.compile("^Compare with 1")).click()
    group = page.get_by_role("group", name="Comparison")
    expect(group).to_be_visible()
    page.wait_for_selector("[data-state=playing]")
    side = "document.querySelector('sound-player').playback.output.gain.value"
    expect(group.get_by_role("button", name="B", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    until(lambda: page.evaluate(side) < 0.01, 30, "B alone")
    apart = """() => {
        const { loop, other, jumping } = document.querySelector("sound-player").playback;
        return jumping ? NaN : Math.abs(loop.position - other.position);
    }"""
    until(lambda: page.evaluate(apart) < 0.001, 30, "both to run together")
    group.get_by_role("button", name="A", exact=True).click()
    until(lambda: page.evaluate(side) > 0.99, 30, "A alone")
    page.get_by_role("slider", name="Playback position").press("Home")
    until(lambda: page.evaluate(apart) < 0.001, 30, "both to run together again")
    group.get_by_role("button", name="End comparison").click()
    expect(group).to_have_count(0)
    expect(page.locator("[data-state=playing]")).to_be_visible()
    assert page.evaluate("document.querySelector('sound-player').playback.other") is None
