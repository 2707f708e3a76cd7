"""The Django admin."""

from soundscapes.admin import batch_jobs, categories, clips, generations, images, queue, users

__all__ = ["batch_jobs", "categories", "clips", "generations", "images", "queue", "users"]
