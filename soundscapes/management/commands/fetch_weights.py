"""Download CLIP's weights."""

from typing import Any

from django.core.management.base import CommandError
from django.db import connection

from soundscapes.images import weights
from soundscapes.management.command import EngineCommand
from soundscapes.management.preparation import prepare_encoder
from soundscapes.models import Category


class Command(EngineCommand):
    help = "Download the weights of the configured CLIP model and prepare the encoder."

    def handle(self, *_args: Any, **_options: Any) -> None:
        report = weights.fetch()
        if report.path is None:
            raise CommandError(str(report))
        self.stdout.write(str(report))
        if Category._meta.db_table not in connection.introspection.table_names():
            return  # before the first `manage.py setup`, which prepares the encoder itself
        prepare_encoder()
