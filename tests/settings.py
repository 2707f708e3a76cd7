"""The application's settings with a separate data folder."""

import os
from pathlib import Path

# Kept between runs, so that label and prompt vectors are computed once.
os.environ["SOUNDSCAPES_DATA"] = str(Path(__file__).resolve().parents[1] / "var" / "tests")
os.environ["SOUNDSCAPES_ENCODER"] = "offline"
os.environ["SOUNDSCAPES_DISK_RESERVE"] = "0"

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one is slow
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405 - whitenoise expects it

INSTALLED_APPS += ["tests.postcards"]  # noqa: F405 - a kind of job that only the tests define
