"""Reports as the administration shows them."""

from __future__ import annotations

from django import template

from soundscapes.models.batch_jobs import Outcome

register = template.Library()


@register.filter
def outcome(value: str) -> str:
    """What became of an item, in words."""
    return Outcome(value).label
