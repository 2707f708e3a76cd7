"""What is known of files that no row names yet, or no row names any more."""

from __future__ import annotations

from django.db import models


class JournalEntry(models.Model):
    """Files on their way into the storage or out of it: a note that a killed process leaves.

    Whether they stay is then decided by whether a row names them.
    """

    names = models.JSONField(help_text="Paths in the storage; folders end with a slash.")
    process = models.CharField(max_length=200)
    noted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "journal entries"
        ordering = ["noted_at"]

    def __str__(self) -> str:
        return ", ".join(self.names)
