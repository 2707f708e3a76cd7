"""Error messages while the disk is full or the database is unavailable."""

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
    """Refuse every file as a full disk does."""

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
def test_server_failures_are_distinguished_from_bugs(error, words):
    assert server_errors.words_of(error) == words


@pytest.mark.django_db
def test_a_missing_table_is_a_bug():
    with pytest.raises((OperationalError, ProgrammingError)) as error, transaction.atomic():
        connection.cursor().execute("SELECT * FROM nowhere")
    assert server_errors.words_of(error.value) is None


def test_a_page_reports_an_unavailable_database_without_a_query(browser):
    with connection.execute_wrapper(away):
        answer = browser.get(reverse("history"))
    assert answer.status_code == 503
    assert server_errors.DATABASE_AWAY in answer.text.replace("&#x27;", "'")
    assert answer["Retry-After"]
    assert inline_code(answer.text) == []


def test_an_unavailable_database_is_a_problem_in_the_api(api):
    api.raise_request_exception = False
    with connection.execute_wrapper(away):
        answer = api.get("/api/v1/generations/")
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == server_errors.DATABASE_AWAY
    assert answer["Retry-After"]


def test_job_status_keeps_polling_during_an_outage(browser, owner):
    generation = factories.GenerationFactory(owner=owner)
    with connection.execute_wrapper(away):
        answer = browser.get(
            reverse("soundscape_status", args=[generation.pk]), headers={"HX-Request": "true"}
        )
    assert (answer.status_code, answer["HX-Retarget"]) == (503, "#notices")


@pytest.mark.usefixtures("full_disk")
def test_an_upload_to_a_full_disk_is_refused_beside_the_form(browser, stored):
    photo = sample_files.upload(sample_files.photo())
    answer = browser.post(reverse("create"), {"image": photo}, headers={"HX-Request": "true"})
    assert answer.status_code == 503
    assert "disk is full" in answer.text
    assert answer["HX-Retarget"] == "#notices"
    assert stored() == set()


@pytest.mark.usefixtures("full_disk")
def test_an_api_upload_to_a_full_disk_can_be_repeated(api, stored):
    api.raise_request_exception = False
    answer = api.post("/api/v1/images/", {"image": sample_files.upload(sample_files.photo())})
    assert answer.status_code == 503
    assert answer.json()["detail"] == server_errors.DISK_FULL
    assert stored() == set()


def test_other_errors_are_500(browser, monkeypatch):
    from soundscapes.web import studio

    def broken():
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(studio, "current_encoder", broken)
    assert browser.get(reverse("studio")).status_code == 500
