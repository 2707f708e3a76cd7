"""The application's own settings, in a data folder of the tests' own."""

import os
from pathlib import Path

# Kept between runs, so that label and prompt vectors are computed once.
os.environ["SOUNDSCAPES_DATA"] = str(Path(__file__).resolve().parents[1] / "var" / "tests")
os.environ["SOUNDSCAPES_ENCODER"] = "offline"
os.environ["SOUNDSCAPES_DISK_RESERVE"] = "0"

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one is slow
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405 - whitenoise looks for it

INSTALLED_APPS += ["tests.postcards"]  # noqa: F405 - a kind of job that the product does not know
