"""Batch encoding of image collections."""

import pytest

from soundscapes.images import embedding
from soundscapes.images.matching import current_encoder
from soundscapes.models import Embedding, Image
from tests import factories

pytestmark = pytest.mark.django_db


def unheard(*_step: int) -> None:
    pass


def test_only_images_without_embeddings_are_encoded():
    seen, _unseen = factories.ImageFactory.create_batch(2, of_set=True)
    kept = factories.EmbeddingFactory(image=seen, encoder=current_encoder().slug)
    steps = []
    outcome = embedding.embed(Image.objects.of_sets(), lambda *step: steps.append(step))
    assert (outcome.encoded, outcome.known, outcome.failures) == (1, 1, [])
    assert steps == [(0, 1), (1, 1)]
    assert outcome.encoder == current_encoder().name
    assert bytes(Embedding.objects.get(image=seen).vectors) == bytes(kept.vectors)
    again = embedding.embed(Image.objects.of_sets(), unheard)
    assert (again.encoded, again.known) == (0, 2)


def test_an_image_without_file_is_reported_and_the_others_are_encoded():
    lost, _whole = factories.ImageFactory.create_batch(2, of_set=True)
    lost.file.storage.delete(lost.file.name)
    outcome = embedding.embed(Image.objects.of_sets(), unheard)
    assert outcome.encoded == 1
    assert [image for image, _words in outcome.failures] == [lost]
    assert not Embedding.objects.filter(image=lost).exists()
