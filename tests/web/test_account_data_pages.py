"""Exporting and deleting an account, and limits on pages."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.urls import reverse
from django.utils import timezone

from soundscapes.accounts import exports
from soundscapes.limits import quotas, storage
from soundscapes.models import Export, State, User
from soundscapes.models.exports import KEPT_FOR
from tests import factories
from tests.queue import waiting, work_off
from tests.web.pages import inline_code

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def file_of(export) -> str:
    return reverse("export_file", args=[export.pk])


# Export


def test_an_export_is_created_shown_and_downloaded(browser, owner):
    image = factories.ImageFactory(owner=owner)
    assert browser.post(reverse("create_export")).url == reverse("account")
    page = browser.get(reverse("account"))
    assert "hx-get" in page.text
    assert work_off() == []
    export = Export.objects.get()
    page = browser.get(reverse("account"))
    assert f"{file_of(export)}?download" in page.text
    answer = browser.get(f"{file_of(export)}?download")
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "private" in answer["Cache-Control"]
    assert answer.streaming
    archive = ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert [name for name in archive.namelist() if image.title in name]


def test_an_interrupted_download_resumes(browser, owner):
    export = exports.request_export(owner)
    work_off()
    export.refresh_from_db()
    part = browser.get(file_of(export), headers={"range": "bytes=10-19"})
    assert part.status_code == 206
    with export.file.open() as file:
        assert b"".join(part.streaming_content) == file.read()[10:20]


def test_an_export_is_private_to_its_owner(browser, client, sign_in, program, owner, stranger):
    export = factories.ExportFactory(owner=owner)
    assert sign_in(stranger).get(file_of(export)).status_code == 404
    assert client.get(file_of(export)).status_code == 401
    assert program(owner, scope="read").get(file_of(export)).status_code == 200
    assert browser.get(reverse("export_file", args=[uuid4()])).status_code == 404
    assert browser.post(file_of(export)).status_code == 405


@pytest.mark.parametrize("fields", [{"state": State.RENDERING}, {"age": KEPT_FOR}])
def test_unfinished_and_expired_exports_are_not_served(browser, owner, fields):
    export = factories.ExportFactory(owner=owner, state=fields.get("state", State.READY))
    finished = timezone.now() - fields.get("age", timedelta())
    Export.objects.update(finished_at=finished)
    assert browser.get(file_of(export)).status_code == 404
    assert file_of(export) not in browser.get(reverse("account")).text


def test_the_page_polls_until_the_export_ends(browser, owner):
    export = exports.request_export(owner)
    Export.objects.update(progress=40, stage="Packing 2 of 5")
    fragment = browser.get(reverse("export_status"), **HTMX)
    assert 'value="40"' in fragment.text
    assert "Packing 2 of 5" in fragment.text
    assert "hx-trigger" in fragment.text
    assert "<html" not in fragment.text
    Export.objects.filter(pk=export.pk).update(state=State.FAILED, error="The disk is full.")
    fragment = browser.get(reverse("export_status"), **HTMX)
    assert "The disk is full." in fragment.text
    assert "Try again" in fragment.text
    assert "hx-trigger" not in fragment.text


def test_an_export_can_be_cancelled_and_deleted(browser, owner):
    exports.request_export(owner)
    assert "Export data" in browser.post(reverse("delete_export"), **HTMX).text
    assert work_off() == []
    assert not Export.objects.exists()
    assert browser.post(reverse("delete_export")).url == reverse("account")


@pytest.mark.parametrize("name", ["create_export", "delete_export"])
def test_exporting_requires_sign_in_and_post(client, browser, name):
    assert client.post(reverse(name)).url.startswith(reverse("account_login"))
    assert browser.get(reverse(name)).status_code == 405


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_too_many_exports_are_rejected_with_a_message(browser, owner, settings, headers):
    settings.QUOTAS = settings.QUOTAS | {"generate": (0, 3600)}
    answer = browser.post(reverse("create_export"), **headers)
    assert answer.status_code == 429
    assert "Try again in" in answer.text


# Deleting the account


def delete(browser):
    return browser.post(reverse("delete_account"))


def test_the_page_counts_what_is_deleted(browser, owner, stranger):
    factories.GenerationFactory.create_batch(3, owner=owner, ready=True, is_favourite=True)
    factories.GenerationFactory(owner=stranger, ready=True)
    factories.ApiTokenFactory(user=owner)
    owner.images.update(size=2 * 10**9)
    page = browser.get(reverse("delete_account"))
    assert "<strong>3</strong> soundscapes, including 3 favourites" in page.text
    assert "<strong>3</strong> uploaded images" in page.text
    assert "<strong>6 GB</strong>" in page.text
    assert "<strong>1</strong> API token." in page.text
    assert inline_code(page.text) == []
    assert "no-store" in page["Cache-Control"]


def test_deleting_requires_the_password_again(browser, owner):
    assert delete(browser).url.startswith(reverse("account_reauthenticate"))
    for password in ("wrong", "", "nul\0"):
        answer = browser.post(reverse("account_reauthenticate"), {"password": password})
        assert "field-error" in answer.text
    assert delete(browser).url.startswith(reverse("account_reauthenticate"))
    owner.refresh_from_db()
    assert owner.is_active
    assert waiting() == []


def test_the_account_is_locked_immediately_and_deleted_soon(browser, prove, client):
    answer = delete(prove(browser))
    assert answer.url == reverse("studio")
    page = browser.get(answer.url)
    assert "Your account was deleted." in page.text
    assert reverse("account_login") in page.text
    fields = {"login": "owner", "password": factories.PASSWORD}
    assert "correct username" in client.post(reverse("account_login"), fields).text
    assert work_off() == []
    assert not User.objects.exists()


def test_all_that_ends_with_the_account_is_counted(browser, owner):
    link = factories.ShareLinkFactory(generation__owner=owner)
    factories.ShareLinkFactory()
    factories.ShareLinkFactory(generation=link.generation)
    factories.StreamFactory(generation=link.generation)
    factories.FeedFactory(owner=owner)
    factories.WebhookFactory(owner=owner)
    page = browser.get(reverse("delete_account")).text
    rows = re.findall(r"<strong>(\d)</strong> (share|stream|podcast|webhook)", page)
    assert rows == [("2", "share"), ("1", "stream"), ("1", "podcast"), ("1", "webhook")]


def test_the_last_administrator_cannot_leave(sign_in, prove, administrator):
    answer = delete(prove(sign_in(administrator)))
    assert answer.status_code == 409
    assert "Make another active user a superuser" in answer.text
    administrator.refresh_from_db()
    assert administrator.is_active


def test_deleting_requires_sign_in(client):
    assert client.get(reverse("delete_account")).url.startswith(reverse("account_login"))


# Limits


def test_the_account_shows_every_limit_as_a_meter_with_text(browser, owner, settings):
    settings.STORAGE_LIMIT = 10**9
    factories.ImageFactory(owner=owner, size=250_000_000)
    quotas.charge(owner, quotas.Kind.GENERATE)
    page = browser.get(reverse("account")).text
    assert "250 MB of 1 GB" in page
    assert 'max="1000000000" high="800000000" optimum="0" value="250000000"' in page
    limit, _window = settings.QUOTAS["generate"]
    assert f"1 of {limit} within an hour" in page


def test_the_studio_shows_only_limits_that_are_near(browser, owner, settings):
    settings.STORAGE_LIMIT = 1000
    image = factories.ImageFactory(owner=owner, size=799)
    assert "<meter" not in browser.get(reverse("studio")).text
    image.size = 800
    image.save()
    page = browser.get(reverse("studio")).text
    assert page.count("<meter") == 1
    assert "Delete soundscapes to free storage" in page


def test_the_studio_needs_at_most_twelve_queries(browser, owner, queries_of):
    for number in range(6):
        generation = factories.GenerationFactory(owner=owner, ready=number % 2 == 0)
        factories.LayerFactory(generation=generation)
    factories.ImageFactory(owner=owner, size=10**12)
    assert queries_of(lambda: browser.get(reverse("studio"))) <= 12


def test_an_account_without_email_is_warned(browser, owner):
    assert "you cannot reset it yourself" in browser.get(reverse("account")).text
    User.objects.filter(pk=owner.pk).update(email="owner@example.org")
    page = browser.get(reverse("account")).text
    assert "you cannot reset it yourself" not in page
    assert "owner@example.org" in page
    assert storage.usage(owner).used == 0
