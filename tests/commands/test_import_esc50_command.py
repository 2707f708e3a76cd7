"""manage.py import_esc50, from a release to playable clips with credits."""

import io

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from soundscapes.engine.esc50 import ESC10_TERMS, ESC50_TERMS
from soundscapes.engine.matching.matcher import Match
from soundscapes.engine.modes import CALM
from soundscapes.generations.composition import compose
from soundscapes.models import Category, Clip
from soundscapes.sounds import catalogue
from tests import factories, sample_files
from tests.releases import small_release

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _categories():
    catalogue.import_catalogue()


@pytest.fixture
def release():
    return small_release()


def run(source, **options) -> str:
    shown = io.StringIO()
    call_command("import_esc50", str(source), stdout=shown, **options)
    return shown.getvalue()


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_every_recording_becomes_a_clip_with_its_credits(release, tmp_path, form, stored):
    path = release.folder(tmp_path / "r") if form == "folder" else release.zip(tmp_path / "r.zip")
    assert "3 new, 0 already known" in run(path)
    clip = Clip.objects.get(category__slug="wind")
    assert (clip.source, clip.author, clip.licence) == (Clip.Source.ESC50, "Ada", "CC0")
    assert clip.title == "wind (take C).wav"
    assert clip.url == "http://www.freesound.org/people/ada/sounds/7/"
    assert clip.collection == ESC50_TERMS
    assert clip.file.read() == release.audio["5-7-C-16.wav"]
    assert stored() == {each.file.name for each in Clip.objects.all()}


def plan_of(category, seed=1):
    match = Match(category.slug, score=0.5, rank=1, position=0.0, prompt="what one sees")
    return compose([match], duration=20, seed=seed, layer_count=1, mode=CALM).plan


def test_the_esc10_option_imports_only_esc10(release, tmp_path):
    shown = run(release.folder(tmp_path), esc10_only=True)
    assert "not in ESC-10: 1" in shown
    assert {clip.collection for clip in Clip.objects.all()} == {ESC10_TERMS}
    assert not Clip.objects.filter(category__slug="wind").exists()


def test_broken_files_are_reported_and_the_others_imported(release, tmp_path):
    release.add("3-8-A-1", "rooster", data=b"RIFF this is a letter")
    release.add("3-9-A-1", "rooster", data=b"")
    release.add("3-10-A-1", "rooster", data=sample_files.sound(np.zeros(44100, np.float32)))
    release.rows[0]["category"] = "cat"
    shown = run(release.zip(tmp_path / "release.zip"))
    head, _, tail = shown.partition("Skipped: 4")
    assert "2 new" in head
    for name in ("3-8-A-1.wav", "3-9-A-1.wav", "3-10-A-1.wav", "meta/esc50.csv, line 2"):
        assert name in tail
    assert not Clip.objects.filter(category__slug="rooster").exists()


def test_every_soundscape_credits_author_licence_and_data_set(release, tmp_path):
    run(release.folder(tmp_path))
    (credit,) = plan_of(Category.objects.get(slug="wind")).credits
    assert (credit.author, credit.licence, credit.collection) == ("Ada", "CC0", ESC50_TERMS)


PLAYED = {
    Category.Sources.RECORDINGS_FIRST: {"Ada"},
    Category.Sources.RECORDINGS: {"Ada"},
    Category.Sources.SYNTHESISED: {"Machine"},
    Category.Sources.ALL: {"Ada", "Machine"},
}


@pytest.mark.parametrize(("sources", "authors"), PLAYED.items())
def test_an_administrator_chooses_the_clips_to_play(release, tmp_path, sources, authors):
    run(release.folder(tmp_path))
    wind = Category.objects.get(slug="wind")
    factories.ClipFactory(category=wind, source=Clip.Source.SYNTHESISED, author="Machine")
    Category.objects.update(sources=sources)
    plans = [plan_of(wind, seed) for seed in range(8)]
    assert {credit.author for plan in plans for credit in plan.credits} == authors


def test_a_category_without_playable_clips_is_not_offered(release, tmp_path):
    run(release.folder(tmp_path))
    wind = Category.objects.get(slug="wind")
    assert wind in Category.objects.offered()
    Category.objects.update(sources=Category.Sources.SYNTHESISED)
    assert wind not in Category.objects.offered()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nowhere", "nowhere does not exist"),
        (
            "http://127.0.0.1:9/esc50.zip",
            "the server is unreachable",
        ),
    ],
)
def test_unreadable_sources_are_reported(source, words, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"
    with pytest.raises(CommandError, match=words):
        run(source)


def test_before_the_setup_the_command_says_what_to_run(release, tmp_path):
    Category.objects.all().delete()
    with pytest.raises(CommandError, match=r"manage\.py setup"):
        run(release.folder(tmp_path))
