"""Sounds of the street: traffic, bicycles, sirens, horns, fireworks.

Traffic is rolling noise, loudest at 1 kHz, over the rumble of engines (U. Sandberg, "The
multi-coincidence peak around 1000 Hz in tyre/road noise spectra", Euronoise 2003). Sirens and
horns as their generators make them (a swept or switched tone through a horn; two reeds a
third apart); fireworks after Farnell, "Designing Sound", ch. 35 on explosions.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from soundscapes.engine.sound.bank.blends import among
from soundscapes.engine.sound.bank.dsp import (
    bandpass,
    burst,
    clock,
    curve,
    grains,
    highpass,
    lowpass,
    modes,
    octave_noise,
    peaking,
    place,
    poisson_times,
    room,
    samples,
    scatter,
    scatter_grains,
    swell,
    unit,
    wander,
    white,
)
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, mono, to_ratio


def _reed(pitch: Mono, brightness: float) -> Mono:
    """A tone rich in harmonics, like that of a horn or a siren's rotor."""
    phase = np.cumsum(2 * np.pi * pitch.astype(np.float64) / SAMPLE_RATE)
    highest = int(0.4 * SAMPLE_RATE / pitch.max())
    sound = np.zeros(len(pitch), dtype=np.float32)
    for harmonic in range(1, min(highest, 24) + 1):
        sound += mono(harmonic ** (-brightness) * np.sin(harmonic * phase))
    return unit(sound)


def siren(random: Generator, variant: int) -> Mono:
    """A two-tone siren, wail, yelp or slow motor siren, passing at a distance."""
    count = samples(8.0)
    time = clock(count)
    cycle = (time * (0.75, 0.2, 3.0, 0.12)[variant] + random.uniform(0, 0.2)) % 1.0
    if variant == 0:
        pitch = np.where(cycle < 0.5, 435.0, 580.0)
    else:
        rise = np.where(cycle < 0.6, cycle / 0.6, (1 - cycle) / 0.4)
        pitch = 600.0 + (800.0, 850.0, 900.0, 200.0)[variant] * np.sqrt(rise)
    passing = 1.03 - 0.06 / (1 + np.exp(-(time - 4.5) * 2))
    tone = _reed(mono(lowpass(mono(pitch * passing), 60.0, 1)), 1.3)
    horn = tone + 0.8 * peaking(tone, 1500.0, 1.2)
    near = 0.35 + 0.65 * np.exp(-(((time - 4.5) / 2.2) ** 2))
    return room(random, mono(horn * near * burst(count, 0.8, 1.5)), 1.6, 0.5, 3500.0)


def car_horn(random: Generator, variant: int) -> Mono:
    """One to three blasts of a pair of horns a third apart."""
    low, high = among(
        random, variant, ((410.0, 510.0), (350.0, 440.0), (440.0, 440.0), (300.0, 375.0))
    )
    blasts = among(random, variant, ((0.5,), (0.25, 0.7), (0.15, 0.15, 0.4), (1.3,)))
    sound = np.zeros(samples(sum(blasts) + 0.25 * len(blasts) + 1.0), dtype=np.float32)
    time = 0.03
    for seconds in blasts:
        count = samples(seconds)
        wobble = 1 + 0.003 * np.sin(2 * np.pi * 6 * clock(count))
        pair = _reed(mono(low * wobble), 0.8) + _reed(mono(high * wobble), 0.8)
        blast = peaking(pair, 1900.0, 1.0) + 0.4 * pair
        place(sound, time, mono(blast * burst(count, 0.015, 0.05)))
        time += seconds + random.uniform(0.12, 0.22)
    return room(random, sound, 1.1, 0.35, 4000.0)


def fireworks(random: Generator, variant: int) -> Mono:
    """A whistling climb, the bang, and falling crackles."""
    sound = np.zeros(samples(6.5), dtype=np.float32)
    for start in among(random, variant, ((0.05,), (0.05, 1.6), (0.05, 0.9, 2.2), (0.05, 1.2))):
        climb = samples(0.8)
        pitch = np.geomspace(random.uniform(900, 1300), random.uniform(2400, 3200), climb)
        whistle = np.sin(np.cumsum(2 * np.pi * pitch / SAMPLE_RATE))
        hiss = 0.4 * unit(highpass(white(random, climb), 2500))
        place(sound, start, mono((whistle + hiss) * burst(climb, 0.3, 0.15)), 0.06)
        bang = samples(1.3)
        blast = unit(lowpass(white(random, bang), 420)) * swell(bang, 0.002, 1.0)
        crack = bandpass(white(random, bang), 500, 5000, 1) * swell(bang, 0.001, 0.25)
        place(sound, start + 0.9, mono(blast + 1.2 * unit(crack) * (np.abs(crack) > 0)))
        rain = samples(2.4)
        times = mono(np.sort(random.gamma(2.0, 0.45, 220)))
        sparks = scatter_grains(
            random, rain, times[times < 2.3], 0.7, grains(random, 200, 2000, 10000, 10)
        )
        place(sound, start + 1.2, unit(sparks), 0.16)
    return room(random, sound, 1.8, 0.5, 2500.0)


STREET_SECONDS = 22.0
CITY = (-2, 0, -3, -7, -11, -15, -20, -27, -40)


@dataclass(frozen=True, slots=True)
class Street:
    """Vehicles a second, nearest distance in seconds of their passing, share of lorries, wetness of
    the road, level of the city behind (dB), and idling engines.
    """

    vehicles: float
    passing: tuple[float, float]
    lorries: float
    wet: float
    city_db: float
    idling: float


STREETS = (
    Street(0.7, (0.9, 2.0), 0.15, 0.0, -5.0, 0.0),
    Street(0.8, (0.8, 1.8), 0.1, 1.0, -8.0, 0.0),
    Street(0.5, (1.5, 3.0), 0.4, 0.1, -5.0, 0.45),
    Street(1.6, (2.5, 5.0), 0.2, 0.0, 0.0, 0.0),
)
"""A boulevard, a wet street, a crossing with buses that wait, an avenue from a balcony."""

TYRES = (-14, -10, -6, -3, 0, -2, -8, -17, -32)
SPRAY = (-28, -24, -18, -12, -6, -2, 0, -3, -14)
ENGINES = (0, -1, -5, -9, -14, -20, -27, -36, -52)


def busy_street(random: Generator, variant: int) -> Mono:
    """Vehicles that approach, pass and go, over the rumble of all that are farther away."""
    kind, count = STREETS[variant], samples(STREET_SECONDS)
    tyres, motors = np.zeros(count, dtype=np.float32), np.zeros(count, dtype=np.float32)
    time = np.arange(count) / SAMPLE_RATE
    for at in poisson_times(random, STREET_SECONDS + 4.0, kind.vehicles) - 2.0:
        width = random.uniform(*kind.passing)
        level = random.lognormal(0, 0.35) / (1 + ((time - at) / (0.45 * width)) ** 2)
        tyres += mono(level)
        is_lorry = random.random() < kind.lorries
        motors += mono(level * (random.uniform(1.5, 3.0) if is_lorry else 0.5))
    sound = (
        octave_noise(random, count, TYRES) * tyres + octave_noise(random, count, ENGINES) * motors
    )
    sound += kind.wet * octave_noise(random, count, SPRAY) * tyres
    sound += kind.idling * _idling(random, count)
    city = octave_noise(random, count, CITY) * wander(random, count, 0.4, 0.8, 1.2)
    far = to_ratio(kind.city_db) * city
    return room(random, mono(sound + far), 0.9, 0.35, 2500.0)


def _idling(random: Generator, count: int) -> Mono:
    """A bus at the stop: firing pulses at 18 a second, unevenly strong, through its body."""
    rate = 18.0 * wander(random, count, 0.7, 0.98, 1.02).astype(np.float64)
    strokes = np.flatnonzero(np.diff(np.floor(np.cumsum(rate / SAMPLE_RATE))) > 0)
    body = modes(
        samples(0.1), (58, 92, 140, 260, 430), (0.09, 0.08, 0.06, 0.04, 0.03), (1, 1, 0.7, 0.4, 0.2)
    )
    levels = mono(random.normal(1, 0.12, len(strokes)))
    idle = unit(scatter(count, mono(strokes / SAMPLE_RATE), levels, body))
    return mono(idle * curve(count, [(0, 1), (0.45, 1), (0.6, 0.4), (0.7, 0.8), (1, 1)]))


@dataclass(frozen=True, slots=True)
class Ride:
    """Seconds, clicks of the freewheel a second at the start and end (0 while pedalling), links of
    the chain a second, rings of the bell, pitch of the brakes (Hz), level of the tyres and their
    band (Hz), and whether it passes by.
    """

    seconds: float
    clicks: tuple[float, float]
    chain: float = 0.0
    rings: int = 0
    brakes: float = 0.0
    tyres: float = 0.3
    road: tuple[float, float] = (300.0, 2500.0)
    passing: bool = True


RIDES = (
    Ride(4.5, (34.0, 26.0), rings=2),
    Ride(5.0, (0.0, 0.0), chain=22.0, rings=1),
    Ride(4.0, (48.0, 6.0), brakes=2300.0),
    Ride(3.0, (75.0, 62.0), tyres=0.6),
    Ride(5.0, (22.0, 16.0), tyres=1.4, road=(800.0, 6000.0)),
    Ride(5.5, (0.0, 0.0), chain=13.0, tyres=0.2, passing=False),
    Ride(3.5, (0.0, 0.0), rings=4, tyres=0.15),
    Ride(4.5, (60.0, 3.0), chain=0.0, tyres=0.1, passing=False),
)
"""Coasting with a bell, pedalling, braking, a racing bicycle, gravel, uphill on an old chain, a
hasty bell, a wheel that runs out."""


def bicycle(random: Generator, variant: int) -> Mono:
    """The pawls of the freewheel, chain, tyres, bell and brakes of one bicycle."""
    ride = RIDES[variant]
    count = samples(ride.seconds)
    clicks = curve(count, [(0, ride.clicks[0]), (1, ride.clicks[1])])
    sound = _beats(random, clicks, 0.08, _pawl(random))
    sound += 0.5 * _beats(random, np.full(count, ride.chain, np.float32), 0.25, _link(random))
    tyres = bandpass(white(random, count), *ride.road, 1) * wander(random, count, 9.0, 0.5, 1.2)
    sound += 0.06 * ride.tyres * unit(tyres)
    for number in range(ride.rings):
        place(sound, 0.5 + number * random.uniform(0.22, 0.3), _bell(random), 0.5)
    if ride.brakes:
        place(sound, 0.62 * ride.seconds, _brakes(random, ride.brakes), 0.12)
    time = np.linspace(-1, 1, count)
    near = 1 / (1 + (time * 2.2) ** 2) if ride.passing else 1.0
    return room(random, mono(sound * near * burst(count, 0.3, 0.6)), 0.7, 0.2, 4000.0)


def _beats(random: Generator, rate: Mono, spread: float, kernel: Mono) -> Mono:
    """Repeat a sound at `rate` a second, at slightly uneven levels."""
    turned = np.cumsum(rate.astype(np.float64) / SAMPLE_RATE)
    places = np.flatnonzero(np.diff(np.floor(turned)) > 0)
    levels = mono(random.lognormal(0, spread, len(places)))
    levels *= np.resize(random.uniform(0.7, 1.0, 7), len(places))
    return scatter(len(rate), mono(places / SAMPLE_RATE), levels, kernel)


def _pawl(random: Generator) -> Mono:
    size = samples(0.02)
    pitches = random.uniform(0.9, 1.1, 4) * (1900, 3300, 5200, 7400)
    ring = modes(size, pitches.tolist(), [0.012, 0.01, 0.007, 0.005], [0.7, 1.0, 0.6, 0.3])
    return mono(ring / np.abs(ring).max())


def _link(random: Generator) -> Mono:
    size = samples(0.05)
    rasp = bandpass(white(random, size), 900, 4200, 1) * swell(size, 0.008, 0.045)
    return mono(rasp / np.abs(rasp).max())


def _bell(random: Generator) -> Mono:
    """A struck dome, whose modes come in beating pairs."""
    size, base = samples(1.1), random.uniform(2100, 2700)
    pitches = [base * k * d for k in (1.0, 1.83, 2.74) for d in (1.0, 1.004)]
    return modes(size, pitches, [1.0, 0.9, 0.6, 0.5, 0.3, 0.25], [1, 0.7, 0.6, 0.5, 0.3, 0.2])


def _brakes(random: Generator, pitch: float) -> Mono:
    """Stick and slip of the pads: a wavering tone with its harmonics."""
    count = samples(1.1)
    bent = pitch * curve(count, [(0, 1.02), (1, 0.97)]) * wander(random, count, 25.0, 0.995, 1.005)
    squeal = _reed(mono(bent), 1.4) * wander(random, count, 9.0, 0.0, 1.0)
    return mono(squeal * burst(count, 0.15, 0.25))
