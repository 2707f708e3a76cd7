"""What a worker process does before its first task."""

import logging
from typing import Any

from soundscapes.services import jobs, matching

logger = logging.getLogger(__name__)


def worker_spawned(**_kwargs: Any) -> None:
    """Take over what a dead worker left, then load the encoder so that the first task is warm.

    Runs in the forked worker itself: torch must never have been used before a fork.
    """
    try:
        jobs.release_orphans()
        matching.warm_up()
    except Exception:  # a worker that starts cold is better than none
        logger.exception("The worker could not warm up")
