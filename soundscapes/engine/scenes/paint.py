"""The canvas: light as numbers, shapes as masks, and the way back to eight bits.

A picture is an array (height, width, 3) of linear light, float32, in which 1.0 is paper white and a
sun may be brighter. Adding and blending light is right only there: IEC 61966-2-1 (sRGB) says how
it becomes the bytes of a screen, and C. Poynton, "Digital Video and HD", why not to mix those.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1600, 1067
FINER = 2  # shapes are drawn so many times larger and reduced: smooth edges

Light = npt.NDArray[np.floating[Any]]
"""Linear light (height, width, 3)."""
Mask = npt.NDArray[np.floating[Any]]
"""How much of a pixel is covered, or any other field (height, width)."""
Point = tuple[float, float]

_BYTES = np.arange(256, dtype=np.float32) / 255.0
_TO_LINEAR = np.where(_BYTES <= 0.04045, _BYTES / 12.92, ((_BYTES + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)
ROWS: Mask = np.arange(HEIGHT, dtype=np.float32)[:, None]
COLUMNS: Mask = np.arange(WIDTH, dtype=np.float32)[None, :]


def colour(code: str) -> Light:
    """Linear light (3,) of a colour as in CSS, such as "#ffd9a0"."""
    return _TO_LINEAR[[int(code[place : place + 2], 16) for place in (1, 3, 5)]]


def blank(code: str = "#000000") -> Light:
    """A canvas of one colour."""
    return np.broadcast_to(colour(code), (HEIGHT, WIDTH, 3)).copy()


def smoothstep(low: float, high: float, values: Mask) -> Mask:
    """0 below `low`, 1 above `high` (or the other way round), an S between."""
    share = np.clip((values - np.float32(low)) / np.float32(high - low), 0.0, 1.0)
    bent: Mask = share * share * (3.0 - 2.0 * share)
    return bent


def gradient(values: Mask, stops: Sequence[tuple[float, str]]) -> Light:
    """Colours by value: between two stops they are mixed in OKLab, as the eye would.

    B. Ottosson, "A perceptual color space for image processing", 2020.
    """
    places = np.array([place for place, _code in stops])
    labs = _oklab(np.stack([colour(code) for _place, code in stops]))
    steps = np.linspace(places[0], places[-1], 512)
    table = _from_oklab(np.stack([np.interp(steps, places, labs[:, k]) for k in range(3)], axis=1))
    reach = places[-1] - places[0]
    index = np.clip((values - places[0]) * (511.0 / reach), 0, 511).astype(np.int32)
    picked: Light = table.astype(np.float32)[index]
    return picked


def vertical(top: float, bottom: float, stops: Sequence[tuple[float, str]]) -> Light:
    """A gradient down the picture: stops from 0 at row `top` to 1 at row `bottom`."""
    rows = gradient((ROWS - top) / (bottom - top), stops)
    return np.broadcast_to(rows, (HEIGHT, WIDTH, 3)).copy()


def _oklab(rgb: Light) -> Light:
    lab: Light = np.cbrt(rgb @ _RGB_TO_LMS.T) @ _LMS_TO_LAB.T
    return lab


def _from_oklab(lab: Light) -> Light:
    rgb = ((lab @ np.linalg.inv(_LMS_TO_LAB).T) ** 3) @ np.linalg.inv(_RGB_TO_LMS).T
    light: Light = np.clip(rgb, 0.0, None)
    return light


_RGB_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LMS_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def lay(picture: Light, mask: Mask, paint: Light | str) -> None:
    """Cover `picture`, in place, with paint where the mask is (1 covers fully)."""
    place = _reach(mask)
    light = colour(paint) if isinstance(paint, str) else paint
    over = light[place] if light.ndim == 3 else light
    part = picture[place]
    part += (over - part) * mask[place][:, :, None]


def shine(picture: Light, mask: Mask, light: str, strength: float = 1.0) -> None:
    """Add light to `picture`, in place."""
    place = _reach(mask)
    picture[place] += mask[place][:, :, None] * (colour(light) * np.float32(strength))


def spot(
    picture: Light, x: float, y: float, radius: float, code: str, strength: float = 1.0
) -> None:
    """Add a round, even spot of light: a lamp, or one out of focus."""
    place = np.s_[
        max(int(y - radius) - 1, 0) : max(int(y + radius) + 2, 0),
        max(int(x - radius) - 1, 0) : max(int(x + radius) + 2, 0),
    ]
    far = np.hypot(COLUMNS[:, place[1]] - x, ROWS[place[0]] - y)
    shown = np.clip(radius + 0.5 - far, 0.0, 1.0)[:, :, None]
    picture[place] += shown * (colour(code) * np.float32(strength))


def _reach(mask: Mask) -> tuple[slice, slice]:
    """The rows and columns in which there is anything."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return np.s_[0:0, 0:0]
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(mask[top:bottom].any(axis=0))
    return np.s_[top:bottom, int(columns[0]) : int(columns[-1]) + 1]


def polygon(*outlines: Sequence[Point]) -> Mask:
    """The area inside outlines (x, y), with smooth edges."""
    image = Image.new("L", (WIDTH * FINER, HEIGHT * FINER))
    draw = ImageDraw.Draw(image)
    for outline in outlines:
        draw.polygon([(x * FINER, y * FINER) for x, y in outline], fill=255)
    return from_bytes(image.reduce(FINER))


def below(line: npt.NDArray[np.floating[Any]]) -> Mask:
    """The area under a line that gives a row for every column, with smooth edges."""
    mask: Mask = np.clip(ROWS - line.astype(np.float32)[None, :] + 0.5, 0.0, 1.0)
    return mask


def from_bytes(image: Image.Image) -> Mask:
    return np.asarray(image, dtype=np.float32) * np.float32(1 / 255)


def blur(values: Mask, radius: float) -> Mask:
    """A Gaussian blur of a field; wide ones are made on a smaller copy."""
    smaller = max(1, int(radius / 4))
    image = Image.fromarray(values.astype(np.float32), "F")
    size = (max(2, WIDTH // smaller), max(2, HEIGHT // smaller))
    small = np.asarray(image.resize(size, Image.Resampling.BOX) if smaller > 1 else image)
    soft = _gauss(_gauss(small, radius / smaller, 0), radius / smaller, 1)
    if smaller == 1:
        return soft
    back = Image.fromarray(soft, "F").resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    return np.asarray(back, dtype=np.float32)


def _gauss(values: Mask, sigma: float, axis: int) -> Mask:
    reach = max(1, int(3 * sigma))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(sigma, 1e-3)) ** 2)
    weights /= weights.sum()
    pads = [(0, 0), (0, 0)]
    pads[axis] = (reach, reach)
    padded = np.pad(values, pads, mode="edge")
    total = np.zeros_like(values)
    for shift, weight in enumerate(weights.astype(np.float32)):
        part = [slice(None), slice(None)]
        part[axis] = slice(shift, shift + values.shape[axis])
        total += weight * padded[tuple(part)]
    return total


def soften(picture: Light, radius: float) -> Light:
    """The picture out of focus."""
    return np.stack([blur(picture[:, :, k], radius) for k in range(3)], axis=2)


def glow(x: float, y: float, radius: float, power: float = 2.0, squeeze: float = 1.0) -> Mask:
    """A soft spot of light that is 1 in its middle; `squeeze` over 1 makes it flat."""
    distance = ((COLUMNS - x) ** 2 + ((ROWS - y) * squeeze) ** 2) / np.float32(radius**2)
    return (1.0 / (1.0 + distance)) ** np.float32(power)


def bloom(picture: Light, threshold: float = 0.8, radius: float = 24.0, share: float = 0.5) -> None:
    """Let what is brighter than `threshold` spill over, as it does in a lens."""
    bright = np.clip(picture - threshold, 0.0, 4.0)
    for size, part in ((radius * 0.4, 0.5), (radius, 0.3), (radius * 3.0, 0.2)):
        for k in range(3):
            picture[:, :, k] += blur(bright[:, :, k], size) * (share * part)


def finish(
    picture: Light,
    rng: np.random.Generator,
    *,
    exposure: float = 1.0,
    vignette: float = 0.25,
    grain: float = 0.012,
) -> Image.Image:
    """Expose, darken the corners, add film grain, and turn light into bytes.

    Highlights roll off as in K. Narkowicz's fit of the ACES curve (2015), mixed with the plain
    scale so that colours keep their strength.
    """
    x, y = (COLUMNS / WIDTH - 0.5) * 2, (ROWS / HEIGHT - 0.5) * 2
    light = (
        np.clip(picture, 0.0, None)
        * (exposure * (1.0 - vignette * 0.5 * (x * x + y * y)))[:, :, None]
    )
    light = np.where(light < 0.6, light, 0.6 + 0.4 * (1.0 - np.exp((0.6 - light) / 0.4)))
    shade = _to_screen(light)
    noise = rng.standard_normal((HEIGHT, WIDTH), dtype=np.float32) * np.float32(grain)
    shade += noise[:, :, None] * (0.35 + 0.65 * (1.0 - np.abs(shade * 2 - 1)))
    return Image.fromarray((np.clip(shade, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8))


_FROM_LINEAR_STEPS = 4096
_FROM_LINEAR = np.linspace(0.0, 1.0, _FROM_LINEAR_STEPS + 2) ** 2  # finer where the eye is
_FROM_LINEAR = np.where(
    _FROM_LINEAR <= 0.0031308, _FROM_LINEAR * 12.92, 1.055 * _FROM_LINEAR ** (1 / 2.4) - 0.055
).astype(np.float32)


def _to_screen(light: Light) -> Light:
    index = (np.sqrt(np.clip(light, 0.0, 1.0)) * _FROM_LINEAR_STEPS).astype(np.int32)
    screen: Light = _FROM_LINEAR[index]
    return screen


class Layer:
    """A sheet that is drawn on with Pillow in screen colours, several times finer than the canvas.

    Coordinates are those of the canvas; a colour is a CSS code or (red, green, blue) up to 255.
    """

    def __init__(self, finer: int = FINER) -> None:
        self._finer = finer
        self._image = Image.new("RGBA", (WIDTH * finer, HEIGHT * finer))
        self._draw = ImageDraw.Draw(self._image)

    def polygon(self, points: Sequence[Point], fill: str | tuple[int, ...]) -> None:
        self._draw.polygon([(x * self._finer, y * self._finer) for x, y in points], fill=fill)

    def ellipse(
        self, x: float, y: float, wide: float, high: float, fill: str | tuple[int, ...]
    ) -> None:
        """Around a middle, with half a width and half a height."""
        k = self._finer
        box = ((x - wide) * k, (y - high) * k, (x + wide) * k, (y + high) * k)
        self._draw.ellipse(box, fill=fill)

    def rectangle(
        self, left: float, top: float, right: float, bottom: float, fill: str | tuple[int, ...]
    ) -> None:
        k = self._finer
        self._draw.rectangle((left * k, top * k, right * k, bottom * k), fill=fill)

    def line(
        self, points: Sequence[Point], fill: str | tuple[int, ...], width: float = 1.0
    ) -> None:
        scaled = [(x * self._finer, y * self._finer) for x, y in points]
        self._draw.line(scaled, fill=fill, width=max(1, round(width * self._finer)), joint="curve")

    def light(self, blurred: float = 0.0) -> tuple[Light, Mask]:
        """What was drawn, as light (not weakened by the mask) and the mask it covers."""
        light = np.zeros((HEIGHT, WIDTH, 3), dtype=np.float32)
        mask = np.zeros((HEIGHT, WIDTH), dtype=np.float32)
        place, light_there, mask_there = self._drawn(blurred)
        light[place], mask[place] = light_there, mask_there
        return light, mask

    def onto(self, picture: Light, blurred: float = 0.0, strength: float = 1.0) -> None:
        """Lay the sheet over the picture."""
        place, light, mask = self._drawn(blurred)
        part = picture[place]
        part += (light - part) * (mask * np.float32(strength))[:, :, None]

    def _drawn(self, blurred: float) -> tuple[tuple[slice, slice], Light, Mask]:
        """The part of the sheet that anything was drawn on: where it lies, its light, its mask."""
        box = self._image.getbbox() or (0, 0, self._finer, self._finer)
        room = int(3 * blurred) + 1
        left, top = (max(edge // self._finer - room, 0) for edge in box[:2])
        right = min(-(-box[2] // self._finer) + room, WIDTH)
        bottom = min(-(-box[3] // self._finer) + room, HEIGHT)
        image = self._image.crop(
            (left * self._finer, top * self._finer, right * self._finer, bottom * self._finer)
        )
        image = image.convert("RGBa")  # premultiplied, so that edges take no black in
        small = image.reduce(self._finer) if self._finer > 1 else image
        if blurred:
            small = small.filter(ImageFilter.GaussianBlur(blurred))
        bands = np.asarray(small.convert("RGBA"))
        mask = bands[:, :, 3].astype(np.float32) / np.float32(255)
        return np.s_[top:bottom, left:right], _TO_LINEAR[bands[:, :, :3]], mask
