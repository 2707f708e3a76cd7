"""Streams: their addresses, their listeners, and what they play minute by minute."""

from datetime import timedelta

import pytest
from django.utils import timezone

from soundscapes.engine.sound.endless.blocks import BLOCK, FRAME
from soundscapes.generations.players import streams
from soundscapes.models import Clip, Fades, Generation, Listener, State, Stream, StreamBlock
from tests import factories
from tests.queue import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def stream(made):
    return streams.make_stream(made.owner, made)[0]


def favourites_of(owner, count):
    """Return finished favourites, newest first."""
    made = [
        factories.GenerationFactory(owner=owner, ready=True, is_favourite=True)
        for _ in range(count)
    ]
    return made[::-1]


def listened(stream, minutes):
    """Return what a stream plays in its first minutes: places of soundscapes, numbers, fades."""
    return [streams._minute(stream, passed) for passed in range(minutes)]


def test_only_a_digest_of_the_token_is_stored(owner):
    stream, token = streams.make_stream(owner)
    assert token not in str(vars(Stream.objects.get(pk=stream.pk)))
    assert Stream.objects.live().with_token(token).get() == stream
    assert not Stream.objects.with_token(stream.digest).exists()


def test_streams_of_deactivated_accounts_and_deleted_soundscapes_end(made, stream):
    assert Stream.objects.live().get() == stream
    Generation.objects.filter(pk=made.pk).update(deleted_at=timezone.now())
    assert not Stream.objects.live().exists()
    favourites, _token = streams.make_stream(made.owner)
    made.owner.is_active = False
    made.owner.save()
    assert not Stream.objects.live().filter(pk=favourites.pk).exists()


def test_a_listener_gets_one_minute_after_the_other(stream):
    listening = streams.listen(stream)
    assert listening.following() is None
    assert work_off() == []
    with listening.following() as first:
        data = first.read()
    assert len(data) == pytest.approx(listening.rate * BLOCK / 44100, abs=FRAME)
    assert listening.following() is None
    assert work_off() == []
    with listening.following() as second:
        assert second.read() != data
    assert list(StreamBlock.objects.order_by("number").values_list("number", "state")) == [
        (0, State.READY),
        (1, State.READY),
    ]


def test_listeners_of_one_soundscape_share_its_minutes(stream, made):
    other, _token = streams.make_stream(made.owner, made)
    for each in (stream, other):
        streams.listen(each).following()
    assert StreamBlock.objects.count() == 1


def test_a_revoked_stream_ends_for_its_listeners(stream):
    listening = streams.listen(stream)
    streams.revoke_stream(stream)
    with pytest.raises(streams.StreamEndedError, match="revoked"):
        listening.following()


def test_an_account_has_a_bounded_number_of_listeners(stream, made, stranger):
    present = [streams.listen(stream) for _ in range(streams.MAX_LISTENERS)]
    other, _token = streams.make_stream(made.owner)
    made.is_favourite = True
    made.save()
    for each in (stream, other):
        with pytest.raises(streams.TooManyListenersError, match="Stop one of them"):
            streams.listen(each)
    factories.GenerationFactory(owner=stranger, ready=True, is_favourite=True)
    streams.listen(streams.make_stream(stranger)[0])
    present[0].close()
    streams.listen(other)
    Listener.objects.update(seen_at=timezone.now() - timedelta(minutes=4))  # a killed web server
    streams.listen(stream)
    streams.forget_unused()
    assert Listener.objects.count() == 1


def test_no_stream_begins_while_others_wait_too_long(stream):
    streams.listen(stream).following()
    late = timezone.now() - 2 * streams.LATE
    StreamBlock.objects.update(queued_at=late)
    with pytest.raises(streams.BusyError, match="Try again"):
        streams.listen(stream)


def test_favourites_take_turns_and_go_on_where_they_stopped(owner):
    newest, oldest = favourites_of(owner, 2)
    factories.GenerationFactory(owner=owner, ready=True)
    stream, _token = streams.make_stream(owner)
    played = listened(stream, 3 * streams.STRETCH)
    turns = [played[at : at + streams.STRETCH] for at in range(0, len(played), streams.STRETCH)]
    assert [{minute[0] for minute in turn} for turn in turns] == [{newest}, {oldest}, {newest}]
    numbers = [minute[1] for minute in (*turns[0], *turns[2])]
    assert numbers == list(range(2 * streams.STRETCH))
    for turn in turns:
        fades = [minute[2] for minute in turn]
        assert (fades[0], fades[-1]) == (Fades.IN, Fades.OUT)
        assert set(fades[1:-1]) == {Fades.NONE}


def test_a_single_favourite_plays_on(owner):
    [only] = favourites_of(owner, 1)
    stream, _token = streams.make_stream(owner)
    expected = [(only, number, Fades.NONE) for number in range(20)]
    assert listened(stream, 20) == expected


def test_without_favourites_there_is_nothing_to_play(owner):
    with pytest.raises(streams.StreamEndedError, match="no favourites"):
        streams.listen(streams.make_stream(owner)[0])


def test_a_lost_clip_ends_the_stream_and_is_tried_again_later(stream):
    named = Clip.objects.all()
    kept = list(named)
    named.delete()
    listening = streams.listen(stream)
    assert listening.following() is None
    work_off()
    with pytest.raises(streams.StreamEndedError, match="is missing"):
        listening.following()
    Clip.objects.bulk_create(kept)
    ended = timezone.now() - 2 * streams.RETRIED_AFTER
    StreamBlock.objects.update(finished_at=ended)
    again = streams.listen(stream)
    assert again.following() is None
    assert work_off() == []
    again.following().close()


def test_a_lost_file_is_made_again(stream):
    listening = streams.listen(stream)
    listening.following()
    work_off()
    block = StreamBlock.objects.get()
    block.file.storage.delete(block.file.name)
    assert listening.following() is None
    assert work_off() == []
    listening.following().close()


def test_failed_minutes_are_forgotten(stream):
    Clip.objects.all().delete()
    streams.listen(stream).following()
    work_off()
    assert streams.forget_unused() == 0
    StreamBlock.objects.update(used_at=timezone.now() - 2 * streams.IN_USE)
    assert streams.forget_unused() == 1
    assert not StreamBlock.objects.exists()


def test_what_nobody_has_heard_for_longest_is_forgotten_beyond_a_share_of_the_cache(
    stream, settings, django_capture_on_commit_callbacks
):
    listening = streams.listen(stream)
    for _ in range(3):
        listening.following()
        work_off()
        listening.following().close()
    blocks = list(StreamBlock.objects.filter(state=State.READY).order_by("number"))
    settings.AUDIO_CACHE = 1.5 * blocks[0].size / streams.CACHE_SHARE
    assert streams.forget_unused() == 0, "somebody may still hear it"
    now = timezone.now()
    for block, age in zip(blocks, (10, 30, 20), strict=True):
        StreamBlock.objects.filter(pk=block.pk).update(used_at=now - timedelta(minutes=age))
    with django_capture_on_commit_callbacks(execute=True):
        streams.forget_unused()
    assert set(StreamBlock.objects.filter(state=State.READY)) == {blocks[0]}
    storage = blocks[0].file.storage
    assert [storage.exists(block.file.name) for block in blocks] == [True, False, False]
