"""Journal of files that no row names yet, or no longer."""

from django.db import models


class JournalEntry(models.Model):
    """Files that a process is storing or deleting.

    If the process dies, they are deleted unless a row names them.
    """

    names = models.JSONField(help_text="Paths in the storage. Folders end with a slash.")
    process = models.CharField(max_length=200)
    noted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "journal entries"
        ordering = ["noted_at"]

    def __str__(self) -> str:
        return ", ".join(self.names)
