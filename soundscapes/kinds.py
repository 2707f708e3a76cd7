"""All kinds of job in order of precedence.

To add a kind, define a `JobKind` in a module and list it here.
"""

from soundscapes.accounts import exports
from soundscapes.generations import previews, rendering, transcoding
from soundscapes.generations.players import streams
from soundscapes.images import matching
from soundscapes.imports import batch_runs
from soundscapes.webhooks import deliveries

KINDS = (
    matching.KIND,
    rendering.KIND,
    previews.KIND,
    transcoding.KIND,
    streams.KIND,
    deliveries.KIND,
    exports.KIND,
    batch_runs.KIND,
)
