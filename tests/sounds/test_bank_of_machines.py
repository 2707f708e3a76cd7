"""The bank in a bucket, which machines share whose processors make other bytes of a clip."""

import hashlib
from collections.abc import Callable
from functools import partial

import pytest

from soundscapes.engine.paths import bank_dir
from soundscapes.engine.sound.bank import build, variants
from soundscapes.generations import audio_cache, generations
from soundscapes.models import Category, Clip, State
from soundscapes.sounds import bank
from tests import factories
from tests.object_stores import names_in
from tests.queue import work_off

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bucket", "small_bank")]

Machine = Callable[[int], None]


@pytest.fixture
def machine(settings, monkeypatch, tmp_path) -> Machine:
    """Return a function that continues on a machine with a number, which has its own folders."""
    synthesise = build.synthesise

    def processed(number, category, variant):
        samples = synthesise(category, variant).copy()
        samples[len(samples) // 2] += number * 1e-4
        return samples

    def changed(number):
        folder = tmp_path / f"machine-{number}"
        (folder / "media").mkdir(parents=True, exist_ok=True)
        settings.MEDIA_ROOT, settings.DATA_DIR = folder / "media", folder
        monkeypatch.setenv("MEDIA_ROOT", str(settings.MEDIA_ROOT))
        monkeypatch.setattr(build, "synthesise", partial(processed, number))

    changed(1)
    return changed


def set_up() -> int:
    """Do what `setup --complete` does for the bank; return the number of new clips."""
    return bank.import_built() + bank.complete(lambda *_: None)


def checksums() -> set[str]:
    return set(Clip.objects.filter(is_enabled=True).values_list("checksum", flat=True))


def damaged() -> list[str]:
    """Return the clips whose file is not the one that was measured."""
    files = {clip: clip.file.read() for clip in Clip.objects.all()}
    return [str(c) for c, data in files.items() if hashlib.sha256(data).hexdigest() != c.checksum]


def test_a_second_machine_uses_the_clips_of_the_first_one(machine, owner, image):
    assert set_up() == sum(map(variants, ("crow", "dog", "hen")))
    before = checksums()
    machine(2)
    assert set_up() == 0
    assert not list(bank_dir().glob("*.wav"))
    assert not Category.objects.awaiting_clips().exists()
    assert checksums() == before
    generation = generations.create_generation(owner, image, duration=5, layer_count=2)
    assert work_off() == []
    generation.refresh_from_db()
    assert generation.state == State.READY
    assert audio_cache.is_reproducible(generation)


def test_of_two_machines_that_make_a_category_at_once_the_first_one_is_heard(
    machine, bucket, monkeypatch, commit
):
    build_bank = build.build_bank

    def overtaken(*arguments):
        made = build_bank(*arguments)
        monkeypatch.setattr("soundscapes.engine.sound.bank.build_bank", build_bank)
        machine(2)
        assert bank.import_bank(["dog"]) == variants("dog")
        machine(1)
        return made

    monkeypatch.setattr("soundscapes.engine.sound.bank.build_bank", overtaken)
    with commit():
        assert bank.import_bank(["dog"]) == 0
    assert len(names_in(bucket)) == Clip.objects.count() == variants("dog")
    assert damaged() == []


def test_a_file_that_the_bucket_lost_is_replaced_by_another_machine(machine, commit):
    set_up()
    lost, needed, *others = Clip.objects.filter(category__slug="hen").order_by("title")
    factories.GenerationFactory(plan={"credits": [{"clip": needed.checksum}]})
    before = checksums()
    lost.file.storage.delete(lost.file.name)
    machine(2)
    with commit():
        assert set_up() == variants("hen")
    replaced = {clip.checksum for clip in (lost, needed, *others)}
    assert before - checksums() == replaced
    assert damaged() == []
    assert Clip.objects.filter(checksum=needed.checksum, is_enabled=False).exists()
    machine(3)
    assert set_up() == 0
