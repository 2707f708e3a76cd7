"""Playing: events and clips for players, as the planner and the mixer make them."""

import io

import numpy as np
import pytest
import soundfile

from soundscapes.engine.errors import EngineError, MissingClipError
from soundscapes.engine.sound.mixer import HEADROOM_DB, ClipPool
from soundscapes.engine.sound.plan import Plan
from soundscapes.engine.sound.renderer import render
from soundscapes.engine.sound.samples import SAMPLE_RATE, to_decibels
from soundscapes.files.local_copies import clip_files, clip_path, forget_unplayed_clips
from soundscapes.generations.players import playing
from soundscapes.models import Clip, Generation

pytestmark = pytest.mark.django_db


def bed_of(generation):
    plan = Plan.from_json(generation.plan)
    return next(layer for layer in plan.layers if layer.is_chain)


def test_events_name_clips_of_their_layer_by_number(made):
    plan = Plan.from_json(made.plan)
    part = playing.part(made, 0)
    assert (part["start"], part["end"]) == (0, 5)
    for layer, planned in zip(part["layers"], plan.layers, strict=True):
        assert layer["place"] == planned.rank
        events = [event for event in layer["events"] if event[2] >= 0]
        assert [layer["clips"][event[0]] for event in events] == [e.clip for e in planned.events]
        assert [event[4] for event in events] == pytest.approx(
            [planned.gain_db + event.gain_db for event in planned.events], abs=0.01
        )


def test_the_gain_is_that_of_the_file(made, tmp_path):
    plan = Plan.from_json(made.plan)
    rendering = render(plan, clip_files(plan), tmp_path / "sound.wav")
    assert made.gain_db == pytest.approx(rendering.gain_db)
    assert to_decibels(playing.part(made, 0)["gain"]) == pytest.approx(
        rendering.gain_db + HEADROOM_DB
    )


def test_the_gain_of_an_earlier_release_s_soundscape_is_measured_once(made):
    gain_db = made.gain_db
    Generation.objects.update(gain_db=None)
    made.refresh_from_db()
    playing.part(made, 0)
    assert Generation.objects.get().gain_db == pytest.approx(gain_db)


def test_later_parts_follow_and_name_clips_that_can_be_fetched(made):
    parts = [playing.part(made, number) for number in range(3)]
    assert [part["start"] for part in parts[1:]] == [part["end"] for part in parts[:-1]]
    for layer in parts[2]["layers"]:
        assert layer["events"]
        for checksum in layer["clips"]:
            assert playing.layer_clip(made, layer["place"], checksum, "ogg").path.is_file()


def test_a_plan_with_a_lost_clip_says_which(made):
    Clip.objects.filter(checksum=bed_of(made).events[0].clip).delete()
    with pytest.raises(MissingClipError, match="sea_waves is missing"):
        playing.part(made, 0)


@pytest.mark.parametrize("number", [-1, 10**6])
def test_there_is_an_end(made, number):
    with pytest.raises(EngineError, match="parts from"):
        playing.part(made, number)


def as_of_an_older_plan(generation: Generation) -> None:
    for layer in generation.plan["layers"]:
        layer["decorrelator"] = "velvet"
    generation.save(update_fields=["plan"])


@pytest.mark.parametrize(("form", "likeness"), [("flac", 0.9999), ("ogg", 0.75)])
@pytest.mark.parametrize("is_old", [False, True])
def test_a_clip_is_sent_as_its_layer_plays_it(made, form, likeness, is_old):
    if is_old:
        as_of_an_older_plan(made)
    layer = bed_of(made)
    width = layer.width if is_old else 0.0  # the player adds what is missing
    sent = next(each for each in playing.part(made, 0)["layers"] if each["place"] == layer.rank)
    assert sent["width"] + width == layer.width > 0
    assert sent["wide"] == is_old
    [checksum] = {event.clip for event in layer.events}
    found = playing.layer_clip(made, layer.rank, checksum, form)
    heard, rate = soundfile.read(io.BytesIO(found.path.read_bytes()), always_2d=True)
    path = clip_path(Clip.objects.get(checksum=checksum))
    heard_as = (layer.distance, width, layer.decorrelator)
    mixed = ClipPool({"": path}).get("", 1.0, *heard_as).T
    assert rate == SAMPLE_RATE
    assert heard.shape == mixed.shape == (len(mixed), 1 + is_old)
    assert np.corrcoef(heard.ravel(), mixed.ravel())[0, 1] > likeness
    softer = to_decibels(np.abs(mixed).mean() / np.abs(heard).mean())
    assert softer == pytest.approx(HEADROOM_DB, abs=2)


@pytest.mark.usefixtures("own_data")  # not the clips of other tests
def test_a_clip_is_encoded_once_and_forgotten_when_nobody_plays_it(made, monkeypatch):
    layer = bed_of(made)
    checksum = layer.events[0].clip
    found = playing.layer_clip(made, layer.rank, checksum, "ogg")
    made_at = found.path.stat().st_ino
    assert playing.layer_clip(made, layer.rank, checksum, "ogg").path.stat().st_ino == made_at
    monkeypatch.setattr("soundscapes.files.local_copies.KEPT_FOR", -1)
    forget_unplayed_clips()
    assert not found.path.exists()


def test_a_layer_has_only_its_own_clips(made):
    layer = bed_of(made)
    others = Clip.objects.exclude(category__slug=layer.category)
    for clip in others:
        with pytest.raises(FileNotFoundError):
            playing.layer_clip(made, layer.rank, clip.checksum, "ogg")
    with pytest.raises(FileNotFoundError):
        playing.layer_clip(made, 9, layer.events[0].clip, "ogg")
