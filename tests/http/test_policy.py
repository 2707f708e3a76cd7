"""The site's content security policy, and limits of requests.

test_access.py checks that every URL obeys the policy.
"""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from soundscapes.http.policy import POLICY
from soundscapes.models import State
from soundscapes.web import studio
from tests import factories, sample_files
from tests.web.pages import inline_code

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def assert_obeys(answer, status=200):
    assert answer.status_code == status
    assert answer["Content-Security-Policy"] == POLICY
    assert inline_code(answer.text) == []


def test_inline_code_is_detected():
    html = '<p style="x"><script>1</script><a href="javascript:1" onclick="1"><style></style>'
    assert inline_code(html) == ["p[style]", "script", "a[href]", "a[onclick]", "style"]
    assert inline_code('<script src="/x.js"></script><script type="application/json">') == []


def test_pages_disable_device_features_and_hide_the_referrer(client):
    answer = client.get(reverse("studio"))
    features = answer["Permissions-Policy"].split(", ")
    assert {"camera=()", "microphone=()", "geolocation=()"} <= set(features)
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"


def test_the_page_of_recordings_alone_may_ask_for_the_microphone(sign_in, owner):
    answer = sign_in(owner).get(reverse("recordings"))
    assert "microphone=(self)" in answer["Permissions-Policy"].split(", ")
    assert "camera=()" in answer["Permissions-Policy"].split(", ")


def test_the_policy_allows_no_other_origin():
    directives = dict(part.split(" ", 1) for part in POLICY.split("; "))
    assert directives["default-src"] == "'self'"
    assert directives["object-src"] == "'none'"
    assert directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in POLICY
    assert not {"worker-src", "manifest-src"} & set(directives)  # so default-src holds for them
    assert "http" not in POLICY


@pytest.mark.parametrize(
    "fields",
    [{"ready": True}, {"state": State.FAILED, "error": "No."}, {"state": State.RENDERING}],
    ids=["ready", "failed", "rendering"],
)
def test_a_soundscape_obeys_in_every_state(sign_in, owner, fields):
    generation = factories.GenerationFactory(owner=owner, **fields)
    factories.LayerFactory.create_batch(2, generation=generation)
    browser = sign_in(owner)
    assert_obeys(browser.get(generation.get_absolute_url()))
    assert_obeys(browser.get(reverse("soundscape_status", args=[generation.pk])))


def test_pages_of_errors_obey(sign_in, owner):
    browser = sign_in(owner)
    assert_obeys(browser.post(reverse("create")), 400)
    assert_obeys(browser.get("/nowhere/"), 404)
    strict = Client(enforce_csrf_checks=True)
    assert_obeys(strict.post(reverse("account_login")), 403)


def test_a_server_error_page_obeys_and_says_what_to_do(sign_in, owner, monkeypatch):
    def broken():
        raise RuntimeError("a secret of the server")

    monkeypatch.setattr(studio, "current_encoder", broken)
    browser = sign_in(owner)
    browser.raise_request_exception = False
    answer = browser.get(reverse("studio"))
    assert_obeys(answer, 500)
    assert "try again" in answer.text
    assert "secret" not in answer.text


def test_too_many_files_are_refused_with_a_message(sign_in, owner, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    chosen = [sample_files.upload(sample_files.photo()) for _ in range(3)]
    answer = sign_in(owner).post("/soundscapes/new/", {"image": chosen})
    assert answer.status_code == 400
    assert "more than 1,000 files" in answer.text


def test_a_form_may_lead_to_the_proxy_that_signs_out():
    """Browsers apply `form-action` to the redirect after a form, too."""
    code = (
        "import django; django.setup(); from soundscapes.http.policy import POLICY as p; print(p)"
    )
    url = "https://auth.example.org/logout?rd=1"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "SOUNDSCAPES_AUTH_HEADER_SIGN_OUT": url},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "form-action 'self' https://auth.example.org;" in done.stdout
