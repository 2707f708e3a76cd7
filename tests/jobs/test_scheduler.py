"""Whose job is done next."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from soundscapes.jobs import scheduler, tasks
from soundscapes.mixes import generations
from soundscapes.models import Generation, State, User
from soundscapes.models.jobs import MAX_ATTEMPTS
from soundscapes.pictures import images
from tests import factories, sample_files
from tests.queue import waiting, work_off

pytestmark = pytest.mark.django_db


def pile_of(user, count):
    image = factories.ImageFactory(owner=user)
    return [
        generations.create_generation(user, image, duration=5, layer_count=1, seed=number)
        for number in range(count)
    ]


def order_of_finishing():
    finished = Generation.objects.finished().order_by("finished_at")
    return list(finished.values_list("owner__username", flat=True))


@pytest.mark.usefixtures("sounds")
def test_a_pile_of_one_does_not_keep_another_s_first_one_waiting(owner, stranger):
    pile_of(owner, 4)
    pile_of(stranger, 2)
    assert work_off() == []
    assert order_of_finishing() == ["owner", "stranger", "owner", "stranger", "owner", "owner"]


@pytest.mark.usefixtures("sounds")
def test_every_job_has_its_turn_and_one_s_own_come_in_order(owner):
    pile = pile_of(owner, 3)
    assert work_off() == []
    finished = Generation.objects.finished().order_by("finished_at")
    assert [job.pk for job in finished] == [job.pk for job in pile]


@pytest.mark.usefixtures("sounds")
def test_one_s_own_matching_goes_before_one_s_pile(owner):
    pile_of(owner, 2)
    image = images.upload_image(owner, sample_files.photo())
    images.request_matching(image.owner, image)
    assert scheduler.next_job() == image


def test_with_nothing_waiting_a_ticket_does_nothing(owner):
    factories.GenerationFactory(owner=owner, ready=True)
    tasks.make_generation(str(uuid4()))
    tasks.match_image(str(uuid4()))
    owner.refresh_from_db()
    assert owner.served_at is None


@pytest.mark.usefixtures("sounds")
def test_a_job_in_another_s_hands_is_passed_over(owner):
    first, second = pile_of(owner, 2)
    later = timezone.now() + timedelta(seconds=30)
    Generation.objects.filter(pk=first.pk).update(
        state=State.RENDERING, claimed_by="host/1/1/x", leased_until=later
    )
    scheduler.take_turn()
    second.refresh_from_db()
    assert second.state == State.READY
    assert scheduler.next_job() is None


@pytest.mark.usefixtures("sounds")
def test_a_job_that_killed_every_worker_fails_and_the_next_one_is_done(owner):
    killer, other = pile_of(owner, 2)
    Generation.objects.filter(pk=killer.pk).update(attempts=MAX_ATTEMPTS)
    scheduler.take_turn()
    for job, state in ((killer, State.FAILED), (other, State.READY)):
        job.refresh_from_db()
        assert job.state == state


def test_choosing_takes_as_many_queries_for_many_as_for_one(owner, stranger, queries_of):
    pile_of(owner, 1)
    one = queries_of(scheduler.next_job)
    pile_of(owner, 5)
    pile_of(stranger, 5)
    assert queries_of(scheduler.next_job) == one
    assert len(waiting()) == 11
    assert User.objects.filter(served_at=None).count() == 2
