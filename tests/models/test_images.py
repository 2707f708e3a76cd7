"""Visibility and database constraints of images, sets, embeddings and similarities."""

import pytest
from django.core.exceptions import ValidationError

from soundscapes.engine.matching.packing import packed, unpacked
from soundscapes.models import Image
from tests import factories
from tests.models.constraints import is_refused

pytestmark = pytest.mark.django_db


def test_an_image_belongs_to_either_a_user_or_a_set(owner):
    image_set = factories.ImageSetFactory()
    factories.ImageFactory(owner=owner)
    factories.ImageFactory(owner=None, image_set=image_set)
    assert is_refused(factories.ImageFactory, owner=owner, image_set=image_set)
    assert is_refused(factories.ImageFactory, owner=None, image_set=None)


def test_a_file_is_unique_per_user(owner, stranger):
    image = factories.ImageFactory(owner=owner)
    assert is_refused(factories.ImageFactory, owner=owner, checksum=image.checksum)
    assert not is_refused(factories.ImageFactory, owner=stranger, checksum=image.checksum)


def test_a_file_is_unique_per_set():
    image = factories.ImageFactory(of_set=True)
    again = {"owner": None, "checksum": image.checksum}
    assert is_refused(factories.ImageFactory, image_set=image.image_set, **again)
    assert not is_refused(factories.ImageFactory, image_set=factories.ImageSetFactory(), **again)


def test_an_image_has_one_embedding_per_encoder():
    row = factories.EmbeddingFactory()
    assert is_refused(factories.EmbeddingFactory, image=row.image, encoder=row.encoder)
    assert not is_refused(factories.EmbeddingFactory, image=row.image, encoder="another")


def test_an_embedding_unpacks_to_the_same_encoding():
    encoding = factories.encoding(3)
    row = factories.EmbeddingFactory(vectors=packed(encoding)["vectors"])
    row.refresh_from_db()
    assert (unpacked(row).vectors == encoding.vectors).all()
    assert unpacked(row).labels == encoding.labels


def test_an_image_has_one_similarity_per_category_and_encoder():
    row = factories.SimilarityFactory()
    same = {"image": row.image, "category": row.category}
    assert is_refused(factories.SimilarityFactory, **same)
    assert not is_refused(factories.SimilarityFactory, **same, encoder="another")


@pytest.mark.parametrize("fields", [{"score": 1.5}, {"score": -1.5}, {"position": 2.0}])
def test_a_score_is_a_cosine_and_a_position_is_in_the_image(fields):
    assert is_refused(factories.SimilarityFactory, **fields)


def test_the_check_explains_what_an_image_lacks(owner):
    image = factories.ImageFactory.build(owner=owner, image_set=factories.ImageSetFactory())
    with pytest.raises(ValidationError, match="to a user or to a set, never to both"):
        Image.validate_constraints(image)


def test_users_see_their_images_and_those_of_active_sets(owner, stranger):
    mine = factories.ImageFactory(owner=owner)
    theirs = factories.ImageFactory(owner=stranger)
    shared = factories.ImageFactory(of_set=True)
    hidden = factories.ImageFactory(of_set=True, image_set__is_active=False)
    assert set(Image.objects.visible_to(owner)) == {mine, shared}
    assert set(Image.objects.visible_to(stranger)) == {theirs, shared}
    assert hidden not in Image.objects.preloaded()
    assert list(Image.objects.preloaded()) == [shared]


def test_the_image_of_a_soundscape_stays_visible_when_its_set_is_inactive(owner, stranger):
    image = factories.ImageFactory(of_set=True, image_set__is_active=False)
    factories.GenerationFactory(owner=owner, image=image)
    factories.GenerationFactory(owner=owner, image=image)
    assert list(Image.objects.visible_to(owner)) == [image]
    assert not Image.objects.visible_to(stranger).exists()


def test_administrators_see_the_images_of_every_set_but_not_of_other_users(administrator, stranger):
    hidden = factories.ImageFactory(of_set=True, image_set__is_active=False)
    factories.ImageFactory(owner=stranger)
    assert list(Image.objects.visible_to(administrator)) == [hidden]
