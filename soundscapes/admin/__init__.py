"""The place from which sets, categories and clips are managed."""

from django.contrib import admin

from soundscapes.admin import batch_jobs, categories, clips, generations, images, queue, users

__all__ = ["batch_jobs", "categories", "clips", "generations", "images", "queue", "users"]

admin.site.site_header = "Soundscapes"
admin.site.site_title = "Soundscapes"
admin.site.index_title = "Administration"
