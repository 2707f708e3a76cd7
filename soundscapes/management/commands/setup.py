"""Set up the application before its first start; safe to repeat."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser

from soundscapes.accounts import users
from soundscapes.files.storage import check_storage
from soundscapes.generations import welcome
from soundscapes.images import images, matching, weights
from soundscapes.imports import preparation_requests, weights_requests
from soundscapes.jobs import heartbeat
from soundscapes.management.command import EngineCommand
from soundscapes.management.preparation import prepare_encoder
from soundscapes.management.progress import ProgressBar
from soundscapes.sounds import bank, catalogue, clips

UNUSED = ["redoc", "rest_framework"]  # static files of other documentation and of DRF's own pages


class Command(EngineCommand):
    help = "Prepare the database, categories, clips, images, encoder and an administrator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--offline", action="store_true", help="do not download CLIP's weights")
        parser.add_argument(
            "--complete",
            action="store_true",
            help="synthesise all clips and prepare the encoder now instead of in the background",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        check_storage()
        call_command("migrate", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=UNUSED)
        self._say(f"Categories: {catalogue.import_catalogue()} new or changed")
        new_clips = bank.import_built()
        if options["complete"]:
            new_clips += self._synthesise()
        with ProgressBar("Drawing waveforms", "clip") as progress:
            clips.draw_missing_waveforms(progress)
        self._say(f"Clips: {new_clips} new")
        with ProgressBar("Importing images", "image") as progress:
            new_images = images.import_starter_images(progress)
            new_images += images.import_scenes(progress)
        self._say(f"Images: {new_images} new")
        matching.check_settings()
        if not options["offline"]:
            self._fetch_weights()
        self._say(f"Encoder: {matching.current_encoder().name}")
        if options["complete"]:
            prepare_encoder()
        self._request_preparation()
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

    def _synthesise(self) -> int:
        with ProgressBar("Synthesising clips", "clip") as progress:
            return bank.complete(progress)

    def _request_preparation(self) -> None:
        if preparation_requests.request_encoder():
            self._say("The encoder is prepared in the background.")
        if preparation_requests.request_bank():
            self._say("Clips are synthesised in the background, and when they are needed.")

    def _make_administrator(self) -> None:
        made = users.create_first_administrator()
        if made is not None:
            user, password = made
            welcome.request_first(user)
            self._say(
                self.style.SUCCESS(
                    f"\nAdministrator: {user.username}\nPassword:      {password}\n"
                    "This password is shown once. Change it after signing in.\n"
                )
            )
