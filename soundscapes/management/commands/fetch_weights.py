"""Fetch CLIP's weights by hand."""

from typing import Any

from django.core.management.base import CommandError
from django.db import connection

from soundscapes.images import weights
from soundscapes.management.command import EngineCommand
from soundscapes.management.preparation import prepare_encoder
from soundscapes.models import Category


class Command(EngineCommand):
    help = (
        "Fetch the weights of the configured CLIP model, say where they came from, and make the "
        "encoder in use ready for the workers."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        report = weights.fetch()
        if report.path is None:
            raise CommandError(str(report))
        self.stdout.write(str(report))
        if Category._meta.db_table not in connection.introspection.table_names():
            return  # before the first `manage.py setup`, which makes the encoder ready itself
        prepare_encoder()
