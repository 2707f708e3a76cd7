"""Every kind of job: a new one is a module with a `JobKind`, and a line here.

Among equals a worker takes them in this order.
"""

from soundscapes.accounts import exports
from soundscapes.imports import batch_jobs
from soundscapes.mixes import rendering, transcoding
from soundscapes.pictures import images

KINDS = (
    images.KIND,
    rendering.KIND,
    transcoding.KIND,
    exports.KIND,
    batch_jobs.KIND,
)
