"""Find and repair inconsistencies after crashes and lost files."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser

from soundscapes.management.command import EngineCommand
from soundscapes.operations import integrity
from soundscapes.operations.orphaned_files import Finding

SHOWN = 20
MAX_MINUTES = 365 * 24 * 60  # of --older-than


class Command(EngineCommand):
    help = "Find lost files, orphaned files and stuck jobs; exit with 1 if any are left."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="repair the problems if possible")
        parser.add_argument(
            "--older-than",
            type=int,
            default=integrity.LEAST_AGE // timedelta(minutes=1),
            metavar="MINUTES",
            help="ignore younger files, which may still be in use (default: %(default)s)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if not 0 <= options["older_than"] <= MAX_MINUTES:
            raise CommandError(f"--older-than must be between 0 and {MAX_MINUTES}.")
        findings = list(integrity.examine(timedelta(minutes=options["older_than"])))
        repairable = [finding for finding in findings if finding.repair]
        if options["repair"]:
            for finding in findings:
                if finding.repair:
                    finding.repair()
        self._report(findings, when="each " if options["repair"] else "with --repair, each ")
        left = len(findings) - len(repairable)
        if not findings:
            self.stdout.write("No problems found.")
        elif not options["repair"]:
            raise CommandError(
                f"Problems found: {len(findings)}. "
                f"`manage.py integrity_check --repair` can repair {len(repairable)}."
            )
        elif left:
            raise CommandError(f"Repaired: {len(repairable)}. Requires your action: {left}.")
        else:
            self.stdout.write(f"Repaired: {len(repairable)}.")

    def _report(self, findings: list[Finding], when: str) -> None:
        kinds = defaultdict(list)
        for finding in findings:
            remedy = f"{when}{finding.remedy}" if finding.repair else finding.remedy
            kinds[finding.problem, remedy].append(finding.subject)
        for (problem, remedy), subjects in kinds.items():
            self.stdout.write(f"{problem} ({len(subjects)}): {remedy}.")
            for subject in subjects[:SHOWN]:
                self.stdout.write(f"  {subject}")
            if len(subjects) > SHOWN:
                self.stdout.write(f"  … and {len(subjects) - SHOWN} more")
