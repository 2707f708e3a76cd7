"""The recipe of weights that are not published ones, from the configuration beside the file.

It is never guessed: with the wrong activation, a model still answers, but wrongly.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from soundscapes.engine.checksums import sha256_of
from soundscapes.engine.errors import EncoderUnavailableError
from soundscapes.engine.matching.clip.published import (
    ACTIVATIONS,
    OPENAI_CHECKSUMS,
    PLAIN,
    QUICK,
    Channels,
    Recipe,
)

OPEN_CLIP, TRANSFORMERS = "open_clip_config.json", "config.json"
_TRANSFORMERS_PIXELS = "preprocessor_config.json"


def recipe_of(own_weights: Path) -> Recipe:
    """Return the recipe of a file that the user names. Raise EncoderUnavailableError if unknown."""
    if found := _configured(own_weights):
        return found
    if own_weights.suffix == ".pt" and sha256_of(own_weights) in OPENAI_CHECKSUMS:
        return Recipe(QUICK)
    raise EncoderUnavailableError(
        f"The activation of {own_weights} is unknown, and with a wrong one CLIP gives wrong "
        f"answers. Put the {OPEN_CLIP} or {TRANSFORMERS} that was published with the weights "
        "beside them."
    )


def _configured(weights: Path) -> Recipe | None:
    """Read open_clip's or transformers' configuration in the folder of a weights file.

    Return None if there is none. Raise EncoderUnavailableError for one that names no activation of
    ACTIVATIONS.
    """
    for name, read in ((OPEN_CLIP, _open_clip), (TRANSFORMERS, _transformers)):
        path = weights.with_name(name)
        if not path.is_file():
            continue
        try:
            recipe = read(_json(path), weights)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EncoderUnavailableError(
                f"{path} is not CLIP's configuration ({error})."
            ) from error
        if recipe.activation not in ACTIVATIONS:
            raise EncoderUnavailableError(
                f"{path} names the activation “{recipe.activation}”. Use weights with one of "
                f"{' or '.join(ACTIVATIONS)}."
            )
        return recipe
    return None


def _json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _open_clip(content: dict[str, Any], _weights: Path) -> Recipe:
    """In open_clip's configurations, plain GELU is the rule."""
    activation = QUICK if content["model_cfg"].get("quick_gelu") else PLAIN
    return _with_pixels(activation, content.get("preprocess_cfg", {}), "mean", "std")


def _transformers(content: dict[str, Any], weights: Path) -> Recipe:
    """In transformers' configurations, CLIP's own activation is the rule."""
    if content.get("model_type") != "clip":
        raise ValueError("its model_type is not clip")
    towers = [content.get(f"{tower}_config", {}) for tower in ("text", "vision")]
    named = {tower.get("hidden_act", QUICK) for tower in towers}
    pixels = weights.with_name(_TRANSFORMERS_PIXELS)
    return _with_pixels(
        " and ".join(sorted(named)),
        _json(pixels) if pixels.is_file() else {},
        "image_mean",
        "image_std",
    )


def _with_pixels(activation: str, content: dict[str, Any], mean: str, std: str) -> Recipe:
    if mean not in content or std not in content:
        return Recipe(activation)
    return Recipe(activation, _channels(content[mean]), _channels(content[std]))


def _channels(values: list[float]) -> Channels:
    red, green, blue = map(float, values)
    return red, green, blue
