"""The admin's models are registered with the URLs; some modules ask for them when collected."""

import config.urls  # noqa: F401
