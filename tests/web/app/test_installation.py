"""Manifest, service worker, offline page and share target."""

import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import resolve, reverse
from PIL import Image

from soundscapes.web.app.installation import shell
from tests import sample_files

pytestmark = pytest.mark.django_db


@pytest.fixture
def manifest(client):
    answer = client.get("/app.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    return answer.json()


def found(url):
    return finders.find(url.removeprefix("/static/"))


def test_every_page_links_the_manifest(client):
    assert '<link rel="manifest" href="/app.webmanifest">' in client.get("/").text


def test_the_icons_have_the_sizes_that_the_manifest_says(manifest):
    icons = manifest["icons"]
    assert {icon["purpose"] for icon in icons} == {"any", "maskable"}
    for icon in icons:
        with Image.open(found(icon["src"])) as image:
            assert icon["sizes"] == f"{image.width}x{image.height}"
            assert image.format == "PNG"


def test_a_maskable_icon_fills_its_corners():
    with Image.open(finders.find("img/icon-maskable-512.png")) as image:
        assert image.convert("RGBA").getpixel((0, 0)) == (15, 109, 106, 255)


def test_the_shortcuts_and_the_share_target_lead_to_pages(manifest):
    urls = [shortcut["url"] for shortcut in manifest["shortcuts"]]
    for url in [manifest["start_url"], manifest["share_target"]["action"], *urls]:
        assert resolve(url.partition("?")[0])


def test_the_shortcut_to_the_camera_asks_for_a_photo(sign_in, owner):
    browser = sign_in(owner)
    assert "capture=" not in browser.get("/").text
    page = browser.get("/?photo").text
    assert 'capture="environment"' in page
    assert "Take a photo" in page


def test_the_service_worker_may_control_the_whole_site_and_is_not_cached(client):
    answer = client.get("/service-worker.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache"
    facts = json.loads(re.match(r"self\.site = (.*);\n", answer.text)[1])
    assert facts["offline"] == "/offline/"
    assert 'importScripts("/static/js/service_worker.js")' in answer.text


def test_the_shell_has_every_file_that_pages_need_offline():
    assert all(finders.find(name) for name in shell())
    assert {"css/site.css", "js/site.js", "js/loop_player.js", "img/icon.svg"} <= set(shell())
    assert not {"js/service_worker.js", "css/admin.css"} & set(shell())


def test_the_offline_page_is_the_same_for_everybody(client, sign_in, owner):
    page = sign_in(owner).get("/offline/")
    assert page.text == client.get("/offline/").text
    assert "data-person" not in page.text
    assert "csrf" not in page.text


def test_pages_say_whose_they_are(client, sign_in, owner):
    assert 'data-person=""' in client.get("/").text
    assert f'data-person="{owner.pk}"' in sign_in(owner).get("/").text


def test_an_image_shared_without_a_service_worker_is_explained(sign_in, owner):
    strict = Client(enforce_csrf_checks=True)
    shared = {"image": sample_files.upload(sample_files.photo())}
    assert reverse("account_login") in strict.post("/receive/", shared).text
    assert "choose the image there" in sign_in(owner).get("/receive/").text
    assert not owner.images.exists()


def test_a_visitor_is_asked_to_sign_in_to_use_a_shared_image(client):
    page = client.get("/?received").text
    assert "Your image is here" in page
    assert f"{reverse('account_login')}?next=/%3Freceived" in page
    assert "Your image is here" not in client.get("/").text
