"""Guests: made, taken over, and deleted after their hour."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError
from django.utils import timezone

from soundscapes.accounts import deletion, guests
from soundscapes.generations import generations
from soundscapes.limits import quotas
from soundscapes.models import Generation, State, User
from soundscapes.operations import maintenance
from tests import factories
from tests.connections import at_once, parallel, raised
from tests.queue import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def guest():
    return guests.admit("192.0.2.1")


def test_a_guest_has_no_password_and_the_smallest_limits(guest, settings):
    settings.NEW_ACCOUNT_DAYS = 0
    assert not guest.has_usable_password()
    assert guest.allowance.jobs == 1
    assert guest.allowance.storage < 10**8


def test_guests_count_as_sign_ups(settings):
    settings.QUOTAS = settings.QUOTAS | {"sign_up": (1, 3600)}
    guests.admit("192.0.2.1")
    with pytest.raises(quotas.QuotaExceededError):
        guests.admit("192.0.2.1")
    guests.admit("192.0.2.2")


def test_a_guest_who_signs_up_keeps_everything(guest, client):
    generation = factories.GenerationFactory(owner=guest, ready=True)
    guests.take_over(guest, "ada", "sounds-of-the-sea")
    assert client.login(username="ada", password="sounds-of-the-sea")
    assert Generation.objects.owned_by(User.objects.get(username="ada")).get() == generation
    assert User.objects.get().guest_until is None


def test_a_taken_name_leaves_the_guest_as_it_is(guest, owner):
    with pytest.raises(IntegrityError):
        guests.take_over(guest, owner.username, "sounds-of-the-sea")
    guest.refresh_from_db()
    assert guest.guest_until


def test_guests_are_deleted_after_their_hour_and_nobody_else(guest, owner):
    factories.GenerationFactory(owner=guest, ready=True)
    maintenance.run()
    assert User.objects.filter(pk=guest.pk, is_active=True).exists()
    User.objects.filter(pk=guest.pk).update(guest_until=timezone.now() - timedelta(seconds=1))
    maintenance.run()
    assert work_off() == []
    assert list(User.objects.all()) == [owner]
    assert not Generation.objects.exists()


def test_a_guest_who_signs_up_while_others_are_deleted_stays(monkeypatch):
    both = [guests.admit(f"192.0.2.{number}") for number in (1, 2)]
    User.objects.update(guest_until=timezone.now() - timedelta(seconds=1))
    leave = deletion.leave

    def leave_slowly(user: User) -> None:
        monkeypatch.setattr(deletion, "leave", leave)
        (other,) = (guest for guest in both if guest != user)
        guests.take_over(other, "ada", "sounds-of-the-sea")
        leave(user)

    monkeypatch.setattr(deletion, "leave", leave_slowly)
    guests.remove_ended()
    assert User.objects.get(is_active=True).username == "ada"


def test_a_guest_who_is_being_deleted_cannot_sign_up(guest):
    deletion.leave(User.objects.get(pk=guest.pk))
    with pytest.raises(guests.EndedError, match="Sign up again"):
        guests.take_over(guest, "ada", "sounds-of-the-sea")
    assert not User.objects.filter(username="ada").exists()


def test_a_guest_who_has_an_account_keeps_everything_there(guest, owner):
    known, other = factories.ImageFactory(owner=owner), factories.ImageFactory(owner=guest)
    again = factories.ImageFactory(owner=guest, checksum=known.checksum)
    old = factories.GenerationFactory(owner=owner, image=known, ready=True)
    made = [
        factories.GenerationFactory(owner=guest, image=image, ready=True)
        for image in (other, again)
    ]
    recording = factories.ClipFactory(owner=guest)
    guests.hand_over(guest, owner)
    assert work_off() == []
    assert not User.objects.filter(pk=guest.pk).exists()
    assert set(Generation.objects.owned_by(owner)) == {old, *made}
    assert {generation.image for generation in Generation.objects.all()} == {known, other}
    assert owner.recordings.get() == recording
    assert default_storage.exists(other.file.name)


@pytest.mark.usefixtures("sounds")
def test_what_is_not_ready_yet_gets_ready_in_the_account(guest, owner):
    image = factories.ImageFactory(owner=guest)
    known = factories.ImageFactory(owner=owner, checksum=image.checksum)
    made = generations.create_generation(guest, image)
    guests.hand_over(guest, owner)
    assert work_off() == []
    made.refresh_from_db()
    assert (made.state, made.owner, made.image) == (State.READY, owner, known)


def test_a_guest_who_is_being_deleted_hands_nothing_over(guest, owner):
    factories.GenerationFactory(owner=guest, ready=True)
    deletion.leave(guest)
    guests.hand_over(guest, owner)
    assert not Generation.objects.owned_by(owner).exists()


@parallel
def test_two_sign_ins_of_a_guest_hand_over_once(owner):
    guest = guests.admit("192.0.2.1")
    known = factories.ImageFactory(owner=owner)
    image = factories.ImageFactory(owner=guest, checksum=known.checksum)
    made = factories.GenerationFactory(owner=guest, image=image, ready=True)
    recording = factories.ClipFactory(owner=guest)
    results = at_once(*[partial(guests.hand_over, guest, owner)] * 3)
    assert raised(results, LookupError) == 0
    made.refresh_from_db()
    assert (made.owner, made.image) == (owner, known)
    assert owner.recordings.get() == recording


@parallel
def test_an_image_that_is_deleted_during_the_sign_in_comes_from_the_guest(owner, monkeypatch):
    guest = guests.admit("192.0.2.1")
    known = factories.ImageFactory(owner=owner, state=State.QUEUED)
    image = factories.ImageFactory(owner=guest, checksum=known.checksum)
    made = factories.GenerationFactory(owner=guest, image=image, ready=True)
    leave = deletion.leave

    def leave_late(user: User) -> None:
        monkeypatch.setattr(deletion, "leave", leave)
        at_once(known.delete)
        leave(user)

    monkeypatch.setattr(deletion, "leave", leave_late)
    guests.hand_over(guest, owner)
    made.refresh_from_db()
    image.refresh_from_db()
    assert (made.owner, made.image, image.owner) == (owner, image, owner)
