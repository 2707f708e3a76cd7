"""Endless streams for speakers and radios, made minute by minute while somebody listens."""

from __future__ import annotations

from datetime import timedelta
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.endless import blocks
from soundscapes.engine.sound.plan import Plan
from soundscapes.files import batches, scratch
from soundscapes.files.columns import FileColumn
from soundscapes.files.local_copies import local_copy
from soundscapes.files.storage import discard_file, is_stored, keep_file
from soundscapes.generations.players import playing
from soundscapes.jobs import queue
from soundscapes.jobs.claims import Claim, deleting_on_failure
from soundscapes.jobs.kinds import JobKind
from soundscapes.limits.admission import admit
from soundscapes.limits.errors import LimitError
from soundscapes.limits.grants import one_more
from soundscapes.models import Fades, Generation, Listener, State, Stream, StreamBlock, User
from soundscapes.models.jobs import ACTIVE_STATES

MAX_STREAMS = 20  # per account
MAX_LISTENERS = 10  # per account, at the same time
STRETCH = 15  # minutes of each favourite

LATE = timedelta(seconds=30)
"""If blocks wait longer, the worker makes them more slowly than listeners hear them."""
BUSY_SECONDS = 60

CACHE_SHARE = 0.1  # of the audio cache
IN_USE = timedelta(minutes=5)
RETRIED_AFTER = timedelta(minutes=1)
BLOCK_BYTES = blocks.BITS_A_SECOND // 8 * round(blocks.SECONDS)


class TooManyListenersError(LimitError):
    status = 429
    retry_after = BUSY_SECONDS

    def __init__(self) -> None:
        super().__init__(
            f"{MAX_LISTENERS} players are listening to this account's streams, the maximum. "
            "Stop one of them first."
        )


class BusyError(LimitError):
    status = 503
    retry_after = BUSY_SECONDS

    def __init__(self) -> None:
        super().__init__("The server is busy with other streams. Try again in a minute.")


class StreamEndedError(EngineError):
    """A stream that cannot go on, with the reason."""


def make_stream(user: User, generation: Generation | None = None) -> tuple[Stream, str]:
    """Create a stream of a soundscape, or of the user's favourites, and return it with its token.

    Raise GuestError or TooManyError.
    """
    refusal = f"You have {MAX_STREAMS} streams, the maximum. Revoke one first."
    with one_more(user, user.streams, MAX_STREAMS, refusal):
        return Stream.objects.create_with_token(owner=user, generation=generation)


def revoke_stream(stream: Stream) -> None:
    """Delete the stream; its listeners hear what is made already."""
    stream.delete()


def listen(stream: Stream) -> Listening:
    """Begin to listen. Raise LimitError if a limit is reached, StreamEndedError without sound."""
    if StreamBlock.objects.waiting_for(LATE).exists():
        raise BusyError
    _minute(stream, 0)
    with transaction.atomic():
        User.lock(pk=stream.owner_id)
        present = Listener.objects.present().filter(stream__owner=stream.owner_id)
        if present.count() >= MAX_LISTENERS:
            raise TooManyListenersError
        listener = Listener.objects.create(stream=stream)
    return Listening(listener)


class Listening:
    """The way of one listener through a stream, minute by minute."""

    rate = blocks.BITS_A_SECOND // 8
    """Bytes per second."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._passed = 0
        self._awaited: UUID | None = None

    def following(self) -> BinaryIO | None:
        """Return the next minute as a file; None while it is made or no work is admitted.

        Raise StreamEndedError if the stream was revoked or cannot go on.
        """
        if self._awaited and StreamBlock.objects.unfinished().filter(pk=self._awaited).exists():
            return None
        stream = Stream.objects.live().filter(pk=self._listener.stream_id).first()
        mine = Listener.objects.filter(pk=self._listener.pk)
        if stream is None or not mine.update(seen_at=timezone.now()):
            raise StreamEndedError("This stream was revoked.")
        try:
            block = _block(*_minute(stream, self._passed))
        except LimitError:
            return None
        self._awaited = block.pk
        if block.state != State.READY:
            return None
        with local_copy(str(block.file.name)) as path:
            file = path.open("rb")
        self._passed += 1
        return file

    def close(self) -> None:
        Listener.objects.filter(pk=self._listener.pk).delete()


def _minute(stream: Stream, passed: int) -> tuple[Generation, int, Fades]:
    """Return which minute of which soundscape comes after some minutes, and how it fades.

    Favourites take turns, and each goes on where it stopped. Raise StreamEndedError without any.
    """
    if stream.generation is not None:
        return stream.generation, passed, Fades.NONE
    favourites = Generation.objects.owned_by(stream.owner).finished().favourites()
    listed = list(favourites.order_by("-created_at", "-pk").values_list("pk", flat=True))
    if not listed:
        raise StreamEndedError("There are no favourites to play.")
    turn, within = divmod(passed, STRETCH)
    earlier, place = divmod(turn, len(listed))
    generation = favourites.get(pk=listed[place])
    return generation, earlier * STRETCH + within, _fades(within, len(listed))


def _fades(within: int, count: int) -> Fades:
    if count > 1 and within == 0:
        return Fades.IN
    return Fades.OUT if count > 1 and within == STRETCH - 1 else Fades.NONE


def _block(generation: Generation, number: int, fades: Fades) -> StreamBlock:
    """Return a block, finished or not; enqueue it if missing.

    Raise StreamEndedError if it has failed a moment ago.
    """
    block, _ = StreamBlock.objects.get_or_create(generation=generation, number=number, fades=fades)
    StreamBlock.objects.filter(pk=block.pk).update(used_at=timezone.now())
    if block.state in ACTIVE_STATES or (block.state == State.READY and is_stored(block.file)):
        return block
    retried_from = timezone.now() - RETRIED_AFTER
    if block.state == State.FAILED and block.finished_at and block.finished_at > retried_from:
        raise StreamEndedError(block.error)
    with transaction.atomic():
        admit_block(block)
        queue.enqueue(block)
    block.refresh_from_db()
    return block


def admit_block(block: StreamBlock) -> None:
    admit(block.generation.owner, temporary=BLOCK_BYTES)


def make(claim: Claim) -> None:
    """Make a block. Runs in the worker."""
    block = StreamBlock.objects.select_related("generation").get(pk=claim.pk)
    discard(block)
    claim.report(State.RENDERING, "Making a minute of a stream", 10)
    plan = Plan.from_json(block.generation.plan)
    rows = playing.clips_of(plan)
    made = blocks.mp3_block(
        plan,
        block.number,
        {checksum: row.to_engine() for checksum, row in rows.items()},
        lambda clip: playing.file_of(rows[clip.checksum]),
        playing.gain_db(block.generation, plan),
        fades_in=block.fades == Fades.IN,
        fades_out=block.fades == Fades.OUT,
    )
    with scratch.working_folder() as folder:
        file = folder / _file_name(block)
        file.write_bytes(made)
        keep_file(block.file, file)
    with deleting_on_failure([block.file]):
        claim.finish(file=str(block.file), size=len(made))


def discard(block: StreamBlock) -> None:
    """Delete the files of killed and earlier attempts."""
    discard_file(block.file, _file_name(block))


def _file_name(block: StreamBlock) -> str:
    return f"minute-{block.pk}.mp3"


def forget_unused() -> int:
    """Delete the blocks that nobody has heard for longest, beyond a share of the audio cache."""
    unused = StreamBlock.objects.unused_for(IN_USE)
    total = StreamBlock.objects.aggregate(total=Sum("size"))["total"] or 0
    excess = total - CACHE_SHARE * settings.AUDIO_CACHE
    old = list(unused.ended_without_file().values_list("pk", flat=True))
    for pk, size in unused.finished().order_by("used_at").values_list("pk", "size").iterator():
        if excess <= 0:
            break
        excess -= size
        old.append(pk)
    Listener.objects.absent().delete()
    return batches.delete(StreamBlock.objects.filter(pk__in=old)) if old else 0


KIND = JobKind(
    name="stream",
    label="Making a minute of a stream",
    model=StreamBlock,
    run=make,
    owner="generation__owner",
    listed=False,
    quick=Q(),
    admit=admit_block,
    discard=discard,
    files=(FileColumn("generations", StreamBlock, "file", "generation"),),
    is_file=True,
    purge=forget_unused,
)
