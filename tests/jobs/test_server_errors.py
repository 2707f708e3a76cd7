"""What people and programs are told while the server itself is in trouble."""

import errno

import pytest
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.urls import reverse

from soundscapes.files.storage import WholeFileStorage
from soundscapes.jobs import server_errors
from tests import factories, sample_files
from tests.web.pages import inline_code


def away(*_args):
    raise OperationalError("server closed the connection unexpectedly")


@pytest.fixture
def browser(sign_in, owner):
    browser = sign_in(owner)
    browser.raise_request_exception = False
    return browser


@pytest.fixture
def full_disk(monkeypatch):
    """Every file is refused as a full disk refuses it."""

    def refuse(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(WholeFileStorage, "_save", refuse)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left"), server_errors.DISK_FULL),
        (OSError(errno.EDQUOT, "Quota exceeded"), server_errors.DISK_FULL),
        (OperationalError("database or disk is full"), server_errors.DISK_FULL),
        (
            OperationalError("could not extend: No space left on device"),
            server_errors.DISK_FULL,
        ),
        (OperationalError("database is locked"), server_errors.DATABASE_AWAY),
        (OperationalError("connection refused"), server_errors.DATABASE_AWAY),
        (OSError(errno.ENOENT, "No such file"), None),
        (ValueError("full"), None),
    ],
)
def test_the_server_s_errors_are_told_from_mistakes(error, words):
    assert server_errors.words_of(error) == words


@pytest.mark.django_db
def test_a_table_that_is_not_there_is_a_mistake():
    with pytest.raises((OperationalError, ProgrammingError)) as error, transaction.atomic():
        connection.cursor().execute("SELECT * FROM nowhere")
    assert server_errors.words_of(error.value) is None


def test_a_page_says_that_the_database_is_away_and_asks_nothing_of_it(browser):
    with connection.execute_wrapper(away):
        answer = browser.get(reverse("history"))
    assert answer.status_code == 503
    assert server_errors.DATABASE_AWAY in answer.text.replace("&#x27;", "'")
    assert answer["Retry-After"]
    assert inline_code(answer.text) == []


def test_a_program_is_told_so_as_a_problem(api):
    api.raise_request_exception = False
    with connection.execute_wrapper(away):
        answer = api.get("/api/v1/generations/")
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == server_errors.DATABASE_AWAY
    assert answer["Retry-After"]


def test_what_follows_a_job_stays_as_it_is_and_asks_again(browser, owner):
    generation = factories.GenerationFactory(owner=owner)
    with connection.execute_wrapper(away):
        answer = browser.get(
            reverse("soundscape_status", args=[generation.pk]), headers={"HX-Request": "true"}
        )
    assert (answer.status_code, answer["HX-Reswap"]) == (503, "none")


@pytest.mark.usefixtures("full_disk")
def test_a_photo_that_has_no_room_is_refused_beside_the_form(browser, stored):
    photo = sample_files.upload(sample_files.photo())
    answer = browser.post(reverse("create"), {"image": photo}, headers={"HX-Request": "true"})
    assert answer.status_code == 503
    assert "disk is full" in answer.text
    assert answer["HX-Retarget"] == "#main"
    assert answer["HX-Reswap"].startswith("afterbegin")
    assert stored() == set()


@pytest.mark.usefixtures("full_disk")
def test_a_program_whose_photo_has_no_room_may_send_it_again(api, stored):
    api.raise_request_exception = False
    answer = api.post("/api/v1/images/", {"image": sample_files.upload(sample_files.photo())})
    assert answer.status_code == 503
    assert answer.json()["detail"] == server_errors.DISK_FULL
    assert stored() == set()


def test_another_failure_is_no_trouble_of_the_server_s(browser, monkeypatch):
    from soundscapes.web import studio

    def broken():
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(studio, "current_encoder", broken)
    assert browser.get(reverse("studio")).status_code == 500
