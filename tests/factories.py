"""Rows with real files behind them, one factory a model."""

from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from soundscapes.models import User


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda number: f"user{number}")
