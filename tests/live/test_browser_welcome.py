"""The welcome page, which visitors see and hear before they have an account."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.live.conftest import DESKTOP, PHONE

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.usefixtures("welcome_scene")]


def test_a_visitor_hears_a_soundscape_with_one_click(open_page):
    page = open_page()
    page.goto("/")
    page.get_by_role("button", name="Play").click()
    page.wait_for_selector(".mini-player[data-state=playing]")
    page.get_by_role("link", name="Create an account").click()
    expect(page.get_by_label("Username")).to_be_visible()
    page.wait_for_selector(".mini-player[data-state=playing]")  # it goes on meanwhile


def test_a_visitor_s_first_page_is_smaller_than_100_kb(open_page):
    page = open_page()
    responses = []
    page.on("response", lambda response: responses.append(response))
    page.goto("/", wait_until="networkidle")
    weights = {response.url: len(response.body()) for response in responses}
    assert any("thumbnail" in url for url in weights)
    assert sum(weights.values()) < 100_000, weights


@pytest.mark.parametrize("screen", [PHONE, DESKTOP])
def test_it_fits_its_screen(open_page, screen):
    page = open_page(viewport=screen)
    page.goto("/")
    expect(page.locator(".sample img")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"]
