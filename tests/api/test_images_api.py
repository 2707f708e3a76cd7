"""Images in the API: reading, renaming and deleting."""

import pytest
from django.urls import reverse

from soundscapes.models import Image
from tests import factories

pytestmark = pytest.mark.django_db


def test_an_owner_can_rename_and_delete_an_image(api, image, stored):
    url = reverse("api_image", args=[image.pk])
    renamed = api.patch(url, {"title": "Dusk"}, format="json")
    assert renamed.json()["title"] == api.get(url).json()["title"] == "Dusk"
    assert api.patch(url, {}, format="json").json()["title"] == "Dusk"
    assert api.patch(url, {"title": 7}, format="json").status_code == 400
    generation = factories.GenerationFactory(owner=image.owner, image=image, ready=True)
    assert api.delete(reverse("api_generation", args=[generation.pk])).status_code == 204
    assert api.get(reverse("api_generation", args=[generation.pk])).status_code == 404
    assert api.delete(url).status_code == 204
    assert not Image.objects.exists()


def test_visible_images_of_others_cannot_be_changed(api):
    shared = factories.ImageFactory(of_set=True)
    url = reverse("api_image", args=[shared.pk])
    assert api.get(url).status_code == 200
    assert api.delete(url).status_code == 404
    assert api.patch(url, {"title": "Mine"}, format="json").status_code == 404
    assert Image.objects.filter(pk=shared.pk, title=shared.title).exists()


def test_an_image_lists_its_matches_and_encoder(api, generation):
    row = factories.SimilarityFactory(image=generation.image)
    data = api.get(reverse("api_image", args=[generation.image_id])).json()
    (sound,) = data["sounds"]
    assert (sound["category"], sound["reason"]) == (row.category.slug, row.reason)
    assert data["encoder"]["name"] == row.encoder_name
