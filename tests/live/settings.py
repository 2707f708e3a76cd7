"""The application's settings with a fast hash of passwords: a hundred people sign up."""

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
