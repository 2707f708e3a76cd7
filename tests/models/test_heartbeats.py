"""Heartbeats, with one row for each machine."""

import socket
from datetime import timedelta

import pytest
from django.utils import timezone

from soundscapes.models import Heartbeat
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_machine_has_one_heartbeat_row():
    assert Heartbeat.objects.latest_beat() is None
    Heartbeat.objects.beat()
    first = Heartbeat.objects.beat_of_this_host()
    Heartbeat.objects.beat()
    assert Heartbeat.objects.get().host == socket.gethostname()
    assert Heartbeat.objects.beat_of_this_host() >= first


def test_the_latest_heartbeat_may_be_of_another_machine():
    later = timezone.now() + timedelta(minutes=1)
    Heartbeat.objects.beat()
    factories.HeartbeatFactory(host="another-machine", beat_at=later)
    assert Heartbeat.objects.latest_beat() == later
    assert Heartbeat.objects.beat_of_this_host() < later
