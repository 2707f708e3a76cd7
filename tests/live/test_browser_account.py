"""The account pages and the API's page in headless Chromium."""

from __future__ import annotations

import re
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

from tests.live.conftest import DESKTOP, PHONE, too_wide
from tests.live.server import Person

pytestmark = pytest.mark.slow


def test_an_export_is_packed_and_downloaded_as_a_zip(open_page, server, photo, tmp_path):
    person = Person(server)
    person.wait_until(person.make_soundscape(photo, duration=5), "ready")
    page = open_page(person)
    page.goto("/account/")
    page.get_by_role("button", name="Export data").click()
    link = page.get_by_role("link", name="Download ZIP file")
    expect(link).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        link.click()
    path = tmp_path / "all.zip"
    download.value.save_as(path)
    with ZipFile(path) as archive:
        assert archive.testzip() is None
        assert len([name for name in archive.namelist() if name.endswith("soundscape.flac")]) == 1


def test_an_account_is_deleted_with_its_files(open_page, server, photo):
    person = Person(server)
    generation = person.make_soundscape(photo, duration=5)
    person.wait_until(generation, "ready")
    folder = server.media / "generations" / generation
    assert folder.is_dir()
    page = open_page(person)
    page.goto("/account/")
    page.get_by_role("link", name="Delete account…").click()
    expect(page.get_by_role("list").filter(has_text="soundscape")).to_contain_text("1 soundscape")
    page.get_by_role("button", name="Delete account permanently").click()
    expect(page.get_by_role("status").first).to_contain_text("Your account was deleted.")
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    page.wait_for_timeout(100)
    for _second in range(60):
        if not folder.exists() and not _rows_of(server, person):
            break
        page.wait_for_timeout(1000)
    assert not folder.exists()
    assert _rows_of(server, person) == 0


def _rows_of(server, person) -> int:
    statement = (
        "SELECT count(*) FROM soundscapes_user "
        "WHERE username = ? OR deletion_requested_at IS NOT NULL"
    )
    return server.query(statement, person.name)[0][0]


@pytest.mark.once
def test_the_account_pages_fit_their_screen(open_page, server):
    paths = ("/account/email/", "/account/password/change/", "/account/delete/", "/account/")
    assert too_wide(open_page, Person(server), paths) == []


@pytest.mark.once
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_api_can_be_tried_out_without_external_resources(open_page, server, viewport):
    """`open_page` fails on anything loaded from another site."""
    page = open_page(Person(server), viewport=viewport)
    messages = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto("/api/v1/docs/")
    expect(page.get_by_role("heading", name=re.compile("^Soundscapes"))).to_be_visible()
    operations = page.locator(".opblock-summary")
    expect(operations.first).to_be_visible(timeout=30_000)
    assert operations.count() > 20
    me = page.locator("[id$='-getMe']")
    me.locator(".opblock-summary-control").click()
    me.get_by_role("button", name="Try it out").click()
    me.get_by_role("button", name="Execute").click()
    response = me.locator(".live-responses-table")
    expect(response).to_contain_text("200", timeout=30_000)
    expect(response).to_contain_text("storage")
    refused = [text for text in messages if "Content Security Policy" in text or "Refused" in text]
    assert refused == []
