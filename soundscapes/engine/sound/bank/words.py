"""Words for the bank's variants: where each would be heard, near or far, light or heavy.

A clip is chosen by how well its words fit the image. A variant without words is as likely as one
that fits averagely.
"""

WORDS: dict[str, tuple[str, ...]] = {
    "airplane": (
        "an airliner high in the sky",
        "a jet plane over an airport",
        "a small propeller plane over fields",
        "a vintage aircraft at an air show",
    ),
    "chirping_birds": (
        "a small bird in a tree in the woods",
        "a titmouse in a garden in spring",
        "a blackbird singing on a roof in the evening",
        "house sparrows in a hedge in town",
    ),
    "church_bells": (
        "the bell of a village church",
        "bells of a cathedral on a feast day, many",
        "a deep bell of a tall tower, far away",
        "two bells of a chapel, close by",
    ),
    "clapping": (
        "a few people clapping in a room",
        "an audience in a hall",
        "a large crowd cheering in a stadium",
        "a family clapping at a birthday party",
    ),
    "clock_tick": (
        "a wall clock in a kitchen",
        "an alarm clock on a bedside table",
        "a grandfather clock in an old house",
        "a wristwatch, close by",
    ),
    "crackling_fire": (
        "a fire in a fireplace, indoors",
        "a large bonfire at night",
        "embers in an iron stove, softly",
        "a campfire in the forest beside a tent",
    ),
    "crickets": (
        "a single cricket on a warm evening",
        "crickets in a meadow at night",
        "high crickets in dry grass, far away",
        "many crickets in a garden on a summer night",
    ),
    "dog": (
        "a shepherd dog outdoors",
        "a small terrier barking",
        "a large dog, close by",
        "a dog down a street, far away",
    ),
    "engine": (
        "a car idling in a street",
        "a truck or bus with a diesel engine",
        "a motorcycle",
        "a tractor on a farm",
    ),
    "footsteps": (
        "steps on a wooden floor indoors",
        "steps on a gravel path",
        "steps on stone pavement in a city",
        "steps in fallen leaves in a forest in autumn",
    ),
    "helicopter": (
        "an old military helicopter",
        "a rescue helicopter close by",
        "a helicopter far away in the sky",
        "a helicopter hovering over a city",
    ),
    "rain": (
        "steady rain on a grey day",
        "a heavy downpour, a storm",
        "light rain on leaves in a forest, with puddles",
        "rain on a wet road in a city",
    ),
    "sea_waves": (
        "calm waves on a sandy beach",
        "choppy waves close by against rocks, windy",
        "long gentle swell on a wide beach, far away",
        "surf of the open sea along a coast",
    ),
    "siren": (
        "an ambulance in a European city",
        "a police car in an American city",
        "a fire engine close by in a street",
        "an old air raid siren in a town, far away",
    ),
    "thunderstorm": (
        "lightning close by in heavy rain",
        "a thunderstorm over a city in a downpour",
        "dark clouds far away, thunder that rolls",
        "a thunderstorm over mountains",
    ),
    "wind": (
        "wind over open fields, a plain or a desert",
        "wind round a house in winter",
        "a breeze in the leaves of trees",
        "a storm on a mountain with snow and rocks",
    ),
}


def words_of(category: str, variant: int) -> str:
    """Return the words of a variant, or an empty string if it has none."""
    known = WORDS.get(category, ())
    return known[variant] if variant < len(known) else ""
