"""Pictures that the project draws itself, so that a new installation has something to listen to."""

from soundscapes.engine.scenes.album import SCENES, Scene, draw

__all__ = ["SCENES", "Scene", "draw"]
