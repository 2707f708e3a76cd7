"""Share links: creation, expiry, revocation and deletion."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from soundscapes.generations import library, share_links
from soundscapes.models import ShareLink
from soundscapes.models.generations import UNDO
from soundscapes.operations import maintenance
from tests import factories
from tests.connections import at_once, parallel, raised

pytestmark = pytest.mark.django_db


def later(monkeypatch, passed):
    now = timezone.now() + passed
    monkeypatch.setattr(timezone, "now", lambda: now)


def test_a_soundscape_is_private_by_default(generation):
    assert not ShareLink.objects.exists()


def test_a_link_expires_in_thirty_days_and_hides_the_image_by_default(generation):
    link = share_links.make_link(generation)
    assert abs(link.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    assert not link.shows_picture
    assert share_links.make_link(generation, lifetime=None).expires_at is None


def test_tokens_are_unique_and_unguessable(generation):
    tokens = {share_links.make_link(generation).token for _ in range(share_links.MAX_LINKS)}
    assert len(tokens) == share_links.MAX_LINKS
    assert min(len(token) for token in tokens) >= 43  # 256 bits, 6 per character


def test_a_link_is_live_until_it_expires(generation, monkeypatch):
    link = share_links.make_link(generation, lifetime=timedelta(days=1))
    endless = share_links.make_link(generation, lifetime=None)
    assert set(ShareLink.objects.live()) == {link, endless}
    later(monkeypatch, timedelta(days=1))
    assert set(ShareLink.objects.live()) == {endless}
    assert link.has_ended
    assert not endless.has_ended


def test_only_a_finished_soundscape_can_be_shared(owner):
    with pytest.raises(share_links.ShareError, match="finished"):
        share_links.make_link(factories.GenerationFactory(owner=owner))


def test_the_number_of_live_links_is_limited(generation, monkeypatch):
    for _number in range(share_links.MAX_LINKS):
        share_links.make_link(generation)
    with pytest.raises(share_links.ShareError, match="Revoke one"):
        share_links.make_link(generation)
    later(monkeypatch, share_links.LIFETIME)
    assert share_links.make_link(generation)


def test_deleting_suspends_links_and_restoring_revives_them(owner, generation):
    link = share_links.make_link(generation)
    moment = library.delete(owner, [generation.pk])
    assert not ShareLink.objects.live().exists()
    assert not ShareLink.objects.owned_by(owner).exists()
    library.restore(owner, moment)
    assert ShareLink.objects.live().get() == link


def test_links_are_deleted_with_their_soundscape(owner, generation, monkeypatch):
    share_links.make_link(generation)
    library.delete(owner, [generation.pk])
    later(monkeypatch, UNDO)
    library.purge()
    assert not ShareLink.objects.exists()


def test_expired_links_are_deleted_after_a_while(owner, generation, monkeypatch):
    share_links.make_link(generation)
    endless = share_links.make_link(generation, lifetime=None)
    later(monkeypatch, share_links.LIFETIME + timedelta(hours=1))
    maintenance.run()
    assert ShareLink.objects.owned_by(owner).count() == 2
    later(monkeypatch, share_links.KEPT_FOR)
    maintenance.run()
    assert ShareLink.objects.get() == endless


@parallel
def test_concurrent_requests_respect_the_limit_of_links(generation):
    more = share_links.MAX_LINKS + 5
    results = at_once(*[partial(share_links.make_link, generation)] * more)
    assert raised(results, share_links.ShareError) == 5
    assert ShareLink.objects.count() == share_links.MAX_LINKS
