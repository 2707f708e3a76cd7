"""Trials of a category's descriptions, or of a new category, before they are saved."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from soundscapes.engine.matching.matcher import Match
from soundscapes.images import matching
from soundscapes.models import Category, Image, Similarity
from soundscapes.models.batch_jobs import Outcome, Row

IMAGES = 6
SHOWN = 5  # of each ranking


def choose_images(category: Category) -> list[Image]:
    """Return six images of sets, half where the category ranks highest and half at random.

    A new category ranks nowhere yet: all are random.
    """
    slug = matching.current_encoder().slug
    ranked = Similarity.objects.filter(
        category__slug=category.slug, encoder=slug, image__image_set__isnull=False
    )
    keys = list(ranked.order_by("rank", "-score").values_list("image", flat=True)[: IMAGES // 2])
    others = Image.objects.preloaded().exclude(pk__in=keys).order_by("?")
    keys += others.values_list("pk", flat=True)[: IMAGES - len(keys)]
    found = Image.objects.in_bulk(keys)
    return [found[key] for key in keys]


class PromptTrial:
    stage = "Comparing the descriptions"

    def __init__(self, category: Category, prompts: Sequence[str], keys: Sequence[str]) -> None:
        others = list(Category.objects.offered().exclude(slug=category.slug))
        self._category = category
        self._labels = {row.slug: row.label for row in (*others, category)}
        unchanged = [row.to_engine() for row in others]
        stored = [] if category.pk is None else [category.to_engine()]
        tried = replace(category.to_engine(), prompts=tuple(prompts))
        self._before, self._after = [*unchanged, *stored], [*unchanged, tried]
        self._keys = keys

    def __len__(self) -> int:
        return len(self._keys)

    def take(self, number: int) -> Row:
        image = Image.objects.filter(pk=self._keys[number]).first()
        if image is None:
            return Row("An image", Outcome.REFUSED, "It has been deleted.")
        try:
            encoding = matching.encode_once(image)
        except FileNotFoundError:
            return Row(str(image), Outcome.REFUSED, "Its file is missing from the server.")
        before = matching.rank_encoding(encoding, categories=self._before)
        after = matching.rank_encoding(encoding, categories=self._after)
        details = {
            "image": str(image.pk),
            "before": self._ranking(before),
            "after": self._ranking(after),
        }
        note = _change(self._place(before), self._place(after))
        return Row(str(image), Outcome.DONE, f"{self._category.label}: {note}", details)

    def _ranking(self, matches: Sequence[Match]) -> list[dict[str, Any]]:
        return [
            {
                "rank": match.rank,
                "label": self._labels[match.category],
                "score": round(match.score, 3),
                "is_tried": match.category == self._category.slug,
            }
            for match in matches
            if match.rank <= SHOWN or match.category == self._category.slug
        ]

    def _place(self, matches: Sequence[Match]) -> int | None:
        ranks = (match.rank for match in matches if match.category == self._category.slug)
        return next(ranks, None)


def _change(was: int | None, now: int | None) -> str:
    if was is None:
        return f"rank {now}, new"
    return f"rank {was} as before" if was == now else f"from rank {was} to {now}"
