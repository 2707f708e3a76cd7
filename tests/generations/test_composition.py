"""Planning with the database's clips."""

import pytest

from soundscapes.files import local_copies
from soundscapes.files.local_copies import clip_files
from soundscapes.models import Clip

pytestmark = [
    pytest.mark.usefixtures("own_data"),
    pytest.mark.django_db,
    pytest.mark.usefixtures("bucket"),
]


def test_a_plan_s_unchanged_clips_are_found(made):
    from soundscapes.engine.sound.plan import Plan

    plan = Plan.from_json(made.plan)
    wanted = {credit.clip for credit in plan.credits}
    assert set(clip_files(plan)) == wanted
    changed = local_copies.clip_path(Clip.objects.get(checksum=min(wanted)))
    changed.write_bytes(b"RIFF")
    assert set(clip_files(plan)) == wanted - {min(wanted)}
