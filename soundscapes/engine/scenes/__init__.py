"""Pictures that the project draws itself, so that a new installation has something to listen to.

`paint`, `noise`, `sky`, `terrain`, `water`, `weather`, `trees`, `meadow`, `poultry` and `solids`
are the tools; every other module paints one scene with them. Nothing but numpy and Pillow, and all
chance from one generator: the same seed gives the same picture.
"""

from soundscapes.engine.scenes.album import AUTHOR, LICENCE, SCENES, Scene, describe, draw

__all__ = ["AUTHOR", "LICENCE", "SCENES", "Scene", "describe", "draw"]
