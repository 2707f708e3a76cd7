"""What the database itself refuses."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from soundscapes.models import Category, Image, State
from soundscapes.models.categories import validate_prompts
from tests import factories

pytestmark = pytest.mark.django_db


def is_refused(make, **fields) -> bool:
    try:
        with transaction.atomic():
            make(**fields)
    except IntegrityError:
        return True
    return False


def test_a_picture_belongs_to_a_user_or_to_a_set_and_never_to_both_or_neither(owner):
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


def test_a_picture_has_one_embedding_by_each_encoder():
    row = factories.EmbeddingFactory()
    assert is_refused(factories.EmbeddingFactory, image=row.image, encoder=row.encoder)
    assert not is_refused(factories.EmbeddingFactory, image=row.image, encoder="another")


def test_an_embedding_gives_back_the_encoding_it_was_made_of():
    encoding = factories.encoding(3)
    row = factories.EmbeddingFactory(vectors=factories.Embedding.pack(encoding)["vectors"])
    row.refresh_from_db()
    assert (row.unpack().vectors == encoding.vectors).all()
    assert row.unpack().labels == encoding.labels


def test_a_picture_has_one_similarity_to_a_category_by_each_encoder():
    row = factories.SimilarityFactory()
    same = {"image": row.image, "category": row.category}
    assert is_refused(factories.SimilarityFactory, **same)
    assert not is_refused(factories.SimilarityFactory, **same, encoder="another")


@pytest.mark.parametrize("fields", [{"score": 1.5}, {"score": -1.5}, {"position": 2.0}])
def test_a_score_is_a_cosine_and_a_position_is_in_the_picture(fields):
    assert is_refused(factories.SimilarityFactory, **fields)


def test_a_ready_soundscape_has_its_audio():
    assert is_refused(factories.GenerationFactory, state=State.READY)
    assert not is_refused(factories.GenerationFactory, ready=True)
    assert not is_refused(factories.GenerationFactory, state=State.FAILED)


def test_a_soundscape_has_each_rank_and_each_category_once():
    layer = factories.LayerFactory(rank=1)
    assert is_refused(factories.LayerFactory, generation=layer.generation, rank=1)
    assert is_refused(
        factories.LayerFactory, generation=layer.generation, rank=2, category=layer.category
    )


def test_a_recording_is_a_clip_once():
    clip = factories.ClipFactory()
    assert is_refused(factories.ClipFactory, checksum=clip.checksum)


def test_a_category_that_soundscapes_are_made_of_cannot_be_deleted():
    layer = factories.LayerFactory()
    with pytest.raises(IntegrityError):
        layer.category.delete()
    assert Category.objects.filter(pk=layer.category.pk).exists()


def test_the_check_says_in_words_what_a_picture_lacks(owner):
    image = factories.ImageFactory.build(owner=owner, image_set=factories.ImageSetFactory())
    with pytest.raises(ValidationError, match="to a user or to a set, never to both"):
        Image.validate_constraints(image)


@pytest.mark.parametrize(
    "prompts", [[], "a beach", ["a beach", " "], [3], None, ["a beach"] * 41, ["a" * 301]]
)
def test_prompts_are_a_list_of_descriptions(prompts):
    with pytest.raises(ValidationError):
        validate_prompts(prompts)
