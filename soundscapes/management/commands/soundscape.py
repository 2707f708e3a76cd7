"""Make a soundscape without the server."""

import json
import secrets
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from soundscapes.engine.matching.encoder import PhotoEncoding
from soundscapes.engine.matching.matcher import Match
from soundscapes.engine.modes import CALM, MODES
from soundscapes.engine.sound.credits import write_credits
from soundscapes.engine.sound.renderer import Rendering, render
from soundscapes.generations.composition import Composition, compose
from soundscapes.images import images, matching
from soundscapes.management.command import EngineCommand
from soundscapes.management.output_files import OUTPUT, require_audio, require_writable
from soundscapes.models import Category
from soundscapes.models.generations import DEFAULT_DURATION, DEFAULT_LAYERS, MAX_SEED

SHOWN = 10


class Command(EngineCommand):
    requires_system_checks = ()  # they import all pages and cost half a second
    help = "Make the soundscape of an image file and write it to a WAV or FLAC file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("photo", type=Path, help="the image file")
        parser.add_argument("--output", type=Path, required=True, help=OUTPUT)
        parser.add_argument("--duration", type=float, default=DEFAULT_DURATION, help="seconds")
        parser.add_argument("--seed", type=int, help="the same seed gives the same bytes")
        parser.add_argument("--plan", type=Path, help="also write the plan, for `manage.py render`")
        parser.add_argument("--layers", type=int, default=DEFAULT_LAYERS, help="number of layers")
        parser.add_argument(
            "--mode", choices=MODES, default=CALM, help="calm plays startling sounds softly"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["layers"] < 1:
            raise CommandError("--layers must be at least 1.")
        output: Path = options["output"]
        require_audio(output)
        if options["plan"]:
            require_writable(options["plan"])
            if options["plan"] in (output, output.with_suffix(".txt")):
                raise CommandError("Choose a name for --plan that no other output has.")
        seed = secrets.randbelow(MAX_SEED) if options["seed"] is None else options["seed"]
        if not 0 <= seed <= MAX_SEED:
            raise CommandError(f"--seed must be between 0 and {MAX_SEED}.")
        encoding = self._encode(options["photo"])
        matches = matching.rank_encoding(encoding, options["mode"])
        composition = compose(
            matches,
            duration=options["duration"],
            seed=seed,
            layer_count=options["layers"],
            mode=options["mode"],
            fitted=partial(matching.fitted, encoding, matches),
        )
        self._print(matches, composition)
        try:
            rendering = render(composition.plan, composition.paths, output)
            write_credits(composition.plan, output)
            if options["plan"]:
                options["plan"].write_text(json.dumps(composition.plan.to_json(), indent=1))
        except OSError as error:
            raise CommandError(f"Cannot write {output}: {error.strerror}.") from error
        self._print_result(output, rendering, seed)

    def _encode(self, path: Path) -> PhotoEncoding:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CommandError(f"Cannot read {path}: {error.strerror}.") from error
        photo = images.check_photo(data).image
        return matching.encoder().encode_photos([photo])[0]

    def _print(self, matches: list[Match], composition: Composition) -> None:
        labels = dict(Category.objects.values_list("slug", "label"))
        self.stdout.write(f"Encoder: {composition.plan.encoder}\n\nRank  Score  Category")
        for match in matches[:SHOWN]:
            self.stdout.write(f"{match.rank:4d}  {match.score:5.3f}  {labels[match.category]}")
        self.stdout.write("\nLayers")
        for request in composition.requests:
            self.stdout.write(f"  {labels[request.category]}: {request.reason}")
        self.stdout.write("\nClips")
        for credit in composition.plan.credits:
            self.stdout.write(f"  {credit.title} — {credit.author}, {credit.licence}")

    def _print_result(self, output: Path, rendering: Rendering, seed: int) -> None:
        self.stdout.write(
            f"\n{output}: {rendering.duration:.0f} s, {rendering.loudness:.1f} LUFS, "
            f"true peak {rendering.true_peak:.1f} dBTP, seed {seed}"
        )
