"""Passkeys in headless Chromium, with the authenticator that it simulates."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.live.server import Person

pytestmark = [pytest.mark.slow, pytest.mark.once]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def plug_in(page: Page) -> None:
    """Give the browser an authenticator that confirms every request."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page).to_have_url("/")


def test_a_passkey_signs_in_until_it_is_removed(open_page, server):
    person = Person(server)
    page = open_page(person)
    plug_in(page)
    page.goto("/account/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("My laptop")
    page.locator("#mfa_webauthn_add").click()
    expect(page).to_have_url("/account/2fa/recovery-codes/")

    sign_out(page)
    page.goto("/soundscapes/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url("/soundscapes/")

    page.goto("/account/2fa/webauthn/")
    row = page.get_by_role("row", name="My laptop")
    expect(row).to_contain_text("passkey")
    row.get_by_role("link", name="Remove").click()
    page.get_by_label("Password").fill(person.password)
    page.get_by_label("Password").press("Enter")
    page.get_by_role("main").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("no passkeys yet")).to_be_visible()

    sign_out(page)
    page.goto("/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("The code or key was not accepted.")).to_be_visible()


def test_a_prompt_that_is_closed_leaves_a_message(open_page):
    page = open_page()
    page.add_init_script(
        """navigator.credentials.get = async () => {
            throw new DOMException("", "NotAllowedError");
        };"""
    )
    page.goto("/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("prompt was closed")


def test_a_passkey_is_added_while_something_plays(open_page, server, photo):
    person = Person(server)
    person.wait_until(person.make_soundscape(photo, duration=5), "ready")
    page = open_page(person)
    plug_in(page)
    page.goto("/soundscapes/")
    page.locator(".card-play").click()
    page.wait_for_selector(".mini-player[data-state=playing]")
    page.get_by_role("link", name="Account").click()
    page.get_by_role("link", name="Manage two-factor sign-in").click()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("My laptop")
    page.locator("#mfa_webauthn_add").click()
    expect(page).to_have_url("/account/2fa/recovery-codes/")
