"""The Django admin."""

from soundscapes.admin import (
    batch_jobs,
    categories,
    clips,
    generations,
    images,
    queue,
    users,
    webhooks,
)
