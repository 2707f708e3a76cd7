"""The application's settings, with scenes out of the tests' drawer: drawing is half of a set-up."""

from config.settings import *  # noqa: F403
from soundscapes.engine import scenes
from tests.scenes import kept

scenes.draw = kept
