"""Find what crashes and lost files have left, and put it right."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser

from soundscapes.management.command import EngineCommand
from soundscapes.operations import integrity
from soundscapes.operations.orphaned_files import Finding

SHOWN = 20


class Command(EngineCommand):
    help = (
        "Look for files without rows, rows without files, jobs that nobody does and messages "
        "that nobody needs. Changes nothing without --repair. Exit status 1: something is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="put right what can be")
        parser.add_argument(
            "--older-than",
            type=int,
            default=integrity.LEAST_AGE // timedelta(minutes=1),
            metavar="MINUTES",
            help="leave files alone that are younger (%(default)s), for they may be in the making",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        findings = list(integrity.examine(timedelta(minutes=options["older_than"])))
        repairable = [finding for finding in findings if finding.repair]
        if options["repair"]:
            for finding in findings:
                if finding.repair:
                    finding.repair()
        self._report(findings, when="each " if options["repair"] else "with --repair, each ")
        left = len(findings) - len(repairable)
        if not findings:
            self.stdout.write("All is well.")
        elif not options["repair"]:
            raise CommandError(
                f"Not as it should be: {len(findings)}. "
                f"`manage.py integrity_check --repair` puts {len(repairable)} right."
            )
        elif left:
            raise CommandError(f"Put right: {len(repairable)}. Needs you: {left}.")
        else:
            self.stdout.write(f"Put right: {len(repairable)}.")

    def _report(self, findings: list[Finding], when: str) -> None:
        kinds = defaultdict(list)
        for finding in findings:
            fate = f"{when}{finding.remedy}" if finding.repair else finding.remedy
            kinds[finding.problem, fate].append(finding.subject)
        for (problem, fate), subjects in kinds.items():
            self.stdout.write(f"{problem} ({len(subjects)}): {fate}.")
            for subject in subjects[:SHOWN]:
                self.stdout.write(f"  {subject}")
            if len(subjects) > SHOWN:
                self.stdout.write(f"  … and {len(subjects) - SHOWN} more")
