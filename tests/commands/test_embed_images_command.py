"""manage.py embed_images, which encodes each image once."""

import io

import pytest
from django.core.management import CommandError, call_command

from soundscapes.engine.matching.packing import unpacked
from soundscapes.images import embedding, matching
from soundscapes.models import Embedding, Image
from tests import factories

pytestmark = pytest.mark.django_db


def run(**options) -> tuple[str, str]:
    shown, failed = io.StringIO(), io.StringIO()
    call_command("embed_images", stdout=shown, stderr=failed, **options)
    return shown.getvalue(), failed.getvalue()


@pytest.fixture
def two_sets():
    """Create a set with three images and one with two."""
    sets = [factories.ImageSetFactory(name=name) for name in ("sea", "woods")]
    for image_set, count in zip(sets, (3, 2), strict=True):
        factories.ImageFactory.create_batch(count, image_set=image_set, owner=None)
    return sets


def test_only_images_of_sets_are_encoded(two_sets, owner):
    factories.ImageFactory(owner=owner)
    shown, failed = run()
    assert "5 encoded, 0 already known, 0 failed" in shown
    assert failed == ""
    assert set(Embedding.objects.values_list("image", flat=True)) == set(
        Image.objects.exclude(image_set=None).values_list("pk", flat=True)
    )


def test_the_embeddings_equal_those_of_matching(two_sets):
    run()
    image = two_sets[0].images.first()
    (alone,) = matching.encoder().encode_photos([matching.read_image(image)])
    kept = unpacked(Embedding.objects.get(image=image))
    assert kept.vectors == pytest.approx(alone.vectors, abs=1e-4)
    assert [label.name for label in kept.labels] == [label.name for label in alone.labels]


def test_only_the_named_sets_are_encoded(two_sets):
    shown, _ = run(set=["woods"])
    assert "2 encoded" in shown
    assert {row.image.image_set.name for row in Embedding.objects.all()} == {"woods"}
    shown, _ = run(set=["woods", "sea"])
    assert "3 encoded, 2 already known" in shown


def test_a_missing_set_is_reported_with_the_existing_ones(two_sets):
    with pytest.raises(CommandError, match=r"“moon”.*sea, woods"):
        run(set=["sea", "moon"])
    assert not Embedding.objects.exists()


def test_existing_embeddings_are_kept(two_sets):
    run()
    before = set(Embedding.objects.values_list("pk", "created_at"))
    shown, _ = run()
    assert "0 encoded, 5 already known" in shown
    assert set(Embedding.objects.values_list("pk", "created_at")) == before


def test_the_next_run_continues_an_interrupted_one(two_sets, monkeypatch):
    monkeypatch.setattr(embedding, "BATCH", 2)
    store = embedding._store

    def interrupted(*batch):
        if Embedding.objects.exists():
            raise KeyboardInterrupt
        store(*batch)

    with monkeypatch.context() as patch:
        patch.setattr(embedding, "_store", interrupted)
        with pytest.raises(CommandError, match="Run the command again"):
            run()
    assert Embedding.objects.count() == 2
    shown, _ = run()
    assert "3 encoded, 2 already known" in shown


def test_a_missing_file_is_reported_and_the_others_are_encoded(two_sets):
    lost = two_sets[0].images.first()
    lost.file.storage.delete(lost.file.name)
    shown, failed = run()
    assert "4 encoded, 0 already known, 1 failed" in shown
    assert str(lost) in failed


def test_embeddings_of_another_encoder_do_not_count(two_sets):
    factories.EmbeddingFactory(image=two_sets[0].images.first(), encoder="an older one")
    shown, _ = run()
    assert "5 encoded" in shown
