"""Quotas: one for each kind of request, counted together by all processes."""

import re
import subprocess
import sys

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from soundscapes.limits import quotas
from tests import factories, sample_files

pytestmark = pytest.mark.django_db


@pytest.fixture
def _small(settings):
    settings.QUOTAS = {
        "read": (5, 3600),
        "upload": (1, 3600),
        "generate": (1, 3600),
        "sign_in": (2, 3600),
        "account": (3, 3600),
    }


def send(api):
    data = {"image": sample_files.upload(sample_files.photo())}
    return api.post("/api/v1/images/", data, format="multipart")


@pytest.mark.usefixtures("_small")
def test_beyond_the_quota_it_is_429_and_when_to_come_back(api, program, stranger):
    for _number in range(5):
        assert api.get("/api/v1/categories/").status_code == 200
    answer = api.get("/api/v1/categories/")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert answer.json()["type"].endswith("/quota-exceeded/")
    assert "reading" in answer.json()["detail"]
    assert program(stranger).get("/api/v1/categories/").status_code == 200


@pytest.mark.usefixtures("_small")
def test_every_request_counts_and_what_makes_work_counts_besides(api, owner):
    image = factories.ImageFactory(owner=owner)
    assert send(api).status_code == 202
    assert send(api).status_code == 429
    body = {"image": str(image.pk)}
    assert api.post("/api/v1/generations/", body, format="json").status_code == 202
    assert api.post("/api/v1/generations/", body, format="json").status_code == 429
    left = {quota["kind"]: quota["remaining"] for quota in api.get("/api/v1/me/").json()["quotas"]}
    assert left == {"read": 0, "upload": 0, "generate": 0}


@pytest.mark.usefixtures("_small")
def test_what_is_refused_or_there_already_makes_no_work(api, owner):
    image = factories.ImageFactory(owner=owner)
    body = {"image": str(image.pk), "duration": 10**6}
    assert api.post("/api/v1/generations/", body, format="json").status_code == 400
    headers = {"Idempotency-Key": "once"}
    body = {"image": str(image.pk)}
    for _number in range(2):
        answer = api.post("/api/v1/generations/", body, format="json", headers=headers)
        assert answer.status_code == 202


def test_a_full_storage_is_403_in_words(api, owner, settings):
    settings.STORAGE_LIMIT = 1000
    image = factories.ImageFactory(owner=owner, size=400)
    storage = api.get("/api/v1/me/").json()["storage"]
    assert storage == {"used": 400, "limit": 1000}
    answers = [
        send(api),
        api.post("/api/v1/generations/", {"image": str(image.pk)}, format="json"),
        api.get("/generate_audio", {"image": image.pk}),
        api.post(
            "/upload_image",
            {"image": sample_files.upload(sample_files.photo())},
            format="multipart",
        ),
    ]
    for answer in answers:
        assert answer.status_code == 403
        assert answer.json()["type"].endswith("/storage-full/")
        assert "Delete soundscapes" in answer.json()["detail"]


@pytest.mark.usefixtures("_small")
def test_hearing_a_soundscape_again_is_no_generating(api, owner, settings):
    settings.API_WAIT_SECONDS = 0
    settings.QUOTAS = settings.QUOTAS | {"read": (100, 3600)}
    first, second = (factories.ImageFactory(owner=owner) for _ in range(2))
    for _number in range(2):
        assert api.get("/generate_audio", {"image": first.pk}).status_code == 202
    assert api.get("/generate_audio", {"image": second.pk}).status_code == 429


@pytest.mark.usefixtures("_small")
def test_passwords_are_not_guessed_for_ever(client, owner):
    form = {"username": owner.username, "password": "wrong"}
    for path in (reverse("login"), reverse("admin:login")):
        assert client.post(path, form).status_code == 200
    refused = client.post(reverse("login"), form | {"password": factories.PASSWORD})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert client.get(reverse("login")).status_code == 200
    assert client.post(reverse("login"), form, REMOTE_ADDR="192.0.2.7").status_code == 200


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("name", ["login", "admin:login"])
def test_an_account_s_password_is_not_guessed_from_many_addresses(client, owner, name):
    def sign_in(number, **fields):
        form = {"username": owner.username, "password": "wrong"} | fields
        return client.post(reverse(name), form, REMOTE_ADDR=f"192.0.2.{number}").status_code

    assert [sign_in(number) for number in range(4)] == [200, 200, 200, 429]
    assert sign_in(5, password=factories.PASSWORD) == 429
    assert sign_in(6, username=owner.username.upper()) == 429
    assert sign_in(7, username="somebody else") == 200


@pytest.mark.usefixtures("_small")
def test_who_knows_the_password_may_mistype_it_again(owner):
    form = {"username": owner.username}
    for number in range(6):
        wrong = factories.PASSWORD if number % 3 == 2 else "wrong"
        answer = Client().post(
            reverse("login"), form | {"password": wrong}, REMOTE_ADDR=f"192.0.2.{number}"
        )
        assert answer.status_code == (302 if number % 3 == 2 else 200)


@pytest.mark.usefixtures("_small")
def test_a_refusal_to_sign_in_says_when_to_come_back(client):
    form = {"username": "nobody", "password": "wrong"}
    answers = [client.post(reverse("login"), form) for _number in range(3)]
    assert re.search(r"quota for signing in \(.*\) is used up. Try again in", answers[-1].text)


@pytest.mark.usefixtures("_small")
def test_tokens_are_not_guessed_for_ever_and_known_ones_keep_working(api):
    guess = {"Authorization": "Bearer " + "0" * 64}
    statuses = [APIClient().get(reverse("api_me"), headers=guess).status_code for _ in range(3)]
    assert statuses == [401, 401, 429]
    assert api.get(reverse("api_me")).status_code == 200


@pytest.mark.usefixtures("_small")
def test_behind_a_proxy_it_is_the_client_s_address_that_counts(client, settings):
    settings.PROXIES = 1
    for number in range(4):
        forged = {"X-Forwarded-For": f"192.0.2.{number}, 198.51.100.1"}
        form = {"username": f"somebody {number}", "password": "wrong"}
        answer = client.post(reverse("login"), form, headers=forged)
        assert answer.status_code == (200 if number < 2 else 429)


def test_who_is_not_signed_in_uses_up_nothing(owner):
    APIClient().get("/api/v1/me/")
    assert {quota.remaining == quota.limit for quota in quotas.left(owner)} == {True}


COUNT = """
import sys
from django.utils.module_loading import import_string
backend, location, prefix = sys.argv[1:]
cache = import_string(backend)(location, {"KEY_PREFIX": prefix})
cache.add("n", 0)
for _ in range(200):
    cache.incr("n")
"""


def test_processes_count_together_and_lose_none(settings):
    """In files, and in Redis where there is one."""
    used = settings.CACHES["default"]
    command = [sys.executable, "-c", COUNT, used["BACKEND"], used["LOCATION"], used["KEY_PREFIX"]]
    processes = [
        subprocess.Popen(command, env={"DJANGO_SETTINGS_MODULE": "tests.settings"})
        for _number in range(3)
    ]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert cache.get("n") == 600


def test_a_counter_that_is_not_there_cannot_be_raised():
    with pytest.raises(ValueError, match="not found"):
        cache.incr("nothing")
