"""Offered categories and clips, and database constraints."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from soundscapes.models import Category, Clip
from soundscapes.models.categories import validate_prompts
from tests import factories
from tests.models.constraints import is_refused

pytestmark = pytest.mark.django_db


def test_a_recording_is_a_clip_once():
    clip = factories.ClipFactory()
    assert is_refused(factories.ClipFactory, checksum=clip.checksum)


def test_a_category_used_by_soundscapes_cannot_be_deleted():
    layer = factories.LayerFactory()
    with pytest.raises(IntegrityError):
        layer.category.delete()
    assert Category.objects.filter(pk=layer.category.pk).exists()


@pytest.mark.parametrize(
    "prompts", [[], "a beach", ["a beach", " "], [3], None, ["a beach"] * 41, ["a" * 301]]
)
def test_invalid_prompts_are_rejected(prompts):
    with pytest.raises(ValidationError):
        validate_prompts(prompts)


def test_an_enabled_category_with_an_enabled_clip_is_offered():
    offered = factories.ClipFactory(category=factories.category_named("dog")).category
    factories.ClipFactory(category=offered)
    factories.category_named("cat")
    factories.ClipFactory(category=factories.category_named("cow"), is_enabled=False)
    disabled = factories.ClipFactory(category=factories.category_named("hen")).category
    Category.objects.filter(pk=disabled.pk).update(is_enabled=False)
    assert list(Category.objects.offered()) == [offered]
    assert {clip.category for clip in Clip.objects.playable()} == {offered}


def test_only_enabled_clips_are_counted():
    category = factories.ClipFactory().category
    factories.ClipFactory(category=category, is_enabled=False)
    assert Category.objects.with_source_counts().get(pk=category.pk).clip_count == 1
