"""All kinds of job in order of precedence.

A new kind is a module with a `JobKind` and a line here.
"""

from soundscapes.accounts import exports
from soundscapes.generations import rendering, transcoding
from soundscapes.images import images
from soundscapes.imports import batch_jobs

KINDS = (
    images.KIND,
    rendering.KIND,
    transcoding.KIND,
    exports.KIND,
    batch_jobs.KIND,
)
