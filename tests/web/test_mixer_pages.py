"""The mixer on a soundscape's page."""

import pytest
from django.urls import reverse

from soundscapes.generations import generations
from soundscapes.images import images
from soundscapes.models import Generation
from tests import factories, sample_files
from tests.queue import work_off
from tests.web.pages import inline_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(sign_in, owner):
    return sign_in(owner)


@pytest.fixture
def original(owner, sounds):
    image = images.upload_image(owner, sample_files.photo())
    generations.create_generation(owner, image, duration=5, seed=7, layer_count=2)
    assert work_off() == []
    return Generation.objects.get()


def third(original):
    taken = {layer.category.slug for layer in original.layers.all()}
    return ({"sea_waves", "dog", "chirping_birds"} - taken).pop()


def test_every_layer_can_be_edited_without_scripts(browser, original):
    page = browser.get(original.get_absolute_url()).text
    for place in (1, 2):
        for name in ("category", "gain_db", "position", "is_muted"):
            assert f'name="place-{place}-{name}"' in page
    assert reverse("remix", args=[original.pk]) in page
    assert inline_code(page) == []


def test_a_layer_shows_reason_scores_encoder_and_licence(browser, original):
    page = browser.get(original.get_absolute_url()).text
    layer = original.layers.get(rank=1)
    assert layer.reason.split("“")[0] in page
    assert third(original).replace("_", " ").split()[0] in page.lower()  # the runner-up
    assert original.encoder_name in page
    assert "<dt>Licence</dt>" in page
    assert "CC BY" in page


def test_every_download_is_offered_with_a_file_name(browser, original):
    page = browser.get(original.get_absolute_url()).text
    for name in ("audio", "stems", "plan", "credits"):
        url = reverse(name, args=[original.pk])
        assert url in page
        assert "attachment" in browser.get(url + "?download")["Content-Disposition"]
    for name in ("flac", "ogg", "mp3"):
        assert f"format={name}" in page


def test_without_stems_there_is_no_zip_and_no_preview(browser, owner):
    old = factories.GenerationFactory(owner=owner, ready=True)
    factories.LayerFactory(generation=old, rank=1)
    page = browser.get(old.get_absolute_url()).text
    assert "data-without-stems" in page
    assert reverse("stems", args=[old.pk]) not in page
    assert browser.get(reverse("stems", args=[old.pk])).status_code == 404
