"""Copies of shared soundscapes."""

import io
import json

import pytest
from PIL import Image as PillowImage

from soundscapes.engine.sound.plan import Plan
from soundscapes.generations import (
    generations,
    library,
    remixes,
    share_imports,
    share_links,
    transcoding,
)
from soundscapes.images import images
from soundscapes.jobs.claims import Claim
from soundscapes.limits import quotas
from soundscapes.models import Embedding, Generation, Image, Similarity, State
from tests import factories, sample_files
from tests.queue import waiting, work_off

pytestmark = pytest.mark.django_db

SECRET = "the pier of a secret place"


@pytest.fixture
def original(owner, sounds):
    image = images.upload_image(owner, sample_files.photo(), SECRET)
    generation = generations.create_generation(owner, image, duration=5, seed=7)
    assert work_off() == []
    return Generation.objects.get(pk=generation.pk)


@pytest.fixture
def link(original):
    return share_links.make_link(original, shows_picture=True)


@pytest.fixture
def hidden(original):
    return share_links.make_link(original)


def saved(user, link):
    copy = share_imports.save_copy(user, link)
    assert copy.state == State.QUEUED
    assert work_off() == []
    copy.refresh_from_db()
    assert (copy.state, copy.error) == (State.READY, "")
    return copy


def data(file) -> bytes:
    with file.open("rb") as opened:
        return opened.read()


def test_a_copy_equals_its_original(stranger, original, link):
    copy = saved(stranger, link)
    assert copy.owner == stranger
    assert data(copy.audio) == data(original.audio)
    assert copy.audio_checksum == original.audio_checksum
    assert copy.plan == original.plan
    assert (copy.duration, copy.seed, copy.peaks) == (5, 7, original.peaks)
    for mine, theirs in zip(copy.layers.all(), original.layers.all(), strict=True):
        assert (mine.rank, mine.category, mine.reason) == (
            theirs.rank,
            theirs.category,
            theirs.reason,
        )


def test_a_copy_counts_with_the_size_of_its_own_file(stranger, original, link):
    transcoding.get_or_create_rendition(original, "mp3")
    assert work_off() == []
    copy = saved(stranger, link)
    assert copy.size == copy.audio.size < Generation.objects.get(pk=original.pk).size


def test_a_copy_names_its_origin(stranger, original, link):
    library.rename(original, "Evening")
    link.refresh_from_db()
    copy = share_imports.save_copy(stranger, link)
    assert (copy.origin, copy.name, copy.is_copy) == ("Evening", "Evening", True)
    assert not original.is_copy


def test_the_image_is_copied_with_its_matches_and_embeddings(stranger, original, link):
    copy = saved(stranger, link)
    assert copy.image.owner == stranger
    assert data(copy.image.file) == data(original.image.file)
    assert (copy.image.title, copy.image.state) == (SECRET, State.READY)
    for model in (Similarity, Embedding):
        assert model.objects.filter(image=copy.image).count() == (
            model.objects.filter(image=original.image).count()
        )
    assert copy.image.similarities.exists()


def test_no_file_is_shared_by_two_rows(
    stranger, owner, original, link, stored, django_capture_on_commit_callbacks
):
    before = stored()
    copy = saved(stranger, link)
    added = {name for name in stored() - before if not name.startswith("clips")}
    assert {name for name in added if name.startswith("generations/")} == {
        name for name in added if name.startswith(copy.folder)
    }
    with django_capture_on_commit_callbacks(execute=True):
        owner.delete()
    assert added <= stored()
    copy.refresh_from_db()
    assert copy.copied_from is None
    assert copy.origin
    with django_capture_on_commit_callbacks(execute=True):
        stranger.delete()
    assert not added & stored()


def test_a_copy_does_not_reveal_a_hidden_image(stranger, original, hidden):
    copy = saved(stranger, hidden)
    assert data(copy.audio) == data(original.audio)
    told = [copy.title, copy.origin, copy.image.title, copy.image.description]
    told += [layer.reason for layer in copy.layers.all()] + [json.dumps(copy.plan)]
    seen = [layer.reason for layer in original.layers.all()] + [SECRET]
    assert not [words for words in seen if any(words in text for text in told)]
    assert copy.image.checksum != original.image.checksum
    assert not copy.image.similarities.exists()
    with PillowImage.open(io.BytesIO(data(copy.image.file))) as drawing:
        assert drawing.size == (copy.image.width, copy.image.height)
    assert Plan.from_json(copy.plan).credits == Plan.from_json(original.plan).credits


@pytest.mark.parametrize("shows_picture", [True, False])
def test_a_copy_can_be_remixed(stranger, original, shows_picture):
    copy = saved(stranger, share_links.make_link(original, shows_picture=shows_picture))
    remix = remixes.create_remix(stranger, copy, copy.current_choices()[:1])
    assert work_off() == []
    remix.refresh_from_db()
    assert (remix.state, remix.is_copy, remix.layers.count()) == (State.READY, False, 1)


def test_an_image_of_a_set_is_not_copied(stranger, owner):
    image = factories.ImageFactory(of_set=True)
    original = factories.GenerationFactory(owner=owner, image=image, ready=True)
    copy = saved(stranger, share_links.make_link(original, shows_picture=True))
    assert copy.image == image
    assert Image.objects.count() == 1


def test_the_same_image_is_stored_once(stranger, original, link):
    mine = images.upload_image(stranger, sample_files.photo(), "mine")
    assert saved(stranger, link).image == mine


def test_the_same_soundscape_is_saved_once(stranger, original, link, hidden):
    copy = saved(stranger, link)
    assert share_imports.save_copy(stranger, link) == copy
    assert share_imports.save_copy(stranger, hidden) == copy
    assert waiting() == []
    library.delete(stranger, [copy.pk])
    assert share_imports.save_copy(stranger, link) != copy


def test_owners_get_no_copy(owner, original, link):
    assert share_imports.save_copy(owner, link) == original
    assert Generation.objects.count() == 1


def test_a_copy_is_charged_to_the_user_who_saves_it(stranger, owner, link, settings):
    settings.QUOTAS = settings.QUOTAS | {"generate": (1, 3600)}
    copy = saved(stranger, link)
    left = {quota.kind: quota.remaining for quota in quotas.left(stranger)}
    assert left[quotas.Kind.GENERATE] == 0
    assert share_imports.save_copy(stranger, link) == copy
    other = factories.GenerationFactory(owner=owner, ready=True)
    with pytest.raises(quotas.QuotaExceededError):
        share_imports.save_copy(stranger, share_links.make_link(other))
    assert Generation.objects.filter(owner=stranger).count() == 1


def test_a_link_revoked_before_copying_fails_with_a_message(stranger, link, stored):
    copy = share_imports.save_copy(stranger, link)
    share_links.revoke(link)
    assert [type(error) for error in work_off()] == [share_imports.CopyError]
    copy.refresh_from_db()
    assert copy.state == State.FAILED
    assert "no longer shared" in copy.error
    assert not [name for name in stored() if name.startswith(copy.folder)]


def test_a_copy_of_a_lost_file_fails_with_a_message_and_leaves_nothing(
    stranger, original, link, stored
):
    original.audio.storage.delete(original.audio.name)
    copy = share_imports.save_copy(stranger, link)
    assert len(work_off()) == 1
    copy.refresh_from_db()
    assert copy.state == State.FAILED
    assert "missing from the server" in copy.error
    assert not [name for name in stored() if name.startswith(copy.folder)]


def test_a_copy_deleted_during_copying_leaves_nothing(
    stranger, link, stored, monkeypatch, django_capture_on_commit_callbacks
):
    copy = share_imports.save_copy(stranger, link)
    real = Claim.report

    def too_late(claim, *progress):
        real(claim, *progress)
        with django_capture_on_commit_callbacks(execute=True):
            Generation.objects.get(pk=copy.pk).delete()

    monkeypatch.setattr(Claim, "report", too_late)
    assert work_off() == []
    assert not [name for name in stored() if name.startswith(copy.folder)]


def test_an_api_request_never_reuses_a_copy(stranger, link):
    copy = saved(stranger, link)
    options = {"duration": 5, "seed": 7}
    assert generations.get_or_create_generation(stranger, copy.image, **options) != copy
