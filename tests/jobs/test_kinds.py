"""A sixth kind of job, registered in one line, works like the five others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from soundscapes.files import columns, signals
from soundscapes.jobs import claims, kinds, queue, scheduler
from soundscapes.limits import admission
from soundscapes.models import State
from soundscapes.operations import integrity, maintenance, metrics
from tests.postcards.models import KIND, Postcard
from tests.queue import wake_ups, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    monkeypatch.setattr(columns, "_columns", list(columns._columns))
    kinds.register(KIND)
    signals.register(*KIND.files)


@pytest.fixture
def postcard(owner):
    made = Postcard.objects.create(sender=owner, text="The sea is loud here.")
    queue.enqueue(made)
    made.refresh_from_db()
    return made


def listed(api) -> list[dict]:
    return api.get(reverse("api_jobs"), {"kind": "postcard"}).json()["results"]


def test_a_job_is_done_in_its_owner_s_turn(owner, postcard):
    assert wake_ups() == 1
    assert scheduler.next_jobs() == [postcard]
    assert work_off() == []
    postcard.refresh_from_db()
    owner.refresh_from_db()
    assert postcard.state == State.READY
    assert postcard.file.read() == b"The sea is loud here."
    assert owner.served_at is not None


def test_a_job_of_a_dead_worker_is_retried_a_limited_number_of_times(postcard):
    for _attempt in range(3):
        assert claims.claim(KIND, postcard) is not None
        Postcard.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        assert queue.recover() == 1
    assert claims.claim(KIND, postcard) is None
    postcard.refresh_from_db()
    assert (postcard.state, postcard.error) == (State.FAILED, kinds.DIED)


def test_the_api_lists_cancels_and_retries_a_job(api, postcard):
    (row,) = listed(api)
    assert (row["id"], row["kind"], row["status"]) == (str(postcard.pk), "postcard", "queued")
    assert api.post(f"{row['url']}cancel/").json()["status"] == "cancelled"
    assert api.post(f"{row['url']}retry/").json()["status"] == "queued"
    assert work_off() == []
    assert [row["status"] for row in listed(api)] == ["succeeded"]


def test_a_failure_has_a_message(api, postcard):
    Postcard.objects.update(text="Schöne Grüße")
    assert len(work_off()) == 1
    (row,) = listed(api)
    assert row["status"] == "failed"
    assert "Something went wrong on the server" in row["error"]


def test_only_its_owner_sees_a_job_in_the_studio(sign_in, program, stranger, postcard):
    assert "Writing a postcard" in sign_in(postcard.sender).get(reverse("studio")).text
    assert "Writing a postcard" not in sign_in(stranger).get(reverse("studio")).text
    assert listed(program(stranger)) == []
    path = reverse("api_job", args=[postcard.pk])
    assert program(stranger).get(path).status_code == 404


def test_a_job_counts_in_its_owner_s_backlog_and_in_the_metrics(owner, postcard, settings):
    assert kinds.count_unfinished(owner)[:2] == (1, 1)
    assert metrics.health().unfinished["Writing a postcard"] == 1
    settings.QUEUE_PER_USER = 1
    with pytest.raises(admission.OwnBacklogError):
        admission.admit(owner)


def test_old_jobs_and_their_files_are_purged(postcard, stored, django_capture_on_commit_callbacks):
    work_off()
    path = f"postcards/{postcard.pk}.txt"
    assert path in stored()
    stray = default_storage.save("postcards/stray.txt", ContentFile(b"nobody's"))
    assert stray in {finding.subject for finding in integrity.examine(timedelta(0))}
    Postcard.objects.update(finished_at=timezone.now() - timedelta(days=2))
    with django_capture_on_commit_callbacks(execute=True):
        maintenance.run()
    assert not Postcard.objects.exists()
    assert path not in stored()


def test_a_job_without_its_file_is_deleted(postcard):
    work_off()
    postcard.refresh_from_db()
    default_storage.delete(postcard.file.name)
    (finding,) = (f for f in integrity.examine(timedelta(0)) if f.subject == str(postcard.pk))
    finding.repair()
    assert not Postcard.objects.exists()
