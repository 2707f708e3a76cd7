"""The application's settings with an adjustable clock: a file contains its offset in seconds."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from tests.live.settings import *  # noqa: F403

true_now = timezone.now


def now() -> datetime:
    return true_now() + timedelta(seconds=float(Path(os.environ["CLOCK_FILE"]).read_text()))


timezone.now = now  # used by every lease, heartbeat, lock and schedule
