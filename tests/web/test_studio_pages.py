"""Making several at once, cancelling, and coming back to what is being made."""

import pytest
from django.urls import reverse
from PIL import Image

from soundscapes.images import images
from soundscapes.models import Generation, State
from tests import factories, sample_files
from tests.web.pages import inline_code

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def browser(sign_in, owner):
    return sign_in(owner)


@pytest.fixture
def generation(owner):
    return factories.GenerationFactory(owner=owner)


def test_the_studio_offers_what_is_accepted_and_says_how_large_it_may_be(browser):
    page = browser.get(reverse("studio")).text
    assert 'accept="image/jpeg,image/png,image/webp,image/heic' in page
    assert "up to 64 MB each" in page


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


def test_a_line_follows_its_job_until_it_is_ready(browser, generation):
    address = reverse("soundscape_status", args=[generation.pk])
    line = browser.get(address, {"as": "job"}).text
    assert f"{address}?as=job&amp;seen={generation.version}" in line
    silent = browser.get(address, {"as": "job", "seen": generation.version})
    assert silent.status_code == 204
    Generation.objects.update(state=State.FAILED, error="The disk is full.")
    line = browser.get(address, {"as": "job", "seen": generation.version}).text
    assert "The disk is full." in line
    assert "Retry" in line
    assert "hx-get" not in line


def test_a_reload_of_the_studio_shows_what_is_being_made(browser, generation):
    ready = factories.GenerationFactory(owner=generation.owner, ready=True)
    theirs = factories.GenerationFactory()
    page = browser.get(reverse("studio")).text
    assert f'id="job-{generation.pk}"' in page
    assert f'id="job-{ready.pk}"' not in page
    assert str(theirs.pk) not in page


def test_one_can_be_cancelled_and_made_after_all(browser, generation):
    address = reverse("soundscape_cancel", args=[generation.pk])
    assert address in browser.get(generation.get_absolute_url()).text
    assert browser.post(address).url == generation.get_absolute_url()
    page = browser.get(generation.get_absolute_url()).text
    assert "You cancelled this" in page
    assert reverse("soundscape_retry", args=[generation.pk]) in page
    assert inline_code(page) == []


def test_a_line_is_cancelled_in_its_place(browser, generation):
    address = reverse("soundscape_cancel", args=[generation.pk])
    assert browser.post(address, {"as": "job"}, **HTMX).text.strip().startswith("<li")
    assert browser.post(address, {"as": "job"}).url == reverse("studio")


def test_a_refused_photo_keeps_what_was_filled_in(browser):
    sent = {
        "image": sample_files.upload(b"no image", "x.jpg"),
        "duration": "77",
        "mode": "faithful",
    }
    answer = browser.post(reverse("create"), sent)
    assert answer.status_code == 415
    assert 'value="77"' in answer.text
    assert '<option value="faithful" selected>' in answer.text


def test_a_random_image_offers_another_one_with_the_same_recipe(browser, owner):
    image_set = factories.ImageSetFactory()
    first, second = (factories.ImageFactory(owner=None, image_set=image_set) for _ in range(2))
    generation = factories.GenerationFactory(owner=owner, image=first, duration=9, layer_count=2)
    page = browser.get(generation.get_absolute_url()).text
    assert "Another random image" in page
    assert f'name="other_than" value="{first.pk}"' in page
    assert 'name="duration" value="9"' in page
    browser.post(reverse("create_random"), {"other_than": str(first.pk), "duration": 9})
    assert Generation.objects.latest("created_at").image == second


def test_one_s_own_image_offers_no_other(browser, generation):
    assert "Another random" not in browser.get(generation.get_absolute_url()).text


def test_cancelling_is_for_the_owner_by_post_alone(browser, generation, sign_in, stranger, client):
    address = reverse("soundscape_cancel", args=[generation.pk])
    assert sign_in(stranger).post(address).status_code == 404
    assert client.post(address).status_code == 302
    assert browser.get(address).status_code == 405
    generation.refresh_from_db()
    assert generation.state == State.QUEUED
