"""The registered columns that name stored files."""

from django.db.models import FileField

from soundscapes.files import columns
from soundscapes.models import Clip, Export, Generation, Image, JournalEntry, Rendition


def test_every_file_field_of_a_model_is_registered():
    for model in (Clip, Export, Image, Rendition):
        names = {field.name for field in model._meta.fields if isinstance(field, FileField)}
        assert names == {column.column for column in columns.columns_of(model)}
    assert any(column.owns_folder for column in columns.columns_of(Generation))
    assert columns.columns_of(JournalEntry) == []


def test_a_column_is_found_by_its_folder(monkeypatch):
    monkeypatch.setattr(columns, "_columns", [])
    column = columns.FileColumn("attic", JournalEntry, "names")
    columns.register(column)
    assert columns.folders()["attic"] == [column]
    assert columns.columns_of(JournalEntry) == [column]
