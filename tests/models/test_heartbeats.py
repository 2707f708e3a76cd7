"""Signs of life: one row for each machine."""

import socket
from datetime import timedelta

import pytest
from django.utils import timezone

from soundscapes.models import Heartbeat
from tests import factories

pytestmark = pytest.mark.django_db


def test_every_beat_of_a_machine_is_in_one_row():
    assert Heartbeat.objects.latest_beat() is None
    Heartbeat.objects.beat()
    first = Heartbeat.objects.beat_of_this_host()
    Heartbeat.objects.beat()
    assert Heartbeat.objects.get().host == socket.gethostname()
    assert Heartbeat.objects.beat_of_this_host() >= first


def test_the_latest_beat_is_that_of_any_machine_and_one_s_own_is_not():
    later = timezone.now() + timedelta(minutes=1)
    Heartbeat.objects.beat()
    factories.HeartbeatFactory(host="another-machine", beat_at=later)
    assert Heartbeat.objects.latest_beat() == later
    assert Heartbeat.objects.beat_of_this_host() < later
