"""A receiver of webhooks, which the settings allow to be reached."""

import pytest

from tests.webhooks.receiver import LOOPBACK, receiving


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_NETWORKS = LOOPBACK
    with receiving() as receiver:
        yield receiver
