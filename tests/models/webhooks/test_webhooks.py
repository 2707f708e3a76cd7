"""Secrets of webhooks."""

from base64 import b64decode

from soundscapes.models.webhooks.webhooks import new_secret


def test_secrets_are_those_of_standard_webhooks():
    """The specification asks for 24 to 64 random bytes in Base64, after a prefix."""
    secret = new_secret()
    assert len(b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
    assert secret != new_secret()
