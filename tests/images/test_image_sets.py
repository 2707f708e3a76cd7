"""Image sets: moving images, covers and names."""

import pytest

from soundscapes.images import image_sets
from soundscapes.models import Image, ImageSet
from tests import factories

pytestmark = pytest.mark.django_db


def test_duplicates_and_users_images_are_not_moved(owner):
    target = factories.ImageSetFactory()
    moved, twin = factories.ImageFactory.create_batch(2, of_set=True)
    factories.ImageFactory(owner=None, image_set=target, checksum=twin.checksum)
    own = factories.ImageFactory(owner=owner)
    chosen = Image.objects.filter(pk__in=[moved.pk, twin.pk, own.pk])
    done, refused = image_sets.move(chosen, target)
    assert done == [moved]
    assert set(refused) == {twin, own}
    moved.refresh_from_db()
    assert moved.image_set == target
    assert image_sets.has_image(target, twin.checksum, besides=moved)
    assert not image_sets.has_image(target, moved.checksum, besides=moved)


def test_a_moved_image_is_no_longer_the_cover():
    image = factories.ImageFactory(of_set=True)
    former = image_sets.use_as_cover([image])
    image_sets.move(Image.objects.filter(pk=image.pk), factories.ImageSetFactory())
    former.refresh_from_db()
    assert former.cover is None


def test_a_cover_must_be_one_image_of_a_set(owner):
    with pytest.raises(image_sets.SetError, match="A set has one cover"):
        image_sets.use_as_cover(factories.ImageFactory.create_batch(2, of_set=True))
    with pytest.raises(image_sets.SetError, match="Select an image of a set"):
        image_sets.use_as_cover([factories.ImageFactory(owner=owner)])


def test_a_set_is_created_once_and_saved_only_on_request():
    assert image_sets.set_named("Sea", is_saved=False).pk is None
    assert not ImageSet.objects.exists()
    made = image_sets.set_named("Sea")
    assert image_sets.set_named("Sea") == image_sets.set_named("Sea", is_saved=False) == made
