"""Images, sets, embeddings and similarities: who sees them, and what the database refuses."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from soundscapes.models import Image
from tests import factories

pytestmark = pytest.mark.django_db


def is_refused(make, **fields) -> bool:
    try:
        with transaction.atomic():
            make(**fields)
    except IntegrityError:
        return True
    return False


def test_a_image_belongs_to_a_user_or_to_a_set_and_never_to_both_or_neither(owner):
    image_set = factories.ImageSetFactory()
    factories.ImageFactory(owner=owner)
    factories.ImageFactory(owner=None, image_set=image_set)
    assert is_refused(factories.ImageFactory, owner=owner, image_set=image_set)
    assert is_refused(factories.ImageFactory, owner=None, image_set=None)


def test_a_user_has_a_file_once_and_another_user_may_have_it_too(owner, stranger):
    image = factories.ImageFactory(owner=owner)
    assert is_refused(factories.ImageFactory, owner=owner, checksum=image.checksum)
    assert not is_refused(factories.ImageFactory, owner=stranger, checksum=image.checksum)


def test_a_set_has_a_file_once_and_another_set_may_have_it_too():
    image = factories.ImageFactory(of_set=True)
    again = {"owner": None, "checksum": image.checksum}
    assert is_refused(factories.ImageFactory, image_set=image.image_set, **again)
    assert not is_refused(factories.ImageFactory, image_set=factories.ImageSetFactory(), **again)


def test_a_image_has_one_embedding_by_each_encoder():
    row = factories.EmbeddingFactory()
    assert is_refused(factories.EmbeddingFactory, image=row.image, encoder=row.encoder)
    assert not is_refused(factories.EmbeddingFactory, image=row.image, encoder="another")


def test_an_embedding_gives_back_the_encoding_it_was_made_of():
    encoding = factories.encoding(3)
    row = factories.EmbeddingFactory(vectors=factories.Embedding.pack(encoding)["vectors"])
    row.refresh_from_db()
    assert (row.unpack().vectors == encoding.vectors).all()
    assert row.unpack().labels == encoding.labels


def test_a_image_has_one_similarity_to_a_category_by_each_encoder():
    row = factories.SimilarityFactory()
    same = {"image": row.image, "category": row.category}
    assert is_refused(factories.SimilarityFactory, **same)
    assert not is_refused(factories.SimilarityFactory, **same, encoder="another")


@pytest.mark.parametrize("fields", [{"score": 1.5}, {"score": -1.5}, {"position": 2.0}])
def test_a_score_is_a_cosine_and_a_position_is_in_the_image(fields):
    assert is_refused(factories.SimilarityFactory, **fields)


def test_the_check_says_in_words_what_a_image_lacks(owner):
    image = factories.ImageFactory.build(owner=owner, image_set=factories.ImageSetFactory())
    with pytest.raises(ValidationError, match="to a user or to a set, never to both"):
        Image.validate_constraints(image)


def test_one_sees_one_s_own_images_and_those_of_active_sets(owner, stranger):
    mine = factories.ImageFactory(owner=owner)
    theirs = factories.ImageFactory(owner=stranger)
    shared = factories.ImageFactory(of_set=True)
    hidden = factories.ImageFactory(of_set=True, image_set__is_active=False)
    assert set(Image.objects.visible_to(owner)) == {mine, shared}
    assert set(Image.objects.visible_to(stranger)) == {theirs, shared}
    assert hidden not in Image.objects.preloaded()
    assert list(Image.objects.preloaded()) == [shared]


def test_the_image_of_one_s_own_soundscape_stays_visible_when_its_set_is_put_away(owner, stranger):
    image = factories.ImageFactory(of_set=True, image_set__is_active=False)
    factories.GenerationFactory(owner=owner, image=image)
    factories.GenerationFactory(owner=owner, image=image)
    assert list(Image.objects.visible_to(owner)) == [image]
    assert not Image.objects.visible_to(stranger).exists()


def test_administrators_see_the_images_of_every_set_but_not_of_other_users(administrator, stranger):
    hidden = factories.ImageFactory(of_set=True, image_set__is_active=False)
    factories.ImageFactory(owner=stranger)
    assert list(Image.objects.visible_to(administrator)) == [hidden]
