"""Render a soundscape from its plan."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from soundscapes.engine.sound.credits import write_credits
from soundscapes.engine.sound.plan import Plan
from soundscapes.engine.sound.renderer import render
from soundscapes.files.local_copies import clip_files
from soundscapes.management.command import EngineCommand
from soundscapes.management.output_files import OUTPUT, require_audio


class Command(EngineCommand):
    requires_system_checks = ()  # they import all pages and cost half a second
    help = "Render a plan to a WAV or FLAC file with the same samples as the original."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("plan", type=Path, help="the JSON file with the plan of a soundscape")
        parser.add_argument("--output", type=Path, required=True, help=OUTPUT)

    def handle(self, *_args: Any, **options: Any) -> None:
        output: Path = options["output"]
        require_audio(output)
        plan = self._read(options["plan"])
        try:
            rendering = render(plan, clip_files(plan), output)
            text = write_credits(plan, output)
        except OSError as error:
            raise CommandError(f"Cannot write {output}: {error.strerror}.") from error
        self.stdout.write(
            f"{output}: {rendering.duration:.0f} s, {rendering.loudness:.1f} LUFS, "
            f"true peak {rendering.true_peak:.1f} dBTP; credits in {text}"
        )

    def _read(self, path: Path) -> Plan:
        try:
            return Plan.from_json(json.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            raise CommandError(f"Cannot read {path}: {error.strerror}.") from error
        except (ValueError, RecursionError) as error:
            raise CommandError(f"{path} is not a JSON document.") from error
