"""Creating soundscapes in a browser: several images at once, pasted ones, and cancelling."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Route, expect

from tests.engine.profiles import P3
from tests.live.conftest import delayed, holding, until_held
from tests.live.server import Person, until

pytestmark = [pytest.mark.slow, pytest.mark.once]

MAKING = 60_000  # milliseconds


def images(count: int) -> list[dict]:
    found = []
    for number in range(count):
        buffer = io.BytesIO()
        Image.new("RGB", (320, 240), (40 * number, 120, 200)).save(buffer, "PNG")
        name = f"view {number}.png"
        found.append({"name": name, "mimeType": "image/png", "buffer": buffer.getvalue()})
    return found


def test_several_photos_each_show_their_progress_and_errors(open_page, server):
    letter = {"name": "letter.png", "mimeType": "image/png", "buffer": b"Dear photo, ..."}
    page = open_page(Person(server))
    page.goto("/")
    page.get_by_text("Length, mode and more").click()
    page.get_by_label("Duration in seconds").fill("5")
    first, second = images(2)
    page.get_by_label("Choose an image").set_input_files([first, letter, second])
    page.get_by_role("button", name="Create 3 soundscapes").click()

    jobs = page.locator(".job")
    expect(jobs).to_have_count(3)
    expect(page.locator(".job[data-state=refused]")).to_contain_text("not an image")
    expect(page.locator(".job[data-state=ready]")).to_have_count(2, timeout=MAKING)
    expect(page.locator("#queue-summary")).to_have_text("2 of 3 ready, 1 failed")
    page.get_by_role("button", name="Dismiss").click()
    expect(jobs).to_have_count(2)
    page.get_by_role("link", name="Listen").first.click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_an_upload_can_be_cancelled_before_and_while_it_is_sent(open_page, server):
    page = open_page(Person(server))
    page.goto("/")
    page.get_by_text("Length, mode and more").click()
    page.get_by_label("Duration in seconds").fill("5")
    held: list[Route] = []

    def hold_two(route: Route) -> None:
        if len(held) == 2:
            route.continue_()
        else:
            held.append(route)

    page.route("**/js/focus.*", delayed)
    page.route("**/soundscapes/new/", hold_two)
    page.get_by_label("Choose an image").set_input_files(images(4))
    page.get_by_role("button", name="Create 4 soundscapes").click()
    until(lambda: page.wait_for_timeout(20) or held, 30, "the first upload")
    page.get_by_role("button", name="Cancel view 2.png").click()
    page.get_by_role("button", name="Cancel view 0.png").press("Enter")  # it is being sent
    expect(page.locator("#queue-summary")).to_have_text("0 of 2 ready")
    second = page.get_by_role("button", name="Cancel view 1.png")
    expect(second).to_be_focused()
    until(lambda: page.wait_for_timeout(20) or len(held) == 2, 30, "the second upload")
    expect(second).to_be_focused()
    held[1].continue_()
    expect(page.locator(".job[data-state=ready]")).to_have_count(2, timeout=MAKING)
    expect(page.get_by_role("link", name="Listen").first).to_be_focused()
    assert len(page.request.get("/api/v1/generations/").json()["results"]) == 2


def test_the_list_goes_with_its_last_line_and_the_focus_moves_on(open_page, server):
    page = open_page(Person(server))
    page.goto("/")
    page.route("**/soundscapes/new/", lambda route: route.abort())
    queue = page.get_by_role("region", name="In progress")
    expect(queue).to_have_count(0)
    page.get_by_label("Choose an image").set_input_files(images(2))
    page.get_by_role("button", name="Create 2 soundscapes").click()
    expect(queue.get_by_role("button", name="Try again")).to_have_count(2)
    queue.get_by_role("button", name="Dismiss").first.press("Enter")
    expect(queue.get_by_role("button", name="Try again")).to_be_focused()
    expect(page.locator("#queue-summary")).to_have_text("0 of 1 ready, 1 failed")
    queue.get_by_role("button", name="Dismiss").press("Enter")
    expect(queue).to_have_count(0)
    expect(page.get_by_label("Choose an image")).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("No images are left")


def test_a_photo_stays_queued_if_the_server_is_full_or_unreachable(open_page, server):
    page = open_page(Person(server))
    page.goto("/")
    page.get_by_text("Length, mode and more").click()
    page.get_by_label("Duration in seconds").fill("5")
    full = "<p class='field-error'>Too much is waiting already.</p>"

    def in_trouble(route: Route) -> None:
        answers = len(asked)
        asked.append(route.request.method)
        if answers == 0:
            route.fulfill(status=503, headers={"Retry-After": "2"}, body=full)
        elif answers == 2:
            route.abort()
        else:
            route.continue_()

    asked: list[str] = []
    page.route("**/soundscapes/new/", in_trouble)
    page.get_by_label("Choose an image").set_input_files(images(2))
    page.get_by_role("button", name="Create 2 soundscapes").click()

    first, second = page.locator(".job").nth(0), page.locator(".job").nth(1)
    expect(first).to_contain_text("Too much is waiting already. The upload retries automatically")
    expect(second).to_contain_text("cannot be reached")
    second.get_by_role("button", name="Try again").click()
    expect(page.locator(".job[data-state=ready]")).to_have_count(2, timeout=MAKING)
    assert asked == ["POST"] * 4


def test_progress_survives_a_reload_and_can_be_cancelled(open_page, server):
    page = open_page(Person(server))
    page.goto("/")
    page.get_by_label("Choose an image").set_input_files(images(1))
    with server.without_workers():
        page.get_by_role("button", name="Create soundscape").click()
        expect(page.locator(".stages .current")).to_have_text("Waiting")
        page.reload()
        expect(page.locator(".stages .current")).to_have_text("Waiting")
        page.goto("/")
        expect(page.locator(".job progress")).to_be_visible()
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator(".job")).to_contain_text("You cancelled this soundscape")


def test_a_photo_can_be_pasted(open_page, server):
    page = open_page(Person(server))
    page.goto("/")
    page.evaluate(
        """bytes => {
            const clipboardData = new DataTransfer();
            const file = new File([new Uint8Array(bytes)], "pasted.png", {type: "image/png"});
            clipboardData.items.add(file);
            document.dispatchEvent(new ClipboardEvent("paste", {clipboardData}));
        }""",
        list(images(1)[0]["buffer"]),
    )
    expect(page.locator("#preview")).to_be_visible()
    expect(page.get_by_role("button", name="Create soundscape")).to_be_focused()


def test_a_drag_without_files_changes_nothing(open_page, server):
    page = open_page(Person(server))
    page.goto("/")
    transfer = page.evaluate_handle(
        """() => {
            const transfer = new DataTransfer();
            transfer.setData("text/plain", "words");
            return transfer;
        }"""
    )
    page.dispatch_event("h1", "dragover", {"dataTransfer": transfer})
    assert "dragging" not in (page.locator("body").get_attribute("class") or "")


def test_another_random_image_replaces_the_first(open_page, server):
    page = open_page(Person(server))
    page.goto("/")
    page.get_by_role("button", name="Use a random image").click()
    image = page.locator(".soundscape figure img")
    first = image.get_attribute("src")
    page.get_by_role("button", name="Try another random image").click()
    expect(image).not_to_have_attribute("src", first)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=MAKING)
    expect(page.locator(".soundscape")).to_have_count(1)


def test_an_unsaved_mix_is_replaced_only_after_a_question(open_page, server):
    page = open_page(Person(server))
    page.goto("/")
    page.get_by_role("button", name="Use a random image").click()
    volume = page.get_by_role("slider", name=re.compile("^Volume of")).first
    volume.press("ArrowLeft", timeout=MAKING)
    page.wait_for_selector("sound-mixer.changed")
    mine, questions = page.url, []
    page.once("dialog", lambda dialog: (questions.append(dialog.message), dialog.dismiss()))
    page.get_by_role("button", name="Try another random image").click()
    page.get_by_label("Choose an image").set_input_files(images(2))
    page.get_by_role("button", name="Create 2 soundscapes").click()  # replaces nothing
    expect(page.locator(".job")).to_have_count(2)
    expect(volume).to_have_value("-1")
    assert page.url == mine
    page.once("dialog", lambda dialog: (questions.append(dialog.message), dialog.accept()))
    page.get_by_role("button", name="Use a random image").click()
    page.wait_for_url(lambda url: url != mine)
    expect(page.locator("sound-mixer.changed")).to_have_count(0)
    assert questions == ["Leave this page? Your changes are not saved."] * 2


def test_a_photo_chosen_before_the_scripts_load_is_shown(open_page, server, photo_file):
    page = open_page(Person(server))
    held = []
    page.route("**/js/studio*.js", lambda route: held.append(route))
    with page.expect_request("**/js/studio*.js"):
        page.goto("/", wait_until="commit")
    page.get_by_label("Choose an image").set_input_files(photo_file)
    held[0].continue_()
    expect(page.locator("#preview")).to_be_visible()


def test_an_image_chosen_while_another_is_sent_stays_chosen(open_page, server):
    page = open_page(Person(server))
    page.goto("/")
    held, let_go = holding(page, "**/soundscapes/new/")
    chooser, first, second = page.get_by_label("Choose an image"), *images(2)
    chooser.set_input_files(first)
    create = page.get_by_role("button", name="Create soundscape")
    create.click()
    until_held(page, held)
    chooser.set_input_files(second)
    let_go()
    expect(page.locator("#result .soundscape")).to_be_visible()
    expect(page.locator("#chosen")).to_have_text("view 1.png")
    assert chooser.evaluate("input => input.files.length") == 1
    create.click()
    expect(page.locator("#chosen")).to_contain_text("or several")
    assert chooser.evaluate("input => input.files.length") == 0


def phone_photo() -> bytes:
    """Return a turned photo of 12 megapixels in the colours of a phone's display."""
    colours = np.random.default_rng(3).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    image = Image.fromarray(colours).resize((4000, 3000), Image.Resampling.BICUBIC)
    grain = Image.effect_noise(image.size, 20).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: a quarter turn
    buffer = io.BytesIO()
    mixed = Image.blend(image, grain, 0.2)
    mixed.save(buffer, "JPEG", quality=95, exif=exif, icc_profile=P3)
    return buffer.getvalue()


def test_a_large_photo_is_sent_small_upright_and_in_its_colours(open_page, server):
    data = phone_photo()
    by_page, by_program = Person(server), Person(server)
    page = open_page(by_page)
    page.goto("/")
    photo = {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": data}
    chooser = page.get_by_label("Choose an image")
    chooser.set_input_files(photo)
    size = "input => input.files[0].size"
    until(lambda: chooser.evaluate(size) < len(data) / 3, 30, "the smaller photo")
    page.get_by_role("button", name="Create soundscape").click()
    page.wait_for_selector("sound-player")
    by_program.post(
        f"{server.url}/api/v1/images/",
        files={"image": data},
        headers={"X-CSRFToken": by_program.cookies["csrftoken"]},
    )
    mine, theirs = (stored_image(person) for person in (by_page, by_program))
    assert mine.size == theirs.size == (1536, 2048)
    difference = np.abs(np.asarray(mine, dtype=float) - np.asarray(theirs, dtype=float))
    assert difference.mean() < 6  # of 255; two scalers and two JPEGs apart


WATCH = """() => {
    window.open = window.most = 0;
    const { createImageBitmap } = window;
    window.createImageBitmap = async (file) => {
        const bitmap = await createImageBitmap(file);
        const { close } = bitmap;
        bitmap.close = () => (window.open--, close.call(bitmap));
        window.most = Math.max(window.most, ++window.open);
        await new Promise((resolve) => setTimeout(resolve, 300));
        return bitmap;
    };
}"""


def test_large_photos_are_in_memory_one_after_another_and_none_is_sent_large(open_page, server):
    data = phone_photo()
    page = open_page(Person(server))
    page.add_init_script(f"({WATCH})()")
    page.goto("/")
    sent = []
    page.route("**/soundscapes/new/", lambda route: sent.append(route.request.post_data_buffer))
    photos = [{"name": f"IMG_{n}.jpg", "mimeType": "image/jpeg", "buffer": data} for n in range(2)]
    page.get_by_label("Choose an image").set_input_files(photos)
    until(lambda: page.evaluate("window.open"), 30, "the first photo")
    page.get_by_role("button", name="Create 2 soundscapes").click()
    page.get_by_role("button", name="Create 2 soundscapes").click()
    until(lambda: page.wait_for_timeout(20) or sent, 30, "the first upload")
    assert len(sent[0]) < len(data) / 3
    assert (page.evaluate("window.most"), page.evaluate("window.open")) == (1, 0)
    expect(page.locator(".job")).to_have_count(2)


def test_a_double_click_uploads_several_images_once(open_page, server):
    page = open_page(Person(server))
    page.goto("/")
    held, let_go = holding(page, "**/upload_queue*")
    page.get_by_label("Choose an image").set_input_files(images(2))
    page.get_by_role("button", name="Create 2 soundscapes").dblclick()
    until_held(page, held)
    let_go()
    expect(page.locator(".job")).to_have_count(2)


def stored_image(person: Person) -> Image.Image:
    images = person.get(f"{person.server.url}/api/v1/images/?origin=own").json()["results"]
    url = images[0]["url"]
    return Image.open(io.BytesIO(person.get(url).content)).convert("RGB")
