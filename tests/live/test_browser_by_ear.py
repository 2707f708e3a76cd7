"""The image by ear: places are explored with keys or touch, and what sounds there comes forward."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.live.server import until

pytestmark = [pytest.mark.slow, pytest.mark.once]

LEVELS = """[...document.querySelector("sound-player").playback.loop.layers.values()]
    .map((layer) => layer.gain.value)"""
CELLS = """[...document.querySelectorAll(".heat")].flatMap((heat) => [...heat.children]
    .filter((cell) => Number(cell.getAttribute("opacity")) >= 0.25)
    .map((cell) => [cell.x.baseVal.value, cell.y.baseVal.value, heat.dataset.label]))"""
SIZE = """(({ width, height }) => [width, height])(
    document.querySelector(".heat").viewBox.baseVal)"""


@pytest.fixture
def image(page: Page):
    return page.get_by_role("application", name="The image by ear")


def said(page: Page) -> str:
    return page.locator("image-by-ear [role=status]").text_content()


def test_arrow_keys_move_over_the_image_and_say_what_sounds_there(page, image):
    columns, rows = page.evaluate(SIZE)
    image.focus()
    for _ in range(columns):
        image.press("ArrowLeft")
    for _ in range(rows):
        image.press("ArrowUp")
    assert said(page).endswith(f"Column 1 of {columns}, row 1 of {rows}.")
    image.press("ArrowRight")
    assert f"Column 2 of {columns}, row 1 of {rows}." in said(page)


def test_what_sounds_at_a_touched_place_comes_forward_until_one_leaves(page, image):
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector("[data-state=playing]")
    cells = page.evaluate(CELLS)
    places = [(column, row) for column, row, _label in cells]
    column, row, label = next(cell for cell in cells if places.count((cell[0], cell[1])) == 1)
    columns, rows = page.evaluate(SIZE)
    box = image.bounding_box()
    x, y = box["width"] * (column + 0.5) / columns, box["height"] * (row + 0.5) / rows
    image.click(position={"x": x, "y": y}, force=True)
    assert label in said(page)
    until(lambda: min(page.evaluate(LEVELS)) < 0.3 < 0.9 < max(page.evaluate(LEVELS)), 30, "levels")
    page.get_by_role("slider", name="Playback position").focus()
    until(lambda: min(page.evaluate(LEVELS)) > 0.9, 30, "all of them")


def test_it_is_said_aloud_if_somebody_asks(page, image):
    page.evaluate("() => { speechSynthesis.speak = ({ text }) => (window.spoken = text); }")
    image.focus()
    assert page.evaluate("window.spoken") is None
    page.get_by_role("checkbox", name="Say it aloud").check(force=True)
    image.focus()
    image.press("ArrowDown")
    assert said(page).startswith(page.evaluate("window.spoken"))
    page.reload()
    expect(page.get_by_role("checkbox", name="Say it aloud")).to_be_checked()
