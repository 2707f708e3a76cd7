"""Import of the catalogue."""

from dataclasses import replace

import pytest

from soundscapes.engine.catalogue import load_catalogue
from soundscapes.models import Category
from soundscapes.sounds import catalogue
from tests import factories

pytestmark = pytest.mark.django_db


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


def test_a_category_of_an_administrator_keeps_its_name_when_one_is_shipped():
    own = factories.CategoryFactory(slug="waterfall", target=None, prompts=["my own waterfall"])
    catalogue.import_catalogue()
    own.refresh_from_db()
    assert (own.prompts, own.is_shipped) == (["my own waterfall"], False)
