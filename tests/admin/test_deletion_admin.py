"""Deletion of rows with many dependent rows."""

import pytest

from soundscapes.models import Image
from tests import factories
from tests.admin.forms import page

pytestmark = pytest.mark.django_db


def test_images_are_deleted_with_their_files(browser, stored, django_capture_on_commit_callbacks):
    image = factories.ImageFactory(of_set=True)
    factories.GenerationFactory(image=image)
    fields = {"action": "delete_selected", "_selected_action": [image.pk]}
    asked = browser.post(page("soundscapes_image_changelist"), fields)
    assert "Generations: 1" in asked.text
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(page("soundscapes_image_changelist"), fields | {"post": "yes"})
    assert not Image.objects.exists()
    assert stored() == set()


def test_confirming_a_deletion_needs_a_constant_number_of_queries(browser, queries_of):
    counts = []
    for number in (1, 5):
        images = factories.ImageFactory.create_batch(number, of_set=True)
        for image in images:
            factories.SimilarityFactory(image=image)
        keys = [image.pk for image in images]
        fields = {"action": "delete_selected", "_selected_action": keys}
        url = page("soundscapes_image_changelist")
        counts.append(queries_of(lambda a=url, f=fields: browser.post(a, f)))
    assert len(set(counts)) == 1
