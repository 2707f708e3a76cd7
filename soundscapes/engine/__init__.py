"""The engine turns images into soundscapes. It never imports Django."""

import os

# Requests to Hugging Face say nothing about this machine. The hub's library reads this when it is
# first imported, by whatever comes first.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
