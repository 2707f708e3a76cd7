"""Set up the application before its first start; safe to repeat."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser

from soundscapes.accounts import users
from soundscapes.images import images, matching, weights
from soundscapes.imports import weights_requests
from soundscapes.jobs import heartbeat
from soundscapes.management.command import EngineCommand
from soundscapes.management.preparation import prepare_encoder
from soundscapes.management.progress import ProgressBar
from soundscapes.sounds import catalogue, clips


class Command(EngineCommand):
    help = "Prepare the database, categories, clips, images, encoder and an administrator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--offline", action="store_true", help="do not download CLIP's weights")

    def handle(self, *_args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        self._say(f"Categories: {catalogue.import_catalogue()} new or changed")
        with ProgressBar("Synthesising clips", "clip") as progress:
            new_clips = catalogue.import_bank(progress)
        with ProgressBar("Drawing waveforms", "clip") as progress:
            clips.draw_missing_waveforms(progress)
        self._say(f"Clips: {new_clips} new")
        with ProgressBar("Importing images", "image") as progress:
            new_images = images.import_starter_images(progress)
            new_images += images.import_scenes(progress)
        self._say(f"Images: {new_images} new")
        if not options["offline"]:
            self._fetch_weights()
        self._warm_up()
        heartbeat.schedule()
        users.make_curators()
        self._make_administrator()

    def _say(self, line: str) -> None:
        self.stdout.write(line)

    def _fetch_weights(self) -> None:
        """Download now if nothing works without the weights, otherwise in the background."""
        if settings.ENCODER == "clip" and weights.are_missing():
            outcome = str(weights.fetch())
        else:
            outcome = weights_requests.request()
        if outcome:
            self._say(outcome)

    def _warm_up(self) -> None:
        self._say(f"Encoder: {matching.current_encoder().name}")
        prepare_encoder()

    def _make_administrator(self) -> None:
        made = users.create_first_administrator()
        if made is not None:
            user, password = made
            self._say(
                self.style.SUCCESS(
                    f"\nAdministrator: {user.username}\nPassword:      {password}\n"
                    "This password is shown once. Change it after signing in.\n"
                )
            )
