"""The layout on wide and on narrow screens, and lists that are current."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.live.conftest import DESKTOP, PHONE
from tests.live.server import Person, manage, until

pytestmark = [pytest.mark.slow, pytest.mark.once]


def box(part) -> dict:
    found = part.bounding_box()
    assert found is not None
    return found


def test_a_layer_is_one_line_that_opens(page):
    layer = page.locator(".layer").first
    assert box(layer)["height"] < 80
    assert len(page.locator(".layer").all()) == 3
    expect(layer.locator(".position")).to_be_hidden()
    layer.locator(".layer-more > summary").click()
    expect(layer.locator(".position")).to_be_visible()
    before = layer.locator("select.layer-name").input_value()
    layer.get_by_role("button", name="Try another sound").click()
    until(lambda: layer.locator("select.layer-name").input_value() != before, 30, "another sound")
    expect(layer.locator(".position")).to_be_visible()
    expect(layer.get_by_role("button", name="Try another sound")).to_be_focused()


def test_the_image_stays_beside_open_layers(page):
    for fold in page.locator(".layer-more > summary, .why > summary").all():
        fold.click()
    image = page.locator(".soundscape figure img")
    last = page.locator(".layer").last
    last.scroll_into_view_if_needed()
    assert page.evaluate("scrollY") > 200
    expect(image).to_be_in_viewport(ratio=0.9)
    assert box(image)["x"] + box(image)["width"] <= box(last)["x"]


def test_the_player_is_the_largest_thing_above_the_layers(page):
    player, image = box(page.locator(".player")), box(page.locator(".soundscape figure img"))
    layers = box(page.locator(".layers"))
    assert player["width"] > 1.4 * max(image["width"], layers["width"])
    assert player["y"] < layers["y"] < DESKTOP["height"]


def test_the_header_is_one_row_on_a_phone(open_page, server):
    person = Person(server)
    script = f"from soundscapes.models import User; User.objects.filter(username='{person.name}')"
    manage(server.env, "shell", "-c", f"{script}.update(is_staff=True)")
    page = open_page(person, viewport=PHONE)
    page.goto("/")
    tops = [box(part)["y"] for part in page.locator("header nav > a").all()]
    assert len(tops) == 4
    assert box(page.locator("header.site"))["height"] < 70


def test_cards_are_on_the_first_screen_of_a_phone(open_page, person, soundscape):
    page = open_page(person, viewport=PHONE)
    page.goto("/soundscapes/")
    card = box(page.locator(".card").first)
    assert card["y"] + card["height"] / 2 < PHONE["height"]


@pytest.mark.parametrize("name", ["photo.jpg", "photo.heic"])
def test_create_stays_in_view_once_an_image_is_chosen(open_page, server, photo, name):
    page = open_page(Person(server), viewport={"width": 390, "height": 500})
    page.goto("/")
    page.get_by_label("Choose an image").set_input_files(
        {"name": name, "mimeType": "", "buffer": photo}
    )
    page.evaluate("scrollTo(0, 0)")
    expect(page.get_by_role("button", name="Create soundscape")).to_be_in_viewport(ratio=1)


def test_forms_fit_a_phone_with_text_of_twice_the_size(open_page, person):
    page = open_page(person, viewport=PHONE)
    page.goto("/")
    page.get_by_text("Length, mode and more").click()
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_saving_a_remix_fits_the_narrowest_screen(open_page, person, soundscape):
    page = open_page(person, viewport={"width": 320, "height": 640})
    page.goto(soundscape)
    page.locator(".gain").first.press("End")
    save = box(page.get_by_role("button", name="Save as remix"))
    actions = box(page.locator(".mixer-actions"))
    assert save["x"] + save["width"] <= actions["x"] + actions["width"]


def test_the_tokens_fit_a_phone(open_page, person):
    person.submit("/account/", name="a program with quite a long name on a phone")
    page = open_page(person, viewport=PHONE)
    page.goto("/account/")
    table = page.locator(".scroll").evaluate("node => node.scrollWidth - node.clientWidth")
    assert table == 0
    expect(page.get_by_role("button", name="Revoke a program")).to_be_visible()


def test_lists_are_brought_up_to_date_without_a_reload(open_page, server, photo):
    person = Person(server)
    page = open_page(person)
    page.goto("/")
    expect(page.locator(".starters")).to_be_visible()
    with server.without_workers():
        generation = person.make_soundscape(photo, duration=5)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.locator(f"#job-{generation}")).to_be_visible()
    expect(page.locator("#latest .card")).to_have_count(1, timeout=60_000)
    expect(page.locator(f"#job-{generation}")).to_contain_text("Ready · photo")
