"""Models, with their queries as QuerySet methods."""

from soundscapes.models.batch_jobs import BatchJob
from soundscapes.models.categories import Category, Clip
from soundscapes.models.exports import Export
from soundscapes.models.generations import Generation, Layer
from soundscapes.models.heartbeats import Heartbeat
from soundscapes.models.images import Embedding, Image, ImageSet, Similarity
from soundscapes.models.jobs import State
from soundscapes.models.journal import JournalEntry
from soundscapes.models.limits import CacheEntry, IdempotencyRecord, QuotaCount
from soundscapes.models.previews import Preview
from soundscapes.models.renditions import Fades, Format, Rendition, StreamBlock
from soundscapes.models.search_queries import SearchQuery
from soundscapes.models.shares import Feed, Listener, ShareLink, Stream
from soundscapes.models.users import ApiToken, Invitation, User
from soundscapes.models.webhooks.deliveries import WebhookDelivery
from soundscapes.models.webhooks.webhooks import Event, Webhook
