"""Podcast feeds of a user's soundscapes."""

from collections import defaultdict
from typing import Any

from django.db.models import Prefetch

from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.plan import Plan
from soundscapes.limits.grants import one_more
from soundscapes.models import Feed, Format, Generation, Rendition, State, User
from soundscapes.models.generations import GenerationQuerySet

MAX_FEEDS = 10  # per account
BYTES_A_SECOND = 40_000  # of MP3, roughly


def make_feed(user: User, *, only_favourites: bool = False) -> tuple[Feed, str]:
    """Create a feed and return it with its token. Raise GuestError or TooManyError."""
    refusal = f"You have {MAX_FEEDS} podcast feeds, the maximum. Revoke one first."
    with one_more(user, user.feeds, MAX_FEEDS, refusal):
        return Feed.objects.create_with_token(owner=user, only_favourites=only_favourites)


def revoke_feed(feed: Feed) -> None:
    feed.delete()


def episodes(feed: Feed) -> GenerationQuerySet:
    """Return the soundscapes of a feed, newest first."""
    mine = Generation.objects.owned_by(feed.owner).finished().order_by("-created_at")
    converted = Rendition.objects.filter(format=Format.MP3, state=State.READY)
    found = mine.favourites() if feed.only_favourites else mine
    return found.for_list().prefetch_related(Prefetch("renditions", converted, to_attr="mp3s"))


def expected_bytes(generation: Any) -> int:
    """Return the size of an episode's MP3 file, an estimate until it is made."""
    sizes: list[int] = [rendition.size for rendition in generation.mp3s]
    return sizes[0] if sizes else int(generation.duration) * BYTES_A_SECOND


def chapters(generation: Generation) -> list[dict[str, Any]]:
    """Return when each layer is first heard, as Podcasting 2.0's chapters; empty without a plan."""
    try:
        plan = Plan.from_json(generation.plan)
    except EngineError:
        return []
    labels = {layer.rank: layer.category.label for layer in generation.layers.all()}
    heard: defaultdict[int, list[str]] = defaultdict(list)
    for layer in plan.layers:
        first = min((event.time for event in layer.events), default=0.0)
        heard[max(0, int(first))].append(labels.get(layer.rank, layer.category))
    return [
        {"startTime": start, "title": " and ".join(names).capitalize()}
        for start, names in sorted(heard.items())
    ]
