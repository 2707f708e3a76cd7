"""The mixer on a soundscape's page."""

import pytest
from django.urls import reverse

from soundscapes.models import Similarity
from soundscapes.web.mixer import Pin
from tests import factories
from tests.layers import rendered_layers
from tests.web.pages import inline_code

pytestmark = pytest.mark.django_db


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
    rendered_layers(original)
    for name in ("audio", "stems", "plan", "credits"):
        url = reverse(name, args=[original.pk])
        assert url in page
        assert "attachment" in browser.get(url + "?download")["Content-Disposition"]
    for name in ("flac", "ogg", "mp3"):
        assert f"format={name}" in page


def test_without_a_plan_there_is_no_zip_and_no_layer_to_change(browser, owner):
    old = factories.GenerationFactory(owner=owner, ready=True)
    factories.LayerFactory(generation=old, rank=1)
    page = browser.get(old.get_absolute_url()).text
    assert "data-layer" not in page
    assert reverse("stems", args=[old.pk]) not in page
    assert browser.get(reverse("stems", args=[old.pk])).status_code == 404


def similarity(x=0.0, y=0.0):
    return Similarity(position=x, y=y)


def test_pins_stand_where_the_evidence_is_and_never_on_each_other():
    pins = []
    for _ in range(5):
        pins.append(Pin.at(similarity(0.5, -1), pins))
    assert pins[0].x == 75
    assert pins[0].y == 6
    assert len({pin.y for pin in pins}) == 5
    assert all(6 <= pin.y <= 94 for pin in pins)
    assert Pin.at(similarity(-0.5, -1), pins).y == 6


def test_the_page_shows_a_pin_and_the_heat_of_every_sound_without_styles_in_it(browser, original):
    original.image.similarities.update(evidence="000/0f0/000", y=0.5)
    page = browser.get(original.get_absolute_url()).text
    assert page.count('class="heat"') == 2
    assert 'viewBox="0 0 3 3"' in page
    assert page.count('<g data-place="') == 2
    assert "style=" not in page


@pytest.mark.parametrize(("confidence", "is_said"), [(0.3, True), (0.8, False), (None, False)])
def test_the_page_says_when_it_is_not_sure(browser, original, confidence, is_said):
    original.image.similarities.update(confidence=confidence)
    page = browser.get(original.get_absolute_url()).text
    assert ("Not sure." in page) is is_said
    assert ("30 %" in page) is is_said
