"""Template filters of batch job reports."""

from __future__ import annotations

from django import template

from soundscapes.models.batch_jobs import Outcome

register = template.Library()


@register.filter
def outcome(value: str) -> str:
    return Outcome(value).label
