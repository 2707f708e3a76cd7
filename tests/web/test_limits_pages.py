"""Forms of the studio at the limits of quotas and storage."""

import pytest
from django.urls import reverse

from soundscapes.limits import quotas
from soundscapes.models import Generation, Image, State
from tests import factories, sample_files

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def _no_more_soundscapes(settings):
    settings.QUOTAS = settings.QUOTAS | {"generate": (0, 3600)}


@pytest.fixture
def full(settings):
    settings.STORAGE_LIMIT = 1000


def send(browser, number=0, **extra):
    fields = {"image": sample_files.upload(sample_files.photo(number)), "duration": 17}
    return browser.post(reverse("create"), fields, **extra)


def remix_of(generation):
    layer = factories.LayerFactory(generation=generation, category=factories.ClipFactory().category)
    return {"place-1-category": layer.category.slug, "place-1-gain_db": "-7"}


def test_uploads_by_page_and_api_share_a_quota(browser, api, settings):
    settings.QUOTAS = settings.QUOTAS | {"upload": (2, 3600)}
    assert send(browser).status_code == 302
    data = {"image": sample_files.upload(sample_files.photo(1))}
    assert api.post("/api/v1/images/", data, format="multipart").status_code == 202
    refused = send(browser, 2)
    assert refused.status_code == 429
    assert "uploading (2 within an hour)" in refused.text
    assert "Try again in" in refused.text
    assert Image.objects.count() == 2


@pytest.mark.usefixtures("_no_more_soundscapes")
def test_forms_create_nothing_beyond_the_quota(browser, owner):
    image = factories.ImageFactory(owner=owner)
    factories.ImageFactory(of_set=True)
    parent = factories.GenerationFactory(owner=owner, image=image, ready=True)
    failed = factories.GenerationFactory(owner=owner, state=State.FAILED, error="No.")
    posts = [
        (reverse("create_random"), {}),
        (reverse("create_from", args=[image.pk]), {}),
        (reverse("remix", args=[parent.pk]), remix_of(parent)),
        (reverse("soundscape_retry", args=[failed.pk]), {}),
        (reverse("create"), {"image": sample_files.upload(sample_files.photo())}),
    ]
    for url, fields in posts:
        answer = browser.post(url, fields)
        assert answer.status_code == 429, url
        assert "generating (0 within an hour) is used up" in answer.text, url
    assert Generation.objects.count() == 2
    assert not Image.objects.filter(generations=None, image_set=None).exists()
    failed.refresh_from_db()
    assert failed.state == State.FAILED


@pytest.mark.usefixtures("full")
def test_a_full_storage_is_reported_with_a_remedy(browser, owner):
    answer = send(browser)
    assert answer.status_code == 403
    assert "do not have enough storage left" in answer.text
    assert "Delete soundscapes" in answer.text
    assert not Image.objects.exists()


@pytest.mark.usefixtures("_no_more_soundscapes")
def test_the_form_keeps_its_values(browser, owner):
    page = send(browser).text
    assert 'name="duration" value="17"' in page
    parent = factories.GenerationFactory(owner=owner, ready=True)
    answer = browser.post(reverse("remix", args=[parent.pk]), remix_of(parent))
    assert 'value="-7' in answer.text


@pytest.mark.usefixtures("_no_more_soundscapes")
def test_with_htmx_the_soundscape_stays_next_to_the_error(browser, owner):
    failed = factories.GenerationFactory(owner=owner, state=State.FAILED, error="It broke.")
    url = reverse("soundscape_retry", args=[failed.pk])
    for fields in ({}, {"as": "job"}):
        fragment = browser.post(url, fields, **HTMX)
        assert fragment.status_code == 429
        assert "is used up" in fragment.text
        assert str(failed.pk) in fragment.text
    factories.ImageFactory(of_set=True)
    another = {"HTTP_HX_TARGET": f"soundscape-{failed.pk}"}
    refused = browser.post(reverse("create_random"), {}, **HTMX, **another)
    assert refused["HX-Reswap"] == "beforebegin"
    refused = browser.post(reverse("create_random"), {}, **HTMX, HTTP_HX_TARGET="result")
    assert "HX-Reswap" not in refused


def test_an_administrator_s_retry_is_not_charged_to_the_owner(sign_in, administrator, owner):
    failed = factories.GenerationFactory(owner=owner, state=State.FAILED, error="No.")
    form = {"action": "retry", "_selected_action": [str(failed.pk)]}
    sign_in(administrator).post(reverse("admin:soundscapes_generation_changelist"), form)
    failed.refresh_from_db()
    assert failed.state == State.QUEUED
    left = {quota.kind: quota.used for quota in quotas.left(owner)}
    assert left[quotas.Kind.GENERATE] == 0


@pytest.mark.usefixtures("_no_more_soundscapes")
def test_the_studio_says_that_a_limit_is_reached_and_when_it_resets(browser):
    send(browser)
    page = " ".join(browser.get(reverse("studio")).text.split())
    assert "Soundscape limit reached; resets in" in page
