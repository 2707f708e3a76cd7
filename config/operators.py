"""Settings for operators and programs: webhooks."""

from config.environment import env, networks

# Networks that webhooks may reach although they are private.
WEBHOOK_NETWORKS = networks(
    "SOUNDSCAPES_WEBHOOK_NETWORKS", env.str("SOUNDSCAPES_WEBHOOK_NETWORKS", default="")
)
