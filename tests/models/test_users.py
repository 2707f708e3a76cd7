"""Users as rows that others wait for."""

from threading import Event

from django.db import transaction

from soundscapes.models import User
from tests.connections import at_once, parallel, raised


@parallel
def test_whoever_locks_a_user_waits_until_the_other_transaction_has_ended(owner):
    locked = Event()
    order = []

    def first():
        with transaction.atomic():
            User.lock(pk=owner.pk)
            locked.set()
            Event().wait(0.3)
            order.append("first")

    def second():
        locked.wait(10)
        with transaction.atomic():
            assert [user.pk for user in User.lock(pk=owner.pk)] == [owner.pk]
            order.append("second")

    assert raised(at_once(first, second), LookupError) == 0
    assert order == ["first", "second"]
