"""Clips of the synthesised bank, whether they are there or still awaited."""

from collections import Counter

import pytest
from django.core.files.base import ContentFile

from soundscapes.engine.clip_fits import words_of
from soundscapes.engine.composition import preferred_clips
from soundscapes.engine.paths import bank_dir
from soundscapes.engine.sound.bank import BANK_VERSION, bank_categories, variants
from soundscapes.files.storage import is_stored
from soundscapes.models import Category, Clip
from soundscapes.sounds import bank, catalogue
from tests import factories

pytestmark = pytest.mark.django_db


def offered() -> set[str]:
    return set(Category.objects.offered().values_list("slug", flat=True))


def awaiting() -> set[str]:
    return set(Category.objects.awaiting_clips().values_list("slug", flat=True))


@pytest.mark.usefixtures("with_bank")
def test_a_bank_that_is_there_is_imported_once():
    catalogue.import_catalogue()
    count = bank.import_built()
    clips = Clip.objects.select_related("category")
    assert count == len(clips)
    assert {clip.source for clip in clips} == {Clip.Source.SYNTHESISED}
    assert set(Counter(clip.category.slug for clip in clips)) == set(bank_categories())
    assert all(is_stored(clip.file) and clip.peaks for clip in clips)
    assert bank.import_built() == 0
    assert awaiting() == set()
    assert offered() == set(bank_categories())


def test_categories_whose_clips_are_awaited_are_offered(small_bank):
    assert bank.import_built() == 0
    assert not Clip.objects.exists()
    assert awaiting() == offered() == set(small_bank)
    Category.objects.filter(slug="dog").update(sources=Category.Sources.RECORDINGS)
    Category.objects.filter(slug="hen").update(is_enabled=False)
    assert offered() == {"crow"}


@pytest.mark.usefixtures("small_bank")
def test_only_the_needed_clips_are_synthesised():
    bank.import_built()
    assert bank.make_awaited(["dog"]) == variants("dog")
    assert {clip.category.slug for clip in Clip.objects.all()} == {"dog"}
    assert awaiting() == {"crow", "hen"}
    assert bank.make_awaited(["dog"]) == 0
    assert bank.import_built() == 0  # the set-up is repeated
    assert awaiting() == {"crow", "hen"}


@pytest.mark.once
@pytest.mark.usefixtures("small_bank")
def test_clips_are_the_same_in_whatever_order_they_are_made():
    def clips_of(*order):
        bank.import_built()
        for slug in order:
            bank.make_awaited([slug])
        made = preferred_clips(clip.to_engine() for clip in Clip.objects.select_related("category"))
        Clip.objects.all().delete()
        for path in bank_dir().glob("*.*"):
            path.unlink()
        return made

    assert clips_of("dog", "crow") == clips_of("crow", "dog")


@pytest.mark.usefixtures("small_bank")
def test_two_workers_that_import_a_category_at_once_keep_one_row_of_each_clip(monkeypatch):
    row, others = bank._row, []

    def slow(*arguments):
        if not others:
            others.append("another worker")
            bank.import_bank(["dog"])
        return row(*arguments)

    monkeypatch.setattr(bank, "_row", slow)
    bank.import_bank(["dog"])
    assert Clip.objects.count() == variants("dog")


def test_a_lost_file_is_synthesised_again(small_bank):
    bank.import_bank(small_bank)
    lost = Clip.objects.filter(category__slug="hen").first()
    lost.file.storage.delete(lost.file.name)
    assert bank.import_built() == 0
    assert awaiting() == {"hen"}
    assert bank.make_awaited(["hen"]) == 0
    assert is_stored(lost.file)


@pytest.mark.usefixtures("with_bank")
def test_clips_of_an_older_bank_are_deleted_and_recordings_stay():
    catalogue.import_catalogue()
    dog = Category.objects.get(slug="dog")
    old = factories.ClipFactory(category=dog, source=Clip.Source.SYNTHESISED)
    Clip.objects.filter(pk=old.pk).update(file="bank/dog-0-v1.wav")
    recording = factories.ClipFactory(category=dog)
    needed = factories.ClipFactory(category=dog, source=Clip.Source.SYNTHESISED)
    Clip.objects.filter(pk=needed.pk).update(file="bank/dog-1-v1.wav")
    factories.GenerationFactory(plan={"credits": [{"clip": needed.checksum}]})
    bank.import_built()
    assert not Clip.objects.filter(pk=old.pk).exists()
    assert Clip.objects.filter(pk=recording.pk).exists()
    assert not Clip.objects.get(pk=needed.pk).is_enabled  # its plan can be rendered again


@pytest.mark.usefixtures("small_bank")
def test_files_of_an_older_bank_go_unless_a_plan_needs_them(django_capture_on_commit_callbacks):
    dog = Category.objects.get(slug="dog")
    old, needed = (
        factories.ClipFactory(category=dog, source=Clip.Source.SYNTHESISED) for _ in range(2)
    )
    for number, row in enumerate((old, needed)):
        row.file = row.file.storage.save(f"bank/dog-{number}-v1.wav", ContentFile(b"old"))
        row.save()
    factories.GenerationFactory(plan={"credits": [{"clip": needed.checksum}]})
    with django_capture_on_commit_callbacks(execute=True):
        bank.import_bank(["dog"])
    assert not is_stored(old.file)
    assert is_stored(needed.file)


@pytest.mark.usefixtures("with_bank")
def test_clips_get_the_names_of_this_version(django_capture_on_commit_callbacks):
    catalogue.import_catalogue()
    bank.import_built()
    clip = Clip.objects.filter(category__slug="dog").first()
    name = clip.file.name
    assert f"-v{BANK_VERSION}." in name
    old = clip.file.storage.save("bank/dog-0.wav", ContentFile(b"the same"))
    Clip.objects.filter(pk=clip.pk).update(file=old)
    with django_capture_on_commit_callbacks(execute=True):
        assert bank.import_built() == 0
    clip.refresh_from_db()
    assert clip.file.name == name
    assert clip.file.storage.exists(name)
    assert not clip.file.storage.exists(old)


@pytest.mark.usefixtures("with_bank")
def test_clips_have_the_words_of_their_recipes_unless_an_administrator_wrote_some():
    catalogue.import_catalogue()
    bank.import_built()
    first, second, *_others = Clip.objects.filter(category__slug="rain").order_by("title")
    assert first.words == words_of("rain", 0)
    Clip.objects.filter(pk=first.pk).update(words="a drizzle")
    Clip.objects.filter(pk=second.pk).update(words="")
    bank.import_built()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.words, second.words) == ("a drizzle", words_of("rain", 1))
