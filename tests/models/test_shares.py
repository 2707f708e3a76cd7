"""Share links that work, and their titles."""

from datetime import timedelta

import pytest
from django.utils import timezone

from soundscapes.models import ShareLink, State
from tests import factories

pytestmark = pytest.mark.django_db
MOMENT = timedelta(seconds=1)


def test_a_link_works_until_it_expires_or_its_soundscape_is_deleted(owner):
    endless = factories.ShareLinkFactory(generation__owner=owner, expires_at=None)
    ended = factories.ShareLinkFactory(generation__owner=owner, expires_at=timezone.now() - MOMENT)
    assert list(ShareLink.objects.live()) == [endless]
    assert (endless.has_ended, ended.has_ended) == (False, True)
    assert list(ShareLink.objects.ended_before(timezone.now())) == [ended]
    assert set(ShareLink.objects.owned_by(owner)) == {endless, ended}
    endless.generation.deleted_at = timezone.now()
    endless.generation.save()
    assert not ShareLink.objects.live().exists()
    assert list(ShareLink.objects.owned_by(owner)) == [ended]


def test_a_link_to_an_unfinished_soundscape_does_not_work():
    link = factories.ShareLinkFactory(generation__ready=False, generation__state=State.QUEUED)
    assert link not in ShareLink.objects.live()


@pytest.mark.parametrize(
    "fields", [{"is_active": False}, {"deletion_requested_at": timezone.now()}]
)
def test_a_link_of_a_closed_account_does_not_work(fields):
    assert factories.ShareLinkFactory() in ShareLink.objects.live()
    owner = factories.UserFactory(**fields)
    assert factories.ShareLinkFactory(generation__owner=owner) not in ShareLink.objects.live()


def test_a_link_is_titled_after_its_soundscape_not_the_image():
    link = factories.ShareLinkFactory(generation__image__title="My garden")
    assert link.title == "A soundscape"
    layer = factories.LayerFactory(generation=link.generation)
    assert link.title == layer.category.label
    link.generation.name = "Evening"
    assert link.title == "Evening"
