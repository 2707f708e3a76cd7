"""The effective licence of a soundscape."""

import pytest

from soundscapes.engine.sound.credits import effective_licence
from soundscapes.engine.sound.plan import Credit


def credit(licence, collection=""):
    return Credit("c", "rain", "Rain", "Ada", licence, "", "upload", collection)


@pytest.mark.parametrize(
    ("licences", "name"),
    [
        ([], "CC0"),
        (["CC0-1.0", "CC0"], "CC0"),
        (["CC0", "CC BY 4.0"], "CC BY"),
        (["CC-BY", "CC-Sampling+"], "CC Sampling+"),
        (["CC BY-SA 4.0", "CC BY"], "CC BY-SA"),
        (["CC BY-NC 3.0", "CC BY-SA 4.0"], "CC BY-NC"),
        (["CC BY-NC-SA 4.0", "CC BY-NC"], "CC BY-NC-SA"),
        (["CC BY-NC-ND 4.0", "CC0"], "CC BY-ND"),
        (["Public domain"], "CC0"),
        (["all rights reserved", "CC0"], "See the credits"),
    ],
)
def test_the_strictest_licence_applies_to_the_soundscape(licences, name):
    assert effective_licence(credit(licence) for licence in licences).name == name


def test_the_licence_of_the_data_set_counts_too():
    taken = credit("CC0", "ESC-50 (K. J. Piczak), CC BY-NC 3.0")
    assert effective_licence([taken]).name == "CC BY-NC"
    assert "commercial" in effective_licence([taken]).terms
