"""The three endpoints of the specification, for sessions and tokens."""

import io
from uuid import uuid4

import pytest
import soundfile
from django.test import Client
from django.urls import reverse
from PIL import Image as PillowImage

from soundscapes.api import documented
from soundscapes.engine.sound.samples import SAMPLE_RATE
from soundscapes.generations import generations
from soundscapes.http import waiting as waiting_room
from soundscapes.images import images
from soundscapes.images.matching import current_encoder
from soundscapes.models import Generation, Image, Similarity, State
from soundscapes.models.generations import DEFAULT_DURATION
from soundscapes.models.images import TOP
from tests import factories, sample_files
from tests.queue import waiting, wake_ups, work_off

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_waiting")]

ENDPOINTS = (("get", "/random_image"), ("post", "/upload_image"), ("get", "/generate_audio"))


@pytest.fixture
def offered():
    return factories.ImageFactory(of_set=True)


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def send(client, data=None, name="photo.jpg"):
    fields = {} if data is None else {"image": sample_files.upload(data, name)}
    return client.post("/upload_image", fields, format="multipart")


def test_an_image_of_nothing_has_three_sounds_and_a_note_that_says_so(api):
    black = sample_files.encoded(PillowImage.new("RGB", (64, 64)), "PNG")
    answer = send(api, black)
    assert answer.status_code == 202
    image = Image.objects.get()
    for rank in range(1, TOP + 1):
        factories.SimilarityFactory(image=image, rank=rank, encoder=current_encoder().slug)
    Image.objects.update(state=State.READY)
    result = send(api, black).json()
    assert len(result["sounds"]) == TOP
    assert result["note"].startswith("I can't tell what this place sounds like")


# Who may ask


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/random_image"),
        ("get", "/upload_image"),
        ("put", "/upload_image"),
        ("post", "/generate_audio"),
    ],
)
def test_a_wrong_method_is_405_with_the_allowed_ones(api, method, path):
    answer = getattr(api, method)(path)
    assert answer.status_code == 405
    right = {path: method.upper() for method, path in ENDPOINTS}[path]
    assert right in answer["Allow"]


def test_a_session_needs_a_csrf_token(owner):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)
    refused = browser.post("/upload_image", {"image": sample_files.upload(sample_files.photo())})
    assert refused.status_code == 403
    assert not Image.objects.exists()

    browser.get(reverse("studio"))
    token = browser.cookies["csrftoken"].value
    answer = browser.post(
        "/upload_image",
        {"image": sample_files.upload(sample_files.photo())},
        headers={"X-CSRFToken": token},
    )
    assert answer.status_code == 202
    assert Image.objects.get().owner == owner


# GET /random_image


def test_a_random_image_has_a_working_absolute_url(api, offered, owner):
    answer = api.get("/random_image")
    assert answer.status_code == 200
    data = answer.json()
    assert data["id"] == str(offered.pk)
    assert data["title"] == offered.title
    for name in ("url", "thumbnail_url", "status_url"):
        assert data[name].startswith("http://testserver/")
        assert api.get(data[name]).status_code == 200
    assert body(api.get(data["url"])).startswith(b"\xff\xd8\xff")
    owner.refresh_from_db()
    assert owner.latest_image == offered


def test_a_session_gets_a_random_image_too(sign_in, owner, offered):
    assert sign_in(owner).get("/random_image").json()["id"] == str(offered.pk)


def test_without_preloaded_images_the_error_says_what_to_do(api):
    answer = api.get("/random_image")
    assert answer.status_code == 503
    assert "Upload an image" in answer.json()["detail"]


# POST /upload_image


def test_an_upload_is_accepted_then_answered_with_the_best_categories(api, sounds, owner):
    factories.ClipFactory(category=factories.category_named("rain"))
    answer = send(api, sample_files.photo())
    assert answer.status_code == 202
    assert int(answer["Retry-After"]) > 0
    assert (answer.json()["status"], answer.json()["result_url"]) == ("queued", None)
    pending = api.get(answer["Location"])
    assert pending.json() == answer.json()
    assert int(pending["Retry-After"]) > 0

    assert work_off() == []
    job = api.get(answer["Location"])
    assert "Retry-After" not in job
    assert job.json()["status"] == "succeeded"
    result = api.get(job.json()["result_url"])
    assert result.status_code == 200
    assert result.json()["state"] == State.READY
    again = send(api, sample_files.photo())
    assert again.status_code == 200
    assert again.json() == result.json()
    assert waiting() == []

    data = again.json()
    image = Image.objects.get()
    assert data["id"] == str(image.pk)
    rows = Similarity.objects.filter(image=image).order_by("rank")[:TOP]
    assert [
        (sound["category"], sound["label"], sound["score"], sound["rank"])
        for sound in data["sounds"]
    ] == [(row.category.slug, row.category.label, row.score, row.rank) for row in rows]
    assert data["encoder"] == {"slug": current_encoder().slug, "name": current_encoder().name}
    assert data["generate_audio_url"] == f"http://testserver/generate_audio?image={image.pk}"
    assert body(api.get(data["url"])).startswith(b"\xff\xd8\xff")


def test_the_result_is_by_the_encoder_in_use(api, owner, sounds):
    image = images.upload_image(owner, sample_files.photo())
    Image.objects.update(state=State.READY)
    for number, slug in enumerate(("an older one", current_encoder().slug)):
        factories.SimilarityFactory(
            image=image, category=sounds[number].category, encoder=slug, encoder_name=slug
        )
    data = send(api, sample_files.photo()).json()
    assert data["encoder"]["slug"] == current_encoder().slug
    assert [sound["category"] for sound in data["sounds"]] == [sounds[1].category.slug]


def test_a_failed_matching_is_reported_and_retried_on_request(api, owner, sounds):
    send(api, sample_files.photo())
    Image.objects.update(state=State.FAILED, error="The server's disk is full.")
    first = Image.objects.get()
    assert api.get(reverse("api_image", args=[first.pk])).json()["error"] == first.error
    assert send(api, sample_files.photo()).status_code == 202
    assert work_off() == []
    assert send(api, sample_files.photo()).status_code == 200


def test_a_matching_that_fails_during_the_wait_is_503(api, monkeypatch, sounds):
    def worker_fails(image):
        Image.objects.filter(pk=image.pk).update(state=State.FAILED, error="It broke. Retry.")

    monkeypatch.setattr(documented.matching, "request_matching", worker_fails)
    answer = send(api, sample_files.photo())
    assert answer.status_code == 503
    assert answer.json()["detail"] == "It broke. Retry."


# GET /generate_audio


def ask(client, image=None):
    return client.get("/generate_audio", {} if image is None else {"image": str(image.pk)})


@pytest.mark.usefixtures("sounds")
def test_audio_is_accepted_then_answered_with_a_wav(api, owner):
    image = images.upload_image(owner, sample_files.photo())
    answer = ask(api, image)
    assert answer.status_code == 202
    assert int(answer["Retry-After"]) > 0
    pending = api.get(answer["Location"])
    assert pending.status_code == 200
    assert pending.json() == answer.json()
    assert (pending.json()["status"], pending.json()["result_url"]) == ("queued", None)
    assert ask(api, image)["Location"] == answer["Location"]
    assert wake_ups() == 2  # for the matching and the rendering

    assert work_off() == []
    ready = ask(api, image)
    assert ready.status_code == 200
    assert ready["Content-Type"] == "audio/wav"
    wav = body(ready)
    samples, rate = soundfile.read(io.BytesIO(wav), always_2d=True)
    assert (rate, samples.shape) == (SAMPLE_RATE, (DEFAULT_DURATION * SAMPLE_RATE, 2))

    resource = api.get(api.get(answer["Location"]).json()["result_url"]).json()
    assert resource["state"] == State.READY
    assert body(api.get(resource["audio_url"])) == wav
    assert [layer["rank"] for layer in resource["layers"]] == [1, 2, 3]
    assert {credit["author"] for credit in resource["credits"]} == {"Ada"}
    assert resource["encoder"]["name"] == current_encoder().name


@pytest.mark.usefixtures("sounds")
def test_the_mode_is_calm_unless_faithful_is_requested(api, owner):
    image = images.upload_image(owner, sample_files.photo())
    calm, faithful, again = (
        api.get("/generate_audio", {"image": image.pk, **query}).json()
        for query in ({}, {"mode": "faithful"}, {"mode": "calm"})
    )
    assert calm["id"] == again["id"] != faithful["id"]
    modes = [Generation.objects.get(pk=job["id"]).mode for job in (calm, faithful)]
    assert modes == ["calm", "faithful"]


def test_an_unknown_mode_is_400_with_a_message(api, owner):
    image = factories.ImageFactory(owner=owner)
    answer = api.get("/generate_audio", {"image": image.pk, "mode": "loud"})
    assert answer.status_code == 400
    assert "loud" in answer.json()["detail"]
    assert answer.json()["errors"][0]["pointer"] == "#/mode"
    assert not Generation.objects.exists()


def test_ranges_of_the_audio_are_served(api, owner):
    image = factories.ImageFactory(owner=owner)
    factories.GenerationFactory(
        owner=owner,
        image=image,
        ready=True,
        duration=DEFAULT_DURATION,
        seed=generations.repeatable_seed(image),
    )
    answer = api.get("/generate_audio", {"image": image.pk}, headers={"Range": "bytes=0-3"})
    assert (answer.status_code, body(answer)) == (206, b"RIFF")


def image_of(answer):
    return str(Generation.objects.get(pk=answer.json()["id"]).image_id)


def test_the_image_defaults_to_the_latest(api, owner, offered):
    uploaded = send(api, sample_files.photo()).json()["id"]
    assert image_of(ask(api)) == uploaded
    drawn = api.get("/random_image").json()["id"]
    assert image_of(ask(api)) == drawn == str(offered.pk)
    send(api, sample_files.photo())
    assert image_of(ask(api)) == uploaded
    assert image_of(api.get("/generate_audio?image=")) == uploaded


def test_without_any_image_the_error_says_what_to_do(api):
    answer = ask(api)
    assert answer.status_code == 404
    assert "POST one to /upload_image" in answer.json()["detail"]


@pytest.mark.parametrize(
    "value",
    ["7", "not-a-uuid", "\0", "é", "1" * 5000, "../../etc/passwd"],
    ids=["number", "word", "NUL", "not ASCII", "huge", "path"],
)
def test_an_invalid_image_id_is_400(api, value):
    answer = api.get("/generate_audio", {"image": value})
    assert answer.status_code == 400
    assert "UUID" in answer.json()["detail"]


def test_unknown_and_others_images_are_404(api, stranger):
    theirs = factories.ImageFactory(owner=stranger)
    hidden = factories.ImageFactory(of_set=True, image_set__is_active=False)
    unknown = Image(pk=uuid4())
    answers = [ask(api, image) for image in (theirs, hidden, unknown)]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({answer.json()["detail"] for answer in answers}) == 1
    assert not Generation.objects.exists()


def test_a_failure_is_503_and_retried_on_request(api, owner):
    image = images.upload_image(owner, sample_files.photo())  # there are no clips
    ask(api, image)
    work_off()
    failed = Generation.objects.get()
    assert failed.state == State.FAILED
    assert ask(api, image).status_code == 202
    factories.ClipFactory(category=factories.category_named("dog"))
    assert work_off() == []
    assert ask(api, image).status_code == 200
    assert Generation.objects.get() == failed


def test_an_image_deleted_during_the_wait_is_404(api, owner, monkeypatch):
    image = images.upload_image(owner, sample_files.photo())

    def gone(user, photo, **_recipe):
        generation = generations.create_generation(user, photo)
        Image.objects.all().delete()
        return generation

    monkeypatch.setattr(documented.generations, "get_or_create_generation", gone)
    assert ask(api, image).status_code == 404


def test_the_wait_is_limited(api, owner, settings, monkeypatch):
    """Uses a clock that only the pauses of the wait advance."""
    settings.API_WAIT_SECONDS = 0.3
    image = images.upload_image(owner, sample_files.photo())
    pauses: list[float] = []
    monkeypatch.setattr(waiting_room, "sleep", pauses.append)
    monkeypatch.setattr(waiting_room, "monotonic", lambda: sum(pauses))
    assert ask(api, image).status_code == 202
    assert sum(pauses) == pytest.approx(settings.API_WAIT_SECONDS)
