"""Listing, cancelling and retrying jobs."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from soundscapes.accounts import exports
from soundscapes.images import images
from soundscapes.images.matching import request_matching
from soundscapes.jobs import claims
from soundscapes.jobs.kinds import kind_of
from soundscapes.models import Export, State
from tests import factories, sample_files
from tests.api.lists import results
from tests.queue import waiting, work_off

pytestmark = pytest.mark.django_db
ACTIONS = pytest.mark.parametrize("action", ["cancel", "retry"])


def url(job, action="") -> str:
    return f"/api/v1/jobs/{job.pk}/{action}/" if action else f"/api/v1/jobs/{job.pk}/"


@pytest.fixture
def generation(owner):
    return factories.GenerationFactory(owner=owner)


@pytest.fixture
def matching(owner):
    image = images.upload_image(owner, sample_files.photo())
    request_matching(image)
    return image


@pytest.fixture
def conversion(owner):
    return factories.RenditionFactory(generation__owner=owner, state=State.QUEUED, file="")


@pytest.fixture
def export(owner):
    return exports.request_export(owner)


@pytest.mark.parametrize("kind", ["generation", "matching", "conversion", "export"])
def test_every_kind_of_job_can_be_cancelled_and_retried(api, kind, request):
    job = request.getfixturevalue(kind)
    answer = api.post(url(job, "cancel"))
    assert answer.status_code == 200
    cancelled = answer.json()
    assert (cancelled["kind"], cancelled["status"]) == (kind, "cancelled")
    assert "cancelled" in cancelled["error"]
    assert api.get(url(job)).json() == cancelled
    before = len(waiting())
    answer = api.post(url(job, "retry"))
    assert answer.status_code == 202
    assert answer["Location"] == answer.json()["url"]
    assert int(answer["Retry-After"]) > 0
    assert answer.json()["status"] == "queued"
    assert len(waiting()) == before + 1


def test_cancelling_takes_a_job_from_its_worker(api, generation):
    claim = claims.claim(kind_of(generation), generation)
    assert api.post(url(generation, "cancel")).status_code == 200
    with pytest.raises(claims.LostClaimError):
        claim.write(state=State.RENDERING)


def test_a_cancelled_image_can_be_matched_by_uploading_it_again(api, matching):
    api.post(url(matching, "cancel"))
    data = {"image": sample_files.upload(sample_files.photo())}
    answer = api.post("/api/v1/images/", data, format="multipart")
    assert answer.json()["status"] == "queued"
    assert work_off() == []
    assert api.get(url(matching)).json()["status"] == "succeeded"


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("cancel", State.READY),
        ("cancel", State.FAILED),
        ("cancel", State.CANCELLED),
        ("retry", State.READY),
        ("retry", State.QUEUED),
        ("retry", State.RENDERING),
    ],
)
def test_a_step_that_the_state_does_not_allow_is_409(api, owner, action, state):
    ready = state == State.READY
    job = factories.GenerationFactory(
        owner=owner, **({"ready": True} if ready else {"state": state})
    )
    answer = api.post(url(job, action))
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/conflict/")
    assert "job" in answer.json()["detail"]
    job.refresh_from_db()
    assert job.state == state


@ACTIONS
def test_steps_require_the_owner_and_write_scope(
    action, generation, program, owner, stranger, client, api
):
    assert program(stranger).post(url(generation, action)).status_code == 404
    assert client.post(url(generation, action)).status_code == 401
    assert program(owner, scope="read").post(url(generation, action)).status_code == 403
    assert api.post(f"/api/v1/jobs/{uuid4()}/{action}/").status_code == 404
    assert api.get(url(generation, action)).status_code == 405
    generation.refresh_from_db()
    assert generation.state == State.QUEUED


def test_a_retry_is_charged_to_the_quota(api, owner, settings):
    settings.QUOTAS = settings.QUOTAS | {"generate": (1, 3600)}
    for status in (202, 429):
        job = factories.GenerationFactory(owner=owner, state=State.FAILED, error="No.")
        assert api.post(url(job, "retry")).status_code == status


def test_an_export_is_a_job_with_a_downloadable_result(api, export):
    assert work_off() == []
    job = api.get(url(export)).json()
    assert job["kind"] == "export"
    answer = api.get(job["result_url"])
    assert answer["Content-Type"] == "application/zip"
    listed = api.get("/api/v1/jobs/", {"kind": "export"}).json()
    assert [row["id"] for row in listed["results"]] == [str(Export.objects.get().pk)]


def test_jobs_of_all_kinds_are_listed_and_filtered(api, owner):
    matching = factories.ImageFactory(owner=owner, state=State.MATCHING, queued_at=timezone.now())
    queued = factories.GenerationFactory(owner=owner, image=matching)
    failed = factories.GenerationFactory(
        owner=owner, image=matching, state=State.FAILED, error="No.", queued_at=timezone.now()
    )
    factories.ImageFactory(owner=owner, state=State.NEW)

    def ids(**query):
        return [row["id"] for row in results(api, "jobs", **query)]

    assert ids() == [str(row.pk) for row in (failed, queued, matching)]
    assert ids(ordering="queued_at") == ids()[::-1]
    assert ids(kind="matching") == ids(status="running") == [str(matching.pk)]
    assert ids(status="queued") == [str(queued.pk)]
    (job,) = results(api, "jobs", status="failed", kind="generation")
    assert (job["id"], job["error"], job["result_url"]) == (str(failed.pk), "No.", None)
    assert api.get("/api/v1/jobs/", {"status": "x"}).status_code == 400
    assert ids(kind="matching", status="failed") == []


def test_a_job_is_private_to_its_owner(api, owner, stranger, program):
    generation = factories.GenerationFactory(owner=owner)
    url = reverse("api_job", args=[generation.pk])
    assert api.get(url).json()["status"] == "queued"
    assert program(stranger).get(url).status_code == 404
    assert api.get(reverse("api_job", args=[uuid4()])).status_code == 404
    fresh = factories.ImageFactory(owner=owner, state=State.NEW)
    assert api.get(reverse("api_job", args=[fresh.pk])).status_code == 404
