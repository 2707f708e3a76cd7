"""Heartbeats of the workers on every machine."""

from datetime import timedelta
from math import inf

from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule
from django_q.tasks import async_task

from soundscapes.jobs.wake_up import own_key
from soundscapes.models import Heartbeat

SCHEDULE = "heartbeat"
TASK = "soundscapes.operations.maintenance.run"
INTERVAL = timedelta(minutes=1)
SILENCE = 150.0  # seconds without a heartbeat after which no worker counts as running
FORGOTTEN_AFTER = timedelta(days=1)


def silence() -> float:
    """Return the seconds since the last heartbeat of any machine, or infinity without one."""
    beat = Heartbeat.objects.latest_beat()
    return (timezone.now() - beat).total_seconds() if beat else inf


def is_worker_up() -> bool:
    return silence() < SILENCE


def schedule() -> None:
    Schedule.objects.update_or_create(
        name=SCHEDULE,
        defaults={
            "func": TASK,
            "schedule_type": Schedule.MINUTES,
            "next_run": timezone.now(),
        },
    )


def ask_this_host() -> None:
    key = own_key(str(Conf.CLUSTER_NAME))
    if not OrmQ.objects.filter(key=key, lock__lte=timezone.now()).exists():
        async_task("soundscapes.jobs.heartbeat.give_sign", cluster=key)


def give_sign() -> None:
    """Send the heartbeat that a supervisor asked for. Runs in the worker."""
    Heartbeat.objects.beat()


def forget_silent_hosts() -> None:
    a_day_ago = timezone.now() - FORGOTTEN_AFTER
    Heartbeat.objects.filter(beat_at__lt=a_day_ago).delete()
    OrmQ.objects.exclude(key=Conf.CLUSTER_NAME).filter(lock__lt=a_day_ago).delete()


def clamp_future_times() -> None:
    """Move future heartbeats and schedules to the present after the clock was set back."""
    now = timezone.now()
    Heartbeat.objects.filter(beat_at__gt=now).update(beat_at=now)
    late = Schedule.objects.filter(name=SCHEDULE, next_run__gt=now + 2 * INTERVAL)
    late.update(next_run=now)
