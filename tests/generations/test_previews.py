"""Sounds that are tried in a layer before they are saved."""

import numpy as np
import pytest
import soundfile
from django.utils import timezone

from soundscapes.engine.layer_choices import LayerChoice
from soundscapes.generations import previews, remixes
from soundscapes.limits.quotas import QuotaExceededError
from soundscapes.models import Category, Preview, State
from soundscapes.models.previews import KEPT_FOR
from tests import factories
from tests.layers import rendered_layers
from tests.queue import waiting, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def third(original):
    taken = original.layers.values("category")
    return Category.objects.filter(slug__in=("sea_waves", "dog", "chirping_birds")).exclude(
        pk__in=taken
    )[0]


def rendered(generation, place, category, clip=""):
    preview = previews.get_or_create_preview(generation, place, category, clip)
    assert work_off() == []
    preview.refresh_from_db()
    assert (preview.state, preview.error) == (State.READY, "")
    return soundfile.read(preview.file.path)[0]


def test_the_layer_s_own_sound_is_its_stem(original):
    layer = rendered_layers(original)[0]
    stem, _ = soundfile.read(layer.stem.path)
    again = rendered(original, 1, layer.category)
    assert again.shape == stem.shape
    assert np.abs(again - stem).max() < 1e-3  # two dithers apart


def test_another_category_sounds_as_it_does_in_the_remix_that_has_it(owner, original, third):
    tried = rendered(original, 1, third)
    others = original.current_choices()[1:]
    remix = remixes.create_remix(owner, original, [LayerChoice(1, third.slug), *others])
    assert work_off() == []
    remix.refresh_from_db()
    stem, _ = soundfile.read(rendered_layers(remix)[0].stem.path)
    level = np.sqrt(np.mean(stem**2) / np.mean(tried**2))  # the remix has a level of its own
    assert np.corrcoef(tried[:, 0], stem[:, 0])[0, 1] > 0.999
    assert 0.5 < level < 2


def test_a_clip_can_be_tried(original):
    layer = original.layers.get(rank=1)
    clip = factories.ClipFactory(category=layer.category)
    before = rendered(original, 1, layer.category)
    assert np.abs(rendered(original, 1, layer.category, clip.checksum) - before).max() > 0.01


def test_requests_for_a_preview_share_one_job(original, third):
    first = previews.get_or_create_preview(original, 1, third, "")
    assert previews.get_or_create_preview(original, 1, third, "") == first
    assert len(waiting()) == 1
    assert work_off() == []
    first.refresh_from_db()
    assert previews.find_preview(original, 1, third, "") == first


def test_impossible_previews_are_refused(original, third):
    for place, clip, words in ((0, "", "up to 5"), (6, "", "up to 5"), (1, "0" * 64, "no longer")):
        with pytest.raises(previews.PreviewError, match=words):
            previews.get_or_create_preview(original, place, third, clip)
    original.duration = 3600
    with pytest.raises(previews.PreviewError, match="too long"):
        previews.get_or_create_preview(original, 1, third, "")
    assert not Preview.objects.exists()


def test_previews_have_a_quota(original, third, settings):
    settings.QUOTAS = settings.QUOTAS | {"preview": (1, 3600)}
    previews.get_or_create_preview(original, 1, third, "")
    with pytest.raises(QuotaExceededError):
        previews.get_or_create_preview(original, 2, third, "")
    assert Preview.objects.count() == 1


def test_the_oldest_previews_of_an_account_make_room(original, third, monkeypatch, commit, stored):
    monkeypatch.setattr(previews, "KEPT", 2)
    before = stored()
    with commit():
        for place in (1, 2, 3, 4):
            rendered(original, place, third)
    assert set(Preview.objects.values_list("place", flat=True)) == {3, 4}
    assert len(stored() - before) == 2


def test_previews_expire_with_their_files(original, third, commit, stored):
    before = stored()
    rendered(original, 1, third)
    assert previews.forget_expired() == 0
    Preview.objects.update(queued_at=timezone.now() - KEPT_FOR)
    with commit():
        assert previews.forget_expired() == 1
    assert stored() == before
