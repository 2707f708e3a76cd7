"""Import of the catalogue and the bank."""

from collections import Counter
from dataclasses import replace

import pytest
from django.core.files.base import ContentFile

from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.sound.bank import BANK_VERSION, bank_categories
from soundscapes.models import Category, Clip
from soundscapes.sounds import catalogue
from tests import factories

pytestmark = pytest.mark.django_db


def unheard(*_step: int) -> None:
    pass


def ship(monkeypatch, **changes):
    """Simulate a later release that changes the first category."""
    first, *rest = load_catalogue()
    changed = replace(first, **changes)
    monkeypatch.setattr(catalogue, "load_catalogue", lambda: (changed, *rest))
    return changed


def test_the_catalogue_is_imported_completely_and_once():
    assert catalogue.import_catalogue() == len(load_catalogue())
    assert catalogue.import_catalogue() == 0
    rows = {row.slug: row.to_engine() for row in Category.objects.all()}
    assert rows == {entry.slug: entry for entry in load_catalogue()}


def test_an_unedited_category_follows_the_catalogue(monkeypatch):
    catalogue.import_catalogue()
    shipped = ship(monkeypatch, label="a hound", prompts=("a hound",))
    assert catalogue.import_catalogue() == 1
    assert Category.objects.get(slug=shipped.slug).to_engine() == shipped
    assert catalogue.import_catalogue() == 0


def test_an_edited_category_is_kept(monkeypatch):
    catalogue.import_catalogue()
    row = Category.objects.get(slug=load_catalogue()[0].slug)
    row.prompts = ["my own dog"]
    row.save()
    ship(monkeypatch, label="a hound")
    assert catalogue.import_catalogue() == 0
    row.refresh_from_db()
    assert (row.prompts, row.label) == (["my own dog"], load_catalogue()[0].label)


def test_a_disabled_category_stays_disabled(monkeypatch):
    catalogue.import_catalogue()
    Category.objects.update(is_enabled=False)
    ship(monkeypatch, gain_db=-30.0)
    assert catalogue.import_catalogue() == 1
    assert not Category.objects.filter(is_enabled=True).exists()


@pytest.mark.usefixtures("with_bank")
def test_the_bank_is_imported_once():
    catalogue.import_catalogue()
    count = catalogue.import_bank(unheard)
    clips = Clip.objects.select_related("category")
    assert count == len(clips)
    assert {clip.source for clip in clips} == {Clip.Source.SYNTHESISED}
    assert set(Counter(clip.category.slug for clip in clips)) == set(bank_categories())
    assert all(clip.file.storage.exists(clip.file.name) for clip in clips)
    assert catalogue.import_bank(unheard) == 0
    offered = set(Category.objects.offered().values_list("slug", flat=True))
    assert offered == set(bank_categories())


@pytest.mark.usefixtures("with_bank")
def test_clips_of_an_older_bank_are_deleted_and_recordings_stay():
    catalogue.import_catalogue()
    dog = Category.objects.get(slug="dog")
    old = factories.ClipFactory(category=dog, source=Clip.Source.SYNTHESISED)
    recording = factories.ClipFactory(category=dog)
    catalogue.import_bank(unheard)
    assert not Clip.objects.filter(pk=old.pk).exists()
    assert Clip.objects.filter(pk=recording.pk).exists()


@pytest.mark.usefixtures("with_bank")
def test_clips_get_the_names_of_this_version(django_capture_on_commit_callbacks):
    catalogue.import_catalogue()
    catalogue.import_bank(unheard)
    clip = Clip.objects.filter(category__slug="dog").first()
    name = clip.file.name
    assert f"-v{BANK_VERSION}." in name
    old = clip.file.storage.save("bank/dog-0.wav", ContentFile(b"the same"))
    Clip.objects.filter(pk=clip.pk).update(file=old)
    with django_capture_on_commit_callbacks(execute=True):
        assert catalogue.import_bank(unheard) == 0
    clip.refresh_from_db()
    assert clip.file.name == name
    assert clip.file.storage.exists(name)
    assert not clip.file.storage.exists(old)
