"""The place from which sets, categories and clips are managed."""

from django.contrib import admin

from soundscapes.admin import categories, chores, clips, generations, images, queue, users

__all__ = ["categories", "chores", "clips", "generations", "images", "queue", "users"]

admin.site.site_header = "Soundscapes"
admin.site.site_title = "Soundscapes"
admin.site.index_title = "Administration"
