"""Podcast feeds: making and revoking them, their episodes and chapters."""

import pytest

from soundscapes.generations.players import feeds
from soundscapes.models import Feed
from tests import factories

pytestmark = pytest.mark.django_db


def test_only_a_digest_of_the_token_is_stored(owner):
    feed, token = feeds.make_feed(owner)
    assert token not in str(vars(Feed.objects.get(pk=feed.pk)))
    assert Feed.objects.live().with_token(token).get() == feed
    assert not Feed.objects.with_token(feed.digest).exists()


def test_feeds_of_deactivated_accounts_end(owner):
    _feed, token = feeds.make_feed(owner)
    owner.is_active = False
    owner.save()
    assert not Feed.objects.live().with_token(token).exists()


def test_episodes_are_finished_soundscapes_of_the_owner_newest_first(owner, stranger):
    first = factories.GenerationFactory(owner=owner, ready=True)
    second = factories.GenerationFactory(owner=owner, ready=True, is_favourite=True)
    factories.GenerationFactory(owner=owner)
    factories.GenerationFactory(owner=stranger, ready=True)
    every, _token = feeds.make_feed(owner)
    favourites, _token = feeds.make_feed(owner, only_favourites=True)
    assert list(feeds.episodes(every)) == [second, first]
    assert list(feeds.episodes(favourites)) == [second]


def test_chapters_say_when_each_layer_is_first_heard(made):
    chapters = feeds.chapters(made)
    starts = [chapter["startTime"] for chapter in chapters]
    assert starts == sorted(set(starts))
    assert all(0 <= start < made.duration for start in starts)
    titles = " ".join(chapter["title"] for chapter in chapters).lower()
    assert all(layer.category.label in titles for layer in made.layers.all())


def test_a_soundscape_without_a_readable_plan_has_no_chapters(owner):
    assert feeds.chapters(factories.GenerationFactory(owner=owner, ready=True)) == []
