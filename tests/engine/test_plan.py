"""Plans survive JSON exactly, and malformed ones are rejected."""

from __future__ import annotations

import copy
import json

import pytest

from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.plan import ADDED, PLAN_VERSION, Plan
from soundscapes.engine.sound.planner import make_plan
from tests.engine.sound_clips import EVERYTHING


@pytest.fixture(scope="module")
def plan(library):
    return make_plan(EVERYTHING, library, duration=20, seed=7, encoder="offline")


def test_a_plan_survives_json_text_exactly(plan):
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


@pytest.mark.parametrize("version", [PLAN_VERSION + 1, 0, None, "1", True])
def test_a_plan_of_another_version_is_rejected(plan, version):
    document = plan.to_json() | {"version": version}
    with pytest.raises(EngineError, match=r"version .*\.$"):
        Plan.from_json(document)


def change(document, path, value):
    *parents, last = path
    for step in parents:
        document = document[step]
    document[last] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["duration"], 4.0),
        (["duration"], float("nan")),
        (["duration"], "20"),
        pytest.param(["duration"], 10**400, id="huge"),
        (["duration"], True),
        (["seed"], 1.5),
        (["seed"], -1),
        (["mode"], "loud"),
        (["target_lufs"], 3.0),
        (["layers"], {}),
        (["layers", 0], None),
        (["layers", 0, "kind"], "background"),
        (["layers", 0, "position"], 1.5),
        (["layers", 0, "gain_db"], float("inf")),
        (["layers", 0, "events", 0, "rate"], 0.0),
        (["layers", 0, "events", 0, "time"], -0.1),
        (["layers", 0, "events", 0, "time"], 20.0),
        (["layers", 0, "events", 0, "duration"], 0.0),
        (["layers", 0, "events", 0, "fade_in"], 1e9),
        (["layers", 0, "events", 0, "gain_db"], float("nan")),
        (["layers", 0, "width"], 0.6),
        (["layers", 0, "surprise"], 1),
        (["layers", 0, "category"], "own-5"),
        (["credits", 0, "licence"], None),
        pytest.param(["credits", 0, "title"], "\ud800", id="surrogate"),
    ],
)
def test_a_malformed_plan_is_rejected(plan, path, value):
    document = copy.deepcopy(plan.to_json())
    change(document, path, value)
    with pytest.raises(EngineError, match=r"malformed.*\.$"):
        Plan.from_json(document)


def test_a_missing_key_is_named_in_the_error(plan):
    document = plan.to_json()
    del document["encoder"]
    with pytest.raises(EngineError, match="encoder"):
        Plan.from_json(document)


@pytest.mark.parametrize("document", [None, [], "plan", 3])
def test_only_an_object_is_a_plan(document):
    with pytest.raises(EngineError):
        Plan.from_json(document)


@pytest.mark.parametrize("version", ADDED)
def test_a_plan_of_an_earlier_version_is_read_as_it_was_heard(plan, version):
    document = plan.to_json() | {"version": version}
    added = {
        name: value
        for since, row in ADDED.items()
        if since >= version
        for name, value in row.items()
    }
    for layer in document["layers"]:
        for name in added:
            del layer[name]
    read = Plan.from_json(document)
    assert read.version == PLAN_VERSION
    for layer in read.layers:
        assert {name: getattr(layer, name) for name in added} == added
