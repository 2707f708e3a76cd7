"""Limits of accounts, which grow with age, and locks on users."""

from datetime import timedelta
from threading import Event

import pytest
from django.db import transaction
from django.utils import timezone

from soundscapes.engine.sound.plan import MAX_DURATION
from soundscapes.models import User
from tests import factories
from tests.connections import at_once, parallel, raised

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer(settings):
    settings.NEW_ACCOUNT_DAYS, settings.NEW_DURATION = 10, 100
    settings.NEW_STORAGE, settings.STORAGE_LIMIT = 10**9, 11 * 10**9
    settings.NEW_QUEUE, settings.QUEUE_PER_USER = 1, 101
    return factories.UserFactory(username="newcomer", date_joined=timezone.now())


def limits(user) -> tuple[int, int, int]:
    own = user.allowance
    return own.duration, own.storage, own.jobs


def test_limits_grow_daily_to_the_full_limits(newcomer):
    seen = {}
    for days in (0, 5, 10, 300):
        newcomer.date_joined = timezone.now() - timedelta(days=days, hours=1)
        seen[days] = limits(newcomer)
    assert seen[0] == (100, 10**9, 1)
    assert seen[5] == (1850, 6 * 10**9, 51)
    assert seen[10] == seen[300] == (MAX_DURATION, 11 * 10**9, 101)


@pytest.mark.parametrize("field", ["is_trusted", "is_staff"])
def test_trusted_accounts_have_full_limits_at_once(newcomer, field):
    setattr(newcomer, field, True)
    assert limits(newcomer) == (MAX_DURATION, 11 * 10**9, 101)
    assert newcomer.allowance.growth == ""


def test_initial_limits_never_exceed_the_full_ones(newcomer, settings):
    settings.NEW_STORAGE = 10**12
    assert limits(newcomer)[1] == settings.STORAGE_LIMIT


@parallel
def test_a_lock_waits_for_the_other_transaction(owner):
    locked = Event()
    order = []

    def first():
        with transaction.atomic():
            User.lock(pk=owner.pk)
            locked.set()
            Event().wait(0.3)
            order.append("first")

    def second():
        locked.wait(60)
        with transaction.atomic():
            assert [user.pk for user in User.lock(pk=owner.pk)] == [owner.pk]
            order.append("second")

    assert raised(at_once(first, second), LookupError) == 0
    assert order == ["first", "second"]
