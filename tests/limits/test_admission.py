"""Refusal of work beyond the limits, in the studio and in the API."""

import io
import logging
from functools import partial

import pytest
from django.urls import reverse
from django_q.models import OrmQ

from soundscapes.generations import generations, share_imports, transcoding
from soundscapes.images import images
from soundscapes.jobs import queue
from soundscapes.limits import admission, quotas, storage
from soundscapes.limits.errors import LimitError
from soundscapes.limits.quotas import Kind
from soundscapes.models import Generation, Image, Rendition, State
from tests import factories, sample_files
from tests.connections import at_once, parallel, raised
from tests.queue import work_off

pytestmark = pytest.mark.django_db

BOUND = 3


@pytest.fixture(autouse=True)
def _bounds(settings):
    settings.QUEUE_PER_USER = settings.QUEUE_LENGTH = BOUND


@pytest.fixture
def full(stranger):
    """Fill the queue with the jobs of others."""
    factories.GenerationFactory(owner=stranger)
    factories.RenditionFactory(generation__owner=stranger, state=State.RENDERING, file="")
    factories.ImageFactory(owner=stranger, state=State.MATCHING)


def ask(owner, image):
    return generations.create_generation(owner, image)


def test_unfinished_jobs_of_a_user_are_limited(owner, image, settings):
    settings.QUEUE_LENGTH = 2 * BOUND
    for _number in range(BOUND):
        ask(owner, image)
    with pytest.raises(admission.OwnBacklogError, match=f"You have {BOUND} unfinished jobs"):
        ask(owner, image)
    assert Generation.objects.count() == BOUND
    other = factories.ImageFactory()
    ask(other.owner, other)

    Generation.objects.cancel(Generation.objects.filter(owner=owner).first().pk, "Enough.")
    assert ask(owner, image).state == State.QUEUED


@pytest.mark.usefixtures("full")
def test_a_full_queue_refuses_work_and_leaves_nothing(owner, image, stored):
    finished = factories.GenerationFactory(owner=owner, image=image, ready=True)
    failed = factories.GenerationFactory(owner=owner, image=image, state=State.FAILED)
    before = stored()
    for work in (
        lambda: ask(owner, image),
        lambda: generations.retry_generation(failed),
        lambda: images.upload_image(owner, sample_files.photo()),
        lambda: transcoding.get_or_create_rendition(finished, "ogg"),
    ):
        with pytest.raises(admission.FullQueueError):
            work()
    assert stored() == before
    assert not Image.objects.filter(owner=owner).exclude(pk=image.pk).exists()
    assert not OrmQ.objects.exists()


def test_part_of_the_queue_is_reserved_for_users_without_jobs(owner, stranger, settings):
    settings.QUEUE_PER_USER, settings.QUEUE_LENGTH = 100, 10
    theirs = factories.ImageFactory(owner=stranger)
    for _number in range(8):
        ask(stranger, theirs)
    with pytest.raises(admission.FullQueueError):
        ask(stranger, theirs)
    for number in range(3):
        image = factories.ImageFactory(owner=factories.UserFactory())
        if number < 2:
            assert ask(image.owner, image)
            with pytest.raises(admission.FullQueueError):
                ask(image.owner, image)
        else:
            with pytest.raises(admission.FullQueueError):
                ask(image.owner, image)


@pytest.mark.usefixtures("full")
def test_existing_soundscapes_are_served_while_the_queue_is_full(owner, image):
    known = images.upload_image(owner, image.file.read())
    assert known == image
    generation = factories.GenerationFactory(owner=owner, image=image, ready=True)
    generations.retry_generation(generation)
    rendition = factories.RenditionFactory(generation=generation)
    assert transcoding.get_or_create_rendition(generation, "ogg") == rendition


@pytest.mark.usefixtures("sounds")
def test_accepted_work_is_finished_even_after_interruptions(owner, settings, monkeypatch):
    settings.QUEUE_LENGTH = 2 * BOUND
    image = images.upload_image(owner, sample_files.photo())
    accepted = [ask(owner, image) for _number in range(BOUND)]
    settings.QUEUE_PER_USER = settings.QUEUE_LENGTH = 1
    Generation.objects.claim(accepted[0].pk, "another-host/1/1/1")
    Generation.objects.filter(pk=accepted[0].pk).update(leased_until="2020-01-01T00:00Z")
    assert queue.recover() == 1
    assert work_off() == []
    states = Generation.objects.values_list("state", flat=True)
    assert list(states) == [State.READY] * BOUND


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("name", ["create", "create_from", "create_random", "soundscape_retry"])
@pytest.mark.parametrize("with_script", [False, True])
def test_a_full_queue_is_reported_beside_the_filled_form(sign_in, owner, image, name, with_script):
    factories.ImageFactory(of_set=True)
    failed = factories.GenerationFactory(owner=owner, image=image, state=State.FAILED)
    keys = {"create_from": [image.pk], "soundscape_retry": [failed.pk]}.get(name, [])
    fields = {"duration": "47", "image": sample_files.upload(sample_files.photo(9))}
    headers = {"HX-Request": "true"} if with_script else {}
    answer = sign_in(owner).post(reverse(name, args=keys), fields, headers=headers)
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert "The queue is full" in answer.text
    if with_script:  # the message is added beside the form, which is not replaced
        assert "<form" not in answer.text or name == "soundscape_retry"
    elif name != "soundscape_retry":
        assert 'value="47"' in answer.text
    assert Generation.objects.filter(owner=owner).get() == failed


def test_the_user_s_own_backlog_is_429_in_the_studio(sign_in, owner, image, settings):
    settings.QUEUE_LENGTH = 2 * BOUND
    for _number in range(BOUND):
        ask(owner, image)
    answer = sign_in(owner).post(reverse("create_from", args=[image.pk]))
    assert answer.status_code == 429
    assert f"You have {BOUND} unfinished jobs" in answer.text


@pytest.mark.usefixtures("full")
def test_a_refused_remix_keeps_the_mixer_settings(sign_in, owner, image, sounds):
    parent = factories.GenerationFactory(owner=owner, image=image, ready=True)
    factories.LayerFactory(generation=parent, category=sounds[0].category, rank=1)
    fields = {"place-1-category": sounds[0].category.slug, "place-1-gain_db": "-7.5"}
    answer = sign_in(owner).post(reverse("remix", args=[parent.pk]), fields)
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert "The queue is full" in answer.text
    assert 'value="-7.5"' in answer.text


@pytest.mark.usefixtures("full")
def test_api_clients_get_a_problem_with_retry_after(api, owner, image, settings):
    settings.API_WAIT_SECONDS = 0
    finished = factories.GenerationFactory(owner=owner, image=image, ready=True)
    photo = {"image": sample_files.upload(sample_files.photo(9))}
    answers = [
        api.post("/api/v1/generations/", {"image": str(image.pk)}, format="json"),
        api.post("/api/v1/images/", photo, format="multipart", headers={"Idempotency-Key": "a"}),
        api.post(
            "/upload_image",
            {"image": sample_files.upload(sample_files.photo(8))},
            format="multipart",
        ),
        api.get("/generate_audio", {"image": str(image.pk)}),
        api.get(reverse("audio", args=[finished.pk]), {"format": "ogg"}),
    ]
    for answer in answers:
        assert answer.status_code == 503, answer.content
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["Retry-After"] == str(admission.RETRY_AFTER)
        assert answer.json()["type"] == "/api/v1/problems/queue-full/"
        assert "queue is full" in answer.json()["detail"]
    assert Rendition.objects.filter(generation=finished, state=State.QUEUED).count() == 0

    Generation.objects.filter(state=State.QUEUED).delete()
    again = api.post(
        "/api/v1/images/",
        {"image": sample_files.upload(sample_files.photo(9))},
        format="multipart",
        headers={"Idempotency-Key": "a"},
    )
    assert again.status_code == 202


@pytest.mark.usefixtures("full")
def test_a_refusal_is_logged_as_a_warning(api, image, monkeypatch):
    (console,) = (each for each in logging.root.handlers if type(each) is logging.StreamHandler)
    monkeypatch.setattr(console, "stream", io.StringIO())
    api.post("/api/v1/generations/", {"image": str(image.pk)}, format="json")
    (line,) = console.stream.getvalue().splitlines()
    assert " WARNING " in line
    assert "/api/v1/generations/" in line


def test_the_user_s_own_backlog_is_429_in_the_api(api, owner, image, settings):
    settings.QUEUE_LENGTH = 2 * BOUND
    for _number in range(BOUND):
        ask(owner, image)
    answer = api.post("/api/v1/generations/", {"image": str(image.pk)}, format="json")
    assert answer.status_code == 429
    assert answer["Retry-After"] == str(admission.RETRY_AFTER)
    assert answer.json()["type"] == "/api/v1/problems/own-backlog/"


def test_a_partial_bulk_retry_reports_its_count(sign_in, administrator, owner, image, settings):
    settings.QUEUE_LENGTH = 2 * BOUND
    rows = factories.GenerationFactory.create_batch(
        BOUND + 2, owner=owner, image=image, state=State.FAILED
    )
    answer = sign_in(administrator).post(
        reverse("admin:soundscapes_generation_changelist"),
        {"action": "retry", "_selected_action": [row.pk for row in rows]},
        follow=True,
    )
    assert f"{BOUND} soundscapes queued" in answer.text
    assert "try again" in answer.text.lower()
    assert Generation.objects.filter(state=State.QUEUED).count() == BOUND


def test_a_request_takes_the_same_queries_for_any_backlog(owner, stranger, queries_of, settings):
    settings.QUEUE_PER_USER = settings.QUEUE_LENGTH = 100

    def add() -> None:
        factories.GenerationFactory(owner=stranger)
        factories.RenditionFactory(generation__owner=owner, state=State.QUEUED, file="")

    add()
    few = queries_of(lambda: admission.admit(owner))
    for _number in range(5):
        add()
    assert queries_of(lambda: admission.admit(owner)) == few


@pytest.fixture
def admitted(monkeypatch):
    """Record every check of the limits."""
    looks = []

    def looked(user, *charged, **more):
        looks.append(charged)
        return admit(user, *charged, **more)

    admit = admission.admit
    for module in (images, generations, transcoding):
        monkeypatch.setattr(module, "admit", looked)
    return looks


@pytest.mark.usefixtures("sounds")
def test_a_request_is_charged_once_and_checked_again_with_its_image(
    sign_in, owner, api, admitted, settings
):
    settings.API_WAIT_SECONDS = 0
    settings.QUEUE_PER_USER = settings.QUEUE_LENGTH = 100
    photo = {"image": sample_files.upload(sample_files.photo(1))}
    sign_in(owner).post(reverse("create"), photo)
    assert admitted == [(Kind.UPLOAD, Kind.GENERATE), ()]
    admitted.clear()
    photo = {"image": sample_files.upload(sample_files.photo(2))}
    assert api.post("/upload_image", photo, format="multipart").status_code == 202
    assert admitted == [(Kind.UPLOAD,)]
    admitted.clear()
    assert api.get("/generate_audio").status_code == 202
    assert admitted == [(Kind.GENERATE,)]


def test_refused_requests_are_not_counted(owner, image, settings):
    settings.STORAGE_LIMIT = 10
    for _time in range(3):
        with pytest.raises(LimitError):
            ask(owner, image)
    used = {quota.kind: quota.used for quota in quotas.left(owner)}
    assert used[Kind.GENERATE] == 0


@parallel
def test_concurrent_requests_respect_the_backlog(owner, image, settings):
    settings.QUEUE_PER_USER, settings.QUEUE_LENGTH = 5, 100
    results = at_once(*[partial(ask, owner, image)] * 12)
    assert raised(results, LimitError) == 7
    assert Generation.objects.count() == 5


@parallel
def test_concurrent_uploads_respect_the_backlog_and_leave_nothing(owner, settings, stored):
    settings.QUEUE_PER_USER, settings.QUEUE_LENGTH = 2, 100
    photos = [sample_files.photo(number) for number in range(6)]
    results = at_once(*(partial(generations.create_of_photo, owner, data) for data in photos))
    assert raised(results, LimitError) == 4
    assert Generation.objects.count() == Image.objects.count() == 2
    assert len(stored()) == 4


@parallel
def test_concurrent_copies_respect_the_backlog(owner, stranger, settings):
    settings.QUEUE_PER_USER, settings.QUEUE_LENGTH = 5, 100
    links = [factories.ShareLinkFactory(generation__owner=owner) for _ in range(12)]
    results = at_once(*(partial(share_imports.save_copy, stranger, link) for link in links))
    assert raised(results, LimitError) == 7
    assert Generation.objects.filter(owner=stranger).count() == 5
    assert Image.objects.filter(owner=stranger, generations=None).count() == 0


@parallel
def test_concurrent_retries_respect_the_backlog(owner, settings):
    settings.QUEUE_PER_USER, settings.QUEUE_LENGTH = 3, 100
    jobs = factories.GenerationFactory.create_batch(8, owner=owner, state=State.CANCELLED)
    results = at_once(*(partial(queue.retry, job) for job in jobs))
    assert raised(results, LimitError) == 5
    assert Generation.objects.unfinished().count() == 3


@parallel
def test_concurrent_uploads_respect_the_storage(owner, settings):
    size = images.upload_image(owner, sample_files.photo(0)).size
    settings.STORAGE_LIMIT = 4 * size
    photos = [sample_files.photo(number) for number in range(1, 9)]
    results = at_once(*(partial(images.upload_image, owner, data) for data in photos))
    assert raised(results, LimitError) >= 4
    assert storage.usage(owner).used <= settings.STORAGE_LIMIT
