"""Planning a soundscape from a ranking, with the database's current clips and categories."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from django.conf import settings

from soundscapes.engine.clip_fits import Clips
from soundscapes.engine.composition import layer_requests, preferred_clips, remix_requests
from soundscapes.engine.layer_choices import LayerChoice
from soundscapes.engine.matching.matcher import Match
from soundscapes.engine.sound.expected_gain import expected_gain_db
from soundscapes.engine.sound.plan import Plan
from soundscapes.engine.sound.planner import LayerRequest, make_plan
from soundscapes.files.local_copies import clip_path
from soundscapes.images import matching
from soundscapes.jobs.claims import Claim
from soundscapes.models import Category, Clip, Generation, User
from soundscapes.sounds import bank

Fitted = Callable[[Clips], Clips]


@dataclass(frozen=True, slots=True)
class Composition:
    """A plan, its expected gain in dB, and the files of its clips by checksum."""

    requests: tuple[LayerRequest, ...]
    plan: Plan
    gain_db: float
    paths: dict[str, Path]


def compose_for(
    claim: Claim, generation: Generation, choices: Sequence[LayerChoice]
) -> Composition:
    """Rank the image of a soundscape, and plan its best matches or the `choices` of a remix.

    The claim reports what takes long. Raise EngineError if there are no clips to choose from.
    """
    learning = matching.learning(claim)
    matches = matching.rank_image(generation.image, generation.mode, learning)
    return compose(
        matches,
        duration=generation.duration,
        seed=generation.seed,
        layer_count=generation.layer_count,
        mode=generation.mode,
        choices=choices,
        owner=generation.owner,
        fitted=partial(
            matching.fitted, matching.encode_once(generation.image), matches, progress=learning
        ),
    )


def compose(
    matches: Sequence[Match],
    *,
    duration: float,
    seed: int,
    layer_count: int,
    mode: str,
    choices: Sequence[LayerChoice] = (),
    owner: User | None = None,
    fitted: Fitted = dict,
) -> Composition:
    """Plan the first `layer_count` matches, ranked in `mode`, or the `choices` of a remix.

    `fitted` weighs the clips by how well they fit the image; by default all are equally likely. The
    owner's recordings are used where one was chosen or is always used. Awaited clips of these
    categories are synthesised first. Raise EngineError if there are no clips to choose from.
    """
    offered = list(_offered(owner if choices else None))
    categories = [row.to_engine() for row in offered]
    if choices:
        requests = remix_requests(matches, categories, choices, layer_count, mode)
    else:
        requests = layer_requests(matches, categories, layer_count, mode)
    bank.make_awaited(request.category for request in requests)
    found = Clip.objects.playable(owner).by_category([request.category for request in requests])
    wanted = {request.clip for request in requests}
    found = {slug: _heard(some, wanted) for slug, some in found.items()}
    rows = {row.checksum: row for some in found.values() for row in some}
    clips: Clips = preferred_clips(
        (replace(row.to_engine(), category=slug) for slug, some in found.items() for row in some),
        {row.slug for row in offered if row.sources == Category.Sources.ALL},
    )
    clips = fitted(clips)
    plan = make_plan(
        requests,
        clips,
        duration=duration,
        seed=seed,
        encoder=matching.encoder().name,
        mode=mode,
        target_lufs=settings.TARGET_LUFS,
        locate=lambda clip: clip_path(rows[clip.checksum]),
    )
    played = {credit.clip: rows[credit.clip] for credit in plan.credits}
    gain_db = expected_gain_db(plan, {key: row.to_engine() for key, row in played.items()})
    paths = {key: clip_path(row) for key, row in played.items()}
    return Composition(tuple(requests), plan, gain_db, paths)


def _offered(chooser: User | None) -> Iterable[Category]:
    """Return the categories that matching chooses from, or that the user chose from."""
    return Category.everything.usable_by(chooser) if chooser else Category.objects.offered()


def _heard(rows: Sequence[Clip], wanted: Collection[str]) -> list[Clip]:
    """Return the preferred clips, else everybody's, and in any case the wanted ones."""
    if any(row.is_preferred for row in rows):
        return [row for row in rows if row.is_preferred or row.checksum in wanted]
    return [
        row
        for row in rows
        if row.owner_id is None or row.category.is_private or row.checksum in wanted
    ]
