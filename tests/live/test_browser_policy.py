"""No page of the site, the admin or the API docs violates its content security policy."""

from __future__ import annotations

import pytest

from tests.live.server import Person, manage

pytestmark = [pytest.mark.slow, pytest.mark.once]

PROMOTE = """
from soundscapes.models import User
User.objects.filter(username="{name}").update(is_staff=True, is_superuser=True)
"""
LISTS = ("imageset", "image", "category", "clip", "batchjob", "generation", "user", "apitoken")
PAGES = (
    "/",
    "/soundscapes/",
    "/account/",
    "/account/password/change/",
    "/account/recordings/",
    "/api/v1/docs/",
    "/admin/",
    "/admin/metrics/",
    "/admin/soundscapes/imageset/add/",
    "/admin/soundscapes/image/upload/",
    "/admin/soundscapes/clip/upload/",
    "/admin/soundscapes/clip/esc50/",
    "/admin/soundscapes/category/1/change/",
    "/admin/soundscapes/user/1/change/",
    "/admin/django_q/schedule/",
    *(f"/admin/soundscapes/{name}/" for name in LISTS),
)


@pytest.fixture(scope="module")
def administrator(server) -> Person:
    person = Person(server)
    manage(server.env, "shell", "-v0", "-c", PROMOTE.format(name=person.name))
    return person


def test_the_console_stays_empty_on_every_page(open_page, administrator):
    browser = open_page(administrator, service_workers="allow").context
    messages: list[str] = []
    browser.on(
        "console",
        lambda message: (
            messages.append(f"{message.page.url}: {message.text}")
            if message.type in ("error", "warning")
            else None
        ),
    )
    browser.on("weberror", lambda trouble: messages.append(f"{trouble.page.url}: {trouble.error}"))
    page = browser.new_page()
    for path in PAGES:
        # The administration's scripts request nothing once they have run.
        until = "load" if path.startswith("/admin/") else "networkidle"
        response = page.goto(path, wait_until=until)
        assert response.status == 200, path
        assert "unsafe" not in response.headers["content-security-policy"]
    assert messages == []


def test_an_inline_script_would_not_run(open_page, administrator):
    page = open_page(administrator)
    page.goto("/")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), "
        "{textContent: 'window.ran = true'}))"
    )
    assert page.evaluate("window.ran") is None
