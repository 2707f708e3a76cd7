"""What the application remembers. Queries live on the QuerySets."""

from soundscapes.models.categories import Category, Clip
from soundscapes.models.chores import Chore
from soundscapes.models.exports import Export
from soundscapes.models.files import FileNote
from soundscapes.models.generations import Generation, Layer
from soundscapes.models.idempotency import RememberedAnswer
from soundscapes.models.images import Embedding, Image, ImageSet, Similarity
from soundscapes.models.jobs import State
from soundscapes.models.queries import SearchQuery
from soundscapes.models.renditions import Format, Rendition
from soundscapes.models.shares import ShareLink
from soundscapes.models.users import ApiToken, User
from soundscapes.models.workers import Heartbeat

__all__ = [
    "ApiToken",
    "Category",
    "Chore",
    "Clip",
    "Embedding",
    "Export",
    "FileNote",
    "Format",
    "Generation",
    "Heartbeat",
    "Image",
    "ImageSet",
    "Layer",
    "RememberedAnswer",
    "Rendition",
    "SearchQuery",
    "ShareLink",
    "Similarity",
    "State",
    "User",
]
