"""manage.py check_encoder."""

import io

import pytest
from django.core.management import CommandError, call_command

from soundscapes.engine.matching.clip.weights import find_weights
from soundscapes.engine.paths import PROJECT
from soundscapes.images.matching import current_encoder
from tests.clip_files import save_tiny_clip

pytestmark = pytest.mark.once


def run() -> str:
    shown = io.StringIO()
    call_command("check_encoder", stdout=shown)
    return shown.getvalue()


def test_the_offline_encoder_passes():
    shown = run()
    assert current_encoder().name in shown
    assert shown.count("\nright  ") == 2
    assert "WRONG" not in shown


def test_random_weights_in_clip_s_format_fail(settings, tmp_path):
    settings.ENCODER, settings.CLIP_WEIGHTS = "clip", str(save_tiny_clip(tmp_path))
    with pytest.raises(CommandError, match="configure other weights"):
        run()


def test_missing_weights_are_reported(settings, tmp_path):
    settings.ENCODER, settings.CLIP_WEIGHTS = "clip", str(tmp_path / "missing.safetensors")
    with pytest.raises(CommandError, match=r"missing\.safetensors is not a file"):
        run()


@pytest.mark.slow
def test_the_real_weights_give_the_published_result(settings):
    weights = find_weights("ViT-B/32", PROJECT / "var" / "encoders")
    if weights is None:
        pytest.skip("CLIP's weights are not here: `manage.py fetch_weights` fetches them")
    settings.ENCODER, settings.CLIP_WEIGHTS = "clip", str(weights)
    shown = run()
    assert "differs from the published one by" in shown
    assert "WRONG" not in shown
