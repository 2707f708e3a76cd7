"""The list of unfinished soundscapes, and cancelling."""

import html
import re

import pytest
from django.urls import reverse
from PIL import Image

from soundscapes.images import images
from soundscapes.models import BatchJob, Generation, State
from tests import factories, sample_files
from tests.web.pages import inline_code

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def generation(owner):
    return factories.GenerationFactory(owner=owner)


def test_the_studio_offers_what_is_accepted_and_says_how_large_it_may_be(browser):
    page = browser.get(reverse("studio")).text
    assert 'accept="image/jpeg,image/png,image/webp,image/heic' in page
    assert "up to 64 MB each" in page


def test_the_studio_takes_fewer_than_ten_queries(browser, owner, queries_of):
    for _ in range(3):
        factories.LayerFactory.create_batch(
            2, generation=factories.GenerationFactory(owner=owner, ready=True)
        )
    assert queries_of(lambda: browser.get(reverse("studio"))) < 10


def test_the_studio_shows_that_better_matching_is_being_downloaded(browser, settings):
    settings.ENCODER = "auto"
    assert "Better matching" not in browser.get(reverse("studio")).text
    factories.BatchJobFactory(kind=BatchJob.Kind.WEIGHTS, state=State.QUEUED, progress=42)
    page = browser.get(reverse("studio")).text
    assert "CLIP is being downloaded for better matching: 42 %" in page


def test_the_studio_shows_that_the_encoder_is_being_prepared(browser):
    assert "being prepared" not in browser.get(reverse("studio")).text
    factories.BatchJobFactory(kind=BatchJob.Kind.ENCODER, state=State.QUEUED, progress=42)
    assert "It is being prepared: 42 %" in browser.get(reverse("studio")).text


def poll_of(text):
    """Return the URL that the encoder's line polls, or None."""
    found = re.search(r'<p id="encoder"[^>]* hx-get="([^"]+)"[^>]* hx-trigger="every [26]s"', text)
    return found and html.unescape(found[1])


@pytest.mark.parametrize("kind", [BatchJob.Kind.ENCODER, BatchJob.Kind.WEIGHTS])
def test_the_encoder_s_line_polls_until_its_job_ends(browser, settings, kind):
    settings.ENCODER = "auto"
    assert poll_of(browser.get(reverse("studio")).text) is None
    job = factories.BatchJobFactory(kind=kind, state=State.QUEUED, progress=42)
    poll = poll_of(browser.get(reverse("studio")).text)
    BatchJob.objects.filter(pk=job.pk).update(progress=43)
    line = browser.get(poll, HTTP_HX_TARGET="encoder", **HTMX).text
    assert line.startswith('<p id="encoder"')
    assert "43 %" in line
    assert inline_code(line) == []
    assert poll_of(line) == poll
    BatchJob.objects.filter(pk=job.pk).update(state=State.FAILED)
    line = browser.get(poll, HTTP_HX_TARGET="encoder", **HTMX).text
    assert "43 %" not in line
    assert poll_of(line) is None


def test_the_end_of_the_preparation_is_polled_faster_and_its_beginning_more_slowly(browser):
    job = factories.BatchJobFactory(kind=BatchJob.Kind.ENCODER, state=State.QUEUED, progress=89)
    assert 'hx-trigger="every 6s"' in browser.get(reverse("studio")).text
    BatchJob.objects.filter(pk=job.pk).update(progress=90)
    assert 'hx-trigger="every 2s"' in browser.get(reverse("studio")).text


def test_the_line_says_when_clip_has_taken_over(browser, settings, tmp_path):
    settings.ENCODER, settings.CLIP_WEIGHTS, settings.ENCODER_CACHE = "auto", "", tmp_path
    factories.BatchJobFactory(kind=BatchJob.Kind.WEIGHTS, state=State.QUEUED, progress=98)
    poll = poll_of(browser.get(reverse("studio")).text)
    (tmp_path / "clip").mkdir()
    (tmp_path / "clip" / "vit-b-32.safetensors").touch()
    line = browser.get(poll, HTTP_HX_TARGET="encoder", **HTMX).text
    assert "Encoder: CLIP ViT-B/32. It is now in use" in line
    assert poll_of(line) is None
    assert "from now on" not in browser.get(reverse("studio")).text


def test_an_image_of_nothing_says_so(browser, owner):
    image = images.upload_image(owner, sample_files.encoded(Image.new("RGB", (64, 64)), "JPEG"))
    generation = factories.GenerationFactory(owner=owner, image=image, ready=True)
    page = browser.get(generation.get_absolute_url()).text
    assert "I can&#x27;t tell what this place sounds like" in page
    other = factories.GenerationFactory(owner=owner, ready=True)
    assert "what this place sounds like" not in browser.get(other.get_absolute_url()).text


def test_a_photo_of_a_queue_is_answered_with_its_line(browser):
    sent = {"image": sample_files.upload(sample_files.photo()), "as": "job"}
    answer = browser.post(reverse("create"), sent, **HTMX)
    generation = Generation.objects.get()
    assert answer.text.strip().startswith(f'<li class="job" id="job-{generation.pk}"')
    assert "HX-Push-Url" not in answer
    assert inline_code(answer.text) == []


def test_a_line_polls_its_job_until_it_is_ready(browser, generation):
    url = reverse("soundscape_status", args=[generation.pk])
    line = browser.get(url, {"as": "job"}).text
    assert f"{url}?as=job&amp;seen={generation.version}" in line
    silent = browser.get(url, {"as": "job", "seen": generation.version})
    assert silent.status_code == 204
    Generation.objects.update(state=State.FAILED, error="The disk is full.")
    line = browser.get(url, {"as": "job", "seen": generation.version}).text
    assert "The disk is full." in line
    assert "Retry" in line
    assert "hx-get" not in line


def test_the_studio_shows_unfinished_soundscapes(browser, generation):
    ready = factories.GenerationFactory(owner=generation.owner, ready=True)
    theirs = factories.GenerationFactory()
    page = browser.get(reverse("studio")).text
    assert f'id="job-{generation.pk}"' in page
    assert f'id="job-{ready.pk}"' not in page
    assert str(theirs.pk) not in page


def test_a_cancelled_soundscape_can_be_started_again(browser, generation):
    url = reverse("soundscape_cancel", args=[generation.pk])
    assert url in browser.get(generation.get_absolute_url()).text
    assert browser.post(url).url == generation.get_absolute_url()
    page = browser.get(generation.get_absolute_url()).text
    assert "You cancelled this" in page
    assert reverse("soundscape_retry", args=[generation.pk]) in page
    assert inline_code(page) == []


def test_cancelling_replaces_the_line(browser, generation):
    url = reverse("soundscape_cancel", args=[generation.pk])
    assert browser.post(url, {"as": "job"}, **HTMX).text.strip().startswith("<li")
    assert browser.post(url, {"as": "job"}).url == reverse("studio")


def test_a_rejected_image_keeps_the_form_values(browser):
    sent = {
        "image": sample_files.upload(b"no image", "x.jpg"),
        "duration": "77",
        "mode": "faithful",
    }
    answer = browser.post(reverse("create"), sent)
    assert answer.status_code == 415
    assert 'value="77"' in answer.text
    assert '<option value="faithful" selected>' in answer.text


def test_a_random_image_offers_another_one_with_the_same_options(browser, owner):
    image_set = factories.ImageSetFactory()
    first, second = (factories.ImageFactory(owner=None, image_set=image_set) for _ in range(2))
    generation = factories.GenerationFactory(owner=owner, image=first, duration=9, layer_count=2)
    page = browser.get(generation.get_absolute_url()).text
    assert "Try another random image" in page
    assert f'name="other_than" value="{first.pk}"' in page
    assert 'name="duration" value="9"' in page
    browser.post(reverse("create_random"), {"other_than": str(first.pk), "duration": 9})
    assert Generation.objects.latest("created_at").image == second


def test_an_uploaded_image_offers_no_random_one(browser, generation):
    assert "Try another random" not in browser.get(generation.get_absolute_url()).text


def test_cancelling_requires_the_owner_and_post(browser, generation, sign_in, stranger, client):
    url = reverse("soundscape_cancel", args=[generation.pk])
    assert sign_in(stranger).post(url).status_code == 404
    assert client.post(url).status_code == 302
    assert browser.get(url).status_code == 405
    generation.refresh_from_db()
    assert generation.state == State.QUEUED


def test_the_options_of_the_last_soundscape_are_remembered_except_the_seed(browser, owner):
    sent = {"duration": "60", "mode": "faithful", "seed": "7"}
    image = factories.ImageFactory(owner=owner)
    browser.post(reverse("create_from", args=[image.pk]), sent, **HTMX)
    page = browser.get(reverse("studio"))
    options = page.context["options"]
    assert options["duration"].value() == 60
    assert options["mode"].value() == "faithful"
    assert options["seed"].value() is None
    assert '<details class="more" open>' in page.text


@pytest.mark.parametrize("cookie", ["", "duration=99999", "x" * 5000, "mode=loud", "%00"])
def test_unusable_remembered_options_are_ignored(browser, cookie):
    browser.cookies["options"] = cookie
    page = browser.get(reverse("studio"))
    assert page.context["options"]["duration"].value() == 30
    assert '<details class="more">' in page.text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_are_sent_with_the_theme_that_was_chosen(browser, theme):
    browser.cookies["theme"] = theme
    assert f'<html lang="en" data-theme="{theme}"' in browser.get(reverse("studio")).text
    assert f'data-theme="{theme}"' in browser.get("/nowhere/").text


def test_an_unknown_theme_is_ignored(browser):
    browser.cookies["theme"] = "pink"
    assert "data-theme" not in browser.get(reverse("studio")).text


@pytest.mark.parametrize("query", [{"as": "job"}, {}], ids=["line", "page"])
def test_a_finished_soundscape_refreshes_the_latest_ones(browser, generation, query):
    url = reverse("soundscape_status", args=[generation.pk])
    assert "HX-Trigger" not in browser.get(url, query, **HTMX)
    Generation.objects.update(state=State.FAILED)
    assert "lists-changed" in browser.get(url, query, **HTMX)["HX-Trigger"]


def test_the_lists_of_the_studio_are_sent_alone(browser, owner, generation):
    finished = factories.GenerationFactory(owner=owner, ready=True)

    def part(name: str) -> str:
        answer = browser.get(reverse("studio"), **HTMX, HTTP_HX_TARGET=name).text
        assert "<html" not in answer
        return answer

    assert finished.get_absolute_url() in part("latest")
    assert generation.get_absolute_url() not in part("latest")
    assert f'id="job-{generation.pk}"' in part("queue")
    assert part("others").strip() == ""
    factories.ExportFactory(owner=owner, state=State.QUEUED)
    assert 'hx-trigger="every 3s"' in part("others")


def test_a_line_keeps_the_name_of_its_file(browser, generation, owner):
    sent = {"image": sample_files.upload(sample_files.photo(), "my view.jpg"), "as": "job"}
    browser.post(reverse("create"), sent, **HTMX)
    made = Generation.objects.exclude(pk=generation.pk).get()
    factories.LayerFactory(generation=made, rank=1, category=factories.category_named("rain"))
    url = reverse("soundscape_status", args=[made.pk])
    line = browser.get(url, {"as": "job"}, **HTMX).text
    assert "Rain falling" in line
    assert "my view" in line
