"""Birds: songs, crows, hens, roosters, owls and gulls.

Whistled songs are frequency-modulated syllables (Farnell, "Designing Sound", ch. 51); calls of
crow, hen and rooster come from the source-filter voice, whose pitch contours and formants follow
N. H. Fletcher, "Acoustic Systems in Biology" (OUP 1992) on the syrinx and trachea.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.blends import among
from soundscapes.engine.sound.bank.dsp import (
    Points,
    burst,
    curve,
    lowpass,
    partial,
    place,
    room,
    samples,
    smooth_curve,
    turns,
    unit,
    wander,
    white,
)
from soundscapes.engine.sound.bank.voice import Formant, Throat, effort, voice
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, mono


@dataclass(frozen=True, slots=True)
class Syllable:
    """A whistle: pitch at start, middle and end (Hz), length and following pause (s)."""

    start: float
    middle: float
    end: float
    seconds: float
    pause: float
    flutter: float = 0.0
    flutter_rate: float = 40.0


def _whistle(random: Generator, syllable: Syllable) -> Mono:
    count = samples(syllable.seconds)
    points = [(0, syllable.start), (random.uniform(0.35, 0.65), syllable.middle), (1, syllable.end)]
    pitch = smooth_curve(count, points).astype(np.float64)
    time = np.arange(count) / SAMPLE_RATE
    pitch *= 1 + syllable.flutter * np.sin(2 * np.pi * syllable.flutter_rate * time)
    phase = np.cumsum(2 * np.pi * pitch / SAMPLE_RATE)
    tone = np.sin(phase) + 0.08 * np.sin(2 * phase) + 0.02 * np.sin(3 * phase)
    attack = min(0.012, syllable.seconds / 4)
    return mono(tone * burst(count, attack, syllable.seconds * 0.45))


def _song(random: Generator, syllables: list[Syllable], tail: float) -> Mono:
    seconds = sum(each.seconds + each.pause for each in syllables)
    sound = np.zeros(samples(seconds + tail), dtype=np.float32)
    time = 0.02
    for each in syllables:
        place(sound, time, _whistle(random, each), random.uniform(0.7, 1.0))
        time += each.seconds + each.pause
    return sound


def _trill(random: Generator) -> list[Syllable]:
    """A chaffinch: a falling run of notes and a flourish."""
    pitch, notes = random.uniform(4200, 5200), int(random.integers(9, 14))
    run = [
        Syllable(p * 1.25, p, p * 0.72, 0.07, 0.03) for p in np.linspace(pitch, pitch * 0.7, notes)
    ]
    return [*run, Syllable(2600, 5200, 3300, 0.16, 0.05), Syllable(4300, 3000, 2300, 0.2, 0.1)]


def _tit(random: Generator) -> list[Syllable]:
    """A great tit: two repeated notes."""
    high, low = random.uniform(5200, 6200), random.uniform(3700, 4400)
    pair = [
        Syllable(high, high * 1.02, high * 0.98, 0.11, 0.06),
        Syllable(low, low * 1.01, low * 0.97, 0.15, 0.10),
    ]
    return pair * int(random.integers(5, 8))


def _three(random: Generator, low: float, high: float) -> tuple[float, float, float]:
    return random.uniform(low, high), random.uniform(low, high), random.uniform(low, high)


def _blackbird(random: Generator) -> list[Syllable]:
    """A blackbird: slow fluted phrases that end in a twitter."""
    fluted = [
        Syllable(*_three(random, 1600, 2900), random.uniform(0.14, 0.34), random.uniform(0.03, 0.1))
        for _ in range(int(random.integers(6, 9)))
    ]
    twitter = [
        Syllable(*_three(random, 4000, 7200), 0.06, 0.02, 0.08, 60.0)
        for _ in range(int(random.integers(4, 7)))
    ]
    return fluted + twitter


def _sparrow(random: Generator) -> list[Syllable]:
    """A house sparrow: simple chirps with irregular gaps."""
    return [
        Syllable(
            random.uniform(3000, 3800),
            random.uniform(4600, 5600),
            random.uniform(2600, 3300),
            random.uniform(0.08, 0.14),
            random.uniform(0.12, 0.34),
            0.03,
            70.0,
        )
        for _ in range(int(random.integers(9, 13)))
    ]


def _robin(random: Generator) -> list[Syllable]:
    """A robin: silvery, thin phrases that hurry downwards."""
    high = np.sort(random.uniform(2600, 7800, int(random.integers(14, 20))))[::-1].tolist()
    return [
        Syllable(
            *_three(random, 0.8 * pitch, 1.2 * pitch),
            random.uniform(0.04, 0.13),
            random.uniform(0.01, 0.06),
            random.choice((0.0, 0.0, 0.06)),
            55.0,
        )
        for pitch in high
    ]


def _wren(random: Generator) -> list[Syllable]:
    """A wren: a rattling burst of high notes with a trill in the middle."""
    notes = [Syllable(*_three(random, 4200, 7600), 0.06, 0.03) for _ in range(10)]
    trill = [Syllable(5200, 6100, 4900, 0.028, 0.017) for _ in range(16)]
    return [*notes, *trill, *notes[:5]]


def _cuckoo(random: Generator) -> list[Syllable]:
    """A cuckoo: a falling third, five or six times."""
    high, low = random.uniform(640, 700), random.uniform(520, 560)
    call = [
        Syllable(0.97 * high, high, 0.97 * high, 0.14, 0.12),
        Syllable(0.98 * low, low, 0.97 * low, 0.24, 0.72),
    ]
    return call * int(random.integers(5, 7))


def _nightingale(random: Generator) -> list[Syllable]:
    """A nightingale: a slow crescendo of one note, then fast, rich repetitions."""
    pure, low, high = random.uniform(2100, 2700), random.uniform(1700, 2300), 5600.0
    crescendo = [Syllable(0.98 * pure, pure, 0.97 * pure, 0.32, 0.14) for _ in range(4)]
    jug = [Syllable(low, high * random.uniform(0.5, 0.8), low, 0.07, 0.025) for _ in range(12)]
    return [*crescendo, *jug, Syllable(*_three(random, 3500, 6500), 0.2, 0.1, 0.05, 45.0)]


def chirping_birds(random: Generator, variant: int) -> Mono:
    """One bird's phrase close by, answered from further away."""
    songs = (_trill, _tit, _blackbird, _sparrow, _robin, _wren, _cuckoo, _nightingale)
    near = _song(random, songs[variant](random), 1.4)
    far = _song(random, songs[(variant + 1) % 4](random), 1.0)
    sound = near.copy()
    place(sound, random.uniform(0.5, 1.2), far, 0.16)
    return mono(room(random, sound, 1.1, 0.35, 7000.0) * burst(len(sound), 0.01, 0.5))


def _call(
    random: Generator, pitch: Points, seconds: float, formants: list[Formant], throat: Throat
) -> Mono:
    count = samples(seconds)
    return voice(random, curve(count, pitch), formants, throat)


def crow(random: Generator, variant: int) -> Mono:
    """Two to four caws, harsh because the pitch breaks into subharmonics."""
    base = among(random, variant, (520.0, 450.0, 580.0, 490.0)) * random.uniform(0.96, 1.04)
    formants = [
        Formant(1250, 1100, 260, 1.0, (1150, 1500, 1450, 1150)),
        Formant(2300, 2100, 500, 0.4),
        Formant(3600, 3400, 900, 0.2),
    ]
    throat = Throat(3.5, 0.035, 0.25, 120.0, 0.25, 0.5)
    caws = among(random, variant, (3, 2, 4, 3))
    seconds = among(random, variant, (0.42, 0.55, 0.34, 0.46))
    sound = np.zeros(samples(caws * (seconds + 0.35) + 0.9), dtype=np.float32)
    for number in range(caws):
        length = seconds * random.uniform(0.9, 1.1)
        pitch = [(0, base * 0.8), (0.2, base), (0.7, base * 0.96), (1, base * 0.75)]
        caw = _call(random, pitch, length, formants, throat)
        flank = burst(len(caw), 0.04, 0.14)
        place(sound, 0.03 + number * (seconds + random.uniform(0.22, 0.34)), caw * flank)
    return room(random, sound, 1.2, 0.3)


LAST = ((0, 0.95), (0.12, 1.16), (0.55, 1.08), (0.85, 0.92), (1, 0.62))
ROOSTERS = (
    (
        (0.16, 0.12, ((0, 0.72), (0.4, 0.9), (1, 0.78))),
        (0.20, 0.05, ((0, 0.80), (0.5, 1.0), (1, 0.92))),
        (0.28, 0.04, ((0, 0.88), (0.4, 1.12), (1, 1.02))),
        (1.15, 0.00, LAST),
    ),
    (
        (0.30, 0.10, ((0, 0.75), (0.3, 1.0), (1, 0.9))),
        (0.22, 0.06, ((0, 0.95), (0.5, 1.15), (1, 1.05))),
        (0.80, 0.00, ((0, 1.0), (0.2, 1.1), (0.7, 1.05), (1, 0.7))),
    ),
    (
        (0.12, 0.09, ((0, 0.7), (0.5, 0.8), (1, 0.75))),
        (0.13, 0.05, ((0, 0.8), (0.5, 0.95), (1, 0.9))),
        (0.18, 0.03, ((0, 0.85), (0.5, 1.1), (1, 1.0))),
        (0.16, 0.03, ((0, 1.0), (0.5, 1.05), (1, 0.95))),
        (1.60, 0.00, ((0, 1.0), (0.1, 1.2), (0.4, 1.12), (0.8, 1.0), (1, 0.8))),
    ),
    (
        (0.24, 0.16, ((0, 0.6), (0.4, 0.85), (1, 0.7))),
        (0.34, 0.05, ((0, 0.75), (0.3, 1.1), (1, 0.95))),
        (0.95, 0.00, ((0, 0.9), (0.15, 1.15), (0.5, 0.95), (0.6, 1.05), (1, 0.5))),
    ),
)
"""Crows of four cocks. For each syllable: seconds, following pause, pitch relative to the base.
The last one is long and falls at its end."""


def rooster(random: Generator, variant: int) -> Mono:
    """A crow of three to five syllables, each louder than the one before."""
    base = among(random, variant, (580.0, 900.0, 680.0, 780.0)) * random.uniform(0.97, 1.03)
    formants = [
        Formant(
            1000, 1100, among(random, variant, (450, 600, 380, 500)), 1.0, (1000, 1700, 1600, 1100)
        ),
        Formant(2300, 2400, 600, among(random, variant, (0.35, 0.5, 0.2, 0.6))),
        Formant(3700, 3700, 800, 0.22),
        Formant(5400, 5400, 1200, 0.08),
    ]
    tilt, hoarse = among(random, variant, ((6.5, 0.06), (6.0, 0.02), (7.5, 0.06), (5.5, 0.3)))
    throat = Throat(tilt, 0.005, 0.08, 60.0, 0.05, hoarse)
    stretch = random.uniform(0.9, 1.2)
    syllables = among(random, variant, ROOSTERS)
    seconds = stretch * sum(length + pause for length, pause, _ in syllables)
    sound = np.zeros(samples(seconds + 1.3), dtype=np.float32)
    time = 0.03
    for number, (length, pause, shape) in enumerate(syllables, 1):
        pitch = [(at, base * ratio) for at, ratio in shape]
        syllable = _call(random, pitch, length * stretch, formants, throat)
        flank = burst(len(syllable), 0.025, 0.35 if number == len(syllables) else 0.07)
        place(sound, time, effort(syllable, flank * (0.4 + 0.6 * number / len(syllables))))
        time += (length + pause) * stretch
    return room(random, sound, 0.9, 0.2, 2500.0)


def _cluck(random: Generator, base: float, seconds: float, rise: float) -> Mono:
    formants = [
        Formant(900, 800, 350, 1.0),
        Formant(1900, 1700, 500, 0.5),
        Formant(3100, 2900, 900, 0.2),
    ]
    pitch = [(0, base), (0.35, base * rise), (1, base * 0.7)]
    throat = Throat(6.5, 0.015, 0.15, 90.0, 0.10, 0.2)
    cluck = _call(random, pitch, seconds, formants, throat)
    return mono(cluck * burst(len(cluck), 0.012, seconds * 0.6))


def hen(random: Generator, variant: int) -> Mono:
    """Low clucks, and sometimes the long call that follows an egg."""
    base = among(random, variant, (430.0, 390.0, 470.0, 410.0))
    sound = np.zeros(samples(4.6), dtype=np.float32)
    time = 0.05
    while time < 3.4:
        place(sound, time, _cluck(random, base * random.uniform(0.9, 1.1), 0.09, 1.15), 0.6)
        time += random.uniform(0.16, 0.42)
        if random.random() < among(random, variant, (0.15, 0.3, 0.1, 0.25)):
            place(sound, time, _cluck(random, base * 1.5, random.uniform(0.3, 0.45), 1.35))
            time += random.uniform(0.5, 0.7)
    hush = unit(wander(random, len(sound), 3.0, 0.8, 1.2))
    return room(random, sound * hush, 0.5, 0.2)


@dataclass(frozen=True, slots=True)
class Hoot:
    """Pitch (Hz), length and following pause (s), pitch contour relative to it, tremolo a second,
    and share of the second harmonic.
    """

    pitch: float
    seconds: float
    pause: float
    contour: Points = ((0, 0.95), (0.3, 1.0), (1, 0.94))
    tremolo: float = 0.0
    second: float = 0.12


_UP = ((0, 0.75), (0.4, 0.95), (0.75, 1.25), (1, 1.1))
_DOWN = ((0, 1.04), (0.3, 1.0), (1, 0.9))
OWLS = (
    (Hoot(790, 0.75, 3.2), Hoot(760, 0.12, 0.35), Hoot(800, 1.5, 0.5, _DOWN, 9.0)),
    (Hoot(1250, 0.28, 0.5, _UP, 0.0, 0.4), Hoot(1350, 0.35, 2.2, _UP, 0.0, 0.5)),
    (Hoot(360, 0.42, 0.02, _DOWN, 0.0, 0.25), Hoot(310, 0.22, 5.0, _DOWN)),
    (Hoot(1330, 0.26, 2.4, _DOWN), Hoot(1330, 0.26, 2.5, _DOWN), Hoot(1340, 0.26, 0.5, _DOWN)),
    (Hoot(410, 0.45, 2.4), Hoot(405, 0.45, 2.5), Hoot(410, 0.45, 0.5)),
    (
        *(Hoot(335, 0.3, 0.22), Hoot(345, 0.12, 0.1), Hoot(345, 0.14, 0.32)),
        *(Hoot(340, 0.45, 0.3, _DOWN), Hoot(330, 0.5, 0.5, _DOWN)),
    ),
    tuple(Hoot(980 + 25 * at, 0.13, 0.16 if at < 5 else 0.1, _DOWN) for at in range(7)),
    (Hoot(850, 1.3, 1.8, _DOWN, 14.0), Hoot(700, 0.9, 2.0, _DOWN, 12.0)),
)
"""A tawny owl and its mate's call, an eagle owl, a scops owl, a long-eared owl, a great horned owl,
a boreal owl, a screech owl (C. König and F. Weick, "Owls of the World", 2008)."""


def owl(random: Generator, variant: int) -> Mono:
    """Hoots of one owl in a wood at night: nearly pure tones that swell and sink."""
    shift, hoots = random.uniform(0.96, 1.04), OWLS[variant]
    seconds = sum(hoot.seconds + hoot.pause for hoot in hoots)
    sound = np.zeros(samples(seconds + 1.8), dtype=np.float32)
    time = 0.05
    for hoot in hoots:
        place(sound, time, _hoot(random, hoot, shift), random.uniform(0.8, 1.0))
        time += hoot.seconds + hoot.pause * random.uniform(0.9, 1.1)
    return room(random, sound, 1.9, 0.5, 2500.0)


def _hoot(random: Generator, hoot: Hoot, shift: float) -> Mono:
    count = samples(hoot.seconds)
    pitch = hoot.pitch * shift * smooth_curve(count, hoot.contour)
    turned = turns(mono(pitch * wander(random, count, 12.0, 0.994, 1.006)))
    tone = partial(turned, 1) + hoot.second * partial(turned, 2) + 0.03 * partial(turned, 3)
    if hoot.tremolo:
        beat = np.sin(2 * np.pi * hoot.tremolo * np.arange(count) / SAMPLE_RATE)
        tone *= 0.62 + 0.38 * beat
    air = lowpass(white(random, count), 2.2 * hoot.pitch) * 0.05
    return mono((tone + air) * burst(count, min(0.09, hoot.seconds / 3), hoot.seconds * 0.45))


@dataclass(frozen=True, slots=True)
class Gull:
    """Calls, their pitch (Hz) and contour, length and pause (s), how much faster and lower each is
    than the one before, and harshness.
    """

    calls: int
    pitch: float
    contour: Points
    seconds: float
    pause: float
    hurry: float
    harsh: float


_KYOW = ((0, 0.8), (0.15, 1.25), (0.5, 1.1), (1, 0.72))
_MEW = ((0, 0.85), (0.3, 1.1), (0.8, 1.05), (1, 0.8))
_LAUGH = ((0, 0.9), (0.3, 1.3), (1, 0.75))
_CHUCK = ((0, 1.0), (0.4, 1.08), (1, 0.85))
GULLS = (
    Gull(8, 980.0, _KYOW, 0.42, 0.1, 0.94, 0.15),
    Gull(2, 860.0, _MEW, 1.1, 0.7, 1.0, 0.1),
    Gull(9, 1150.0, _LAUGH, 0.2, 0.08, 1.02, 0.25),
    Gull(4, 520.0, _CHUCK, 0.11, 0.1, 1.0, 0.6),
    Gull(3, 1080.0, _KYOW, 0.55, 0.45, 1.0, 0.05),
    Gull(12, 1400.0, _LAUGH, 0.14, 0.1, 0.98, 0.35),
    Gull(1, 760.0, _MEW, 1.6, 0.3, 1.0, 0.2),
    Gull(6, 700.0, _CHUCK, 0.16, 0.07, 0.97, 0.45),
)
"""A herring gull's long call, mewing, laughing, the warning chuckle, single cries, a black-headed
gull, one long mew, a great black-backed gull (N. Tinbergen, "The Herring Gull's World", 1953)."""


def gulls(random: Generator, variant: int) -> Mono:
    """One gull's call in the open, answered from afar."""
    kind = GULLS[variant]
    near = _gull(random, kind, random.uniform(0.96, 1.05))
    far = lowpass(_gull(random, GULLS[(variant + 4) % 8], random.uniform(0.9, 1.1)), 3000.0, 1)
    sound = np.pad(near, (samples(0.02), samples(1.6)))
    place(sound, random.uniform(0.4, 1.0), far, 0.14)
    return room(random, sound, 1.0, 0.18, 5000.0)


def _gull(random: Generator, kind: Gull, shift: float) -> Mono:
    sound = np.zeros(samples(kind.calls * (kind.seconds + kind.pause) * 1.1 + 0.2), np.float32)
    formants = [
        Formant(1300, 1500, 500, 1.0, (1100, 1900, 1600, 1200)),
        Formant(2900, 2800, 600, 0.8),
        Formant(4600, 4400, 1000, 0.35),
    ]
    throat = Throat(3.0, 0.01, 0.15, 60.0, 0.06, kind.harsh)
    time, seconds = 0.02, kind.seconds
    for number in range(kind.calls):
        pitch = kind.pitch * shift * kind.hurry ** (number / 2) * random.uniform(0.97, 1.03)
        call = _call(random, [(at, pitch * k) for at, k in kind.contour], seconds, formants, throat)
        place(sound, time, call * burst(len(call), 0.02, seconds * 0.3), random.uniform(0.7, 1.0))
        time += seconds + kind.pause * random.uniform(0.8, 1.2)
        seconds *= kind.hurry
    return sound
