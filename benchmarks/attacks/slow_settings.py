"""The application's settings, with a storage on a slow network."""

from config.settings import *  # noqa: F403
from config.settings import STORAGES

STORAGES["default"] = {"BACKEND": "benchmarks.attacks.slow_storage.SlowStorage"}
