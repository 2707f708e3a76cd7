"""Export of a user's data as a zip file, built by a worker and kept for two days.

It contains the soundscapes, but not their layers or other formats: plans reproduce those.
"""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F, Prefetch
from django.db.models.fields.files import FieldFile

from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.credits import credits_text
from soundscapes.engine.sound.plan import Plan
from soundscapes.files import batches, journal, scratch
from soundscapes.files.archives import Member, zipped
from soundscapes.files.columns import FileColumn
from soundscapes.files.storage import keep_file
from soundscapes.generations import audio_cache
from soundscapes.generations.audio_cache import Report
from soundscapes.jobs import queue
from soundscapes.jobs.claims import Claim
from soundscapes.jobs.kinds import JobKind
from soundscapes.limits import storage
from soundscapes.limits.admission import admit
from soundscapes.limits.quotas import Kind
from soundscapes.models import (
    ApiToken,
    Clip,
    Export,
    Feed,
    Generation,
    Image,
    ShareLink,
    Similarity,
    State,
    Stream,
    User,
    Webhook,
)
from soundscapes.models.exports import export_path

BATCH = 10  # rows in memory; each has up to a hundred similarities, or a plan
NAME_LENGTH = 60
SOUNDSCAPE_FIELDS = (
    *("id", "name", "remix_name", "title", "is_favourite", "state", "error", "duration", "seed"),
    *("layer_count", "mode", "layer_choices", "encoder", "encoder_name"),
    *("loudness", "true_peak", "created_at", "credits"),
)
README = """The data of {name} on {day}.

profile.json      your account and how you sign in; secrets are left out
tokens.json       the names of your API tokens; their secrets are not stored
links.json        your share links: when they expire and whether they show the image
feeds.json        your podcast feeds; their tokens are not stored
streams.json      your streams; their tokens are not stored
webhooks.json     your webhooks and their deliveries; their secrets are left out
images.json       your images, each with its similarity to every category
images/           the image files
recordings.json   your recordings: their names and categories
recordings/       the recordings
soundscapes.json  your soundscapes: their settings, layers and encoder
soundscapes/      the audio, plan and credits of each soundscape

Render a soundscape again from its plan with:
python manage.py render plan.json --output soundscape.wav

The credits list the licences of the recordings. They apply to you, too.
"""


def request_export(user: User) -> Export:
    """Queue an export, or return the one in progress. Raises LimitError."""
    with transaction.atomic():
        User.lock(pk=user.pk)  # a double click creates one export
        export = Export.objects.filter(owner=user).first()
        if export is not None and not export.is_final:
            return export
        size = _expected_size(user)
        admit(user, Kind.GENERATE, temporary=size)
        Export.objects.filter(owner=user).delete()
        export = Export.objects.create(owner=user, size=size)
        queue.enqueue(export)
        export.refresh_from_db()
    return export


def _expected_size(user: User) -> int:
    """Estimate the bytes of an export, with the audio that it has to render again.

    What is left out makes up for the rows.
    """
    dropped = _soundscapes(user).filter(state=State.READY, audio="", plan__isnull=False)
    rendered = sum(map(storage.expected_size, dropped.values_list("duration", flat=True)))
    return storage.usage(user).used + rendered


def delete_export(user: User) -> None:
    """Delete the export before it expires; one in progress stops."""
    Export.objects.filter(owner=user).delete()


def purge() -> None:
    batches.delete(Export.objects.expired())


def make(claim: Claim) -> None:
    """Build the zip file. Runs in the worker."""
    export = Export.objects.select_related("owner").get(pk=claim.pk)
    with scratch.working_folder() as folder:
        path = folder / "export.zip"
        _pack(claim, export.owner, path)
        _store(claim, export, path)


def _store(claim: Claim, export: Export, path: Path) -> None:
    """Store the file, then the row that names it. Delete the file if the claim is lost."""
    with journal.storing(export_path(export)):
        keep_file(export.file, path)
        try:
            claim.finish(file=export.file.name, size=export.file.size)
        except BaseException:
            export.file.delete(save=False)
            raise


def _pack(claim: Claim, user: User, path: Path) -> None:
    progress = _Progress(claim, user)
    with path.open("wb") as file:
        for chunk in zipped(_members(user, progress)):
            file.write(chunk)
            progress.report()


class _Progress:
    def __init__(self, claim: Claim, user: User) -> None:
        self._claim = claim
        self._total = _images(user).count() + _soundscapes(user).count()
        self._done = 0

    def count(self) -> None:
        """Count an image or a soundscape. Raise DiskFullError before the reserve is used up."""
        storage.check_disk(0)
        self._done += 1

    def report(self) -> None:
        stage = f"Packing {min(self._done + 1, self._total)} of {self._total}"
        percent = 1 + 98 * self._done // max(1, self._total)
        self._claim.report(State.RENDERING, stage, min(99, percent))
        self._claim.give_way()


def _images(user: User) -> Any:
    return Image.objects.filter(owner=user).order_by("created_at", "pk")


def _soundscapes(user: User) -> Any:
    return Generation.objects.owned_by(user).order_by("created_at", "pk")


def _members(user: User, progress: _Progress) -> Iterator[Member]:
    """Yield the rows first: they exist even if a file is missing."""
    missing: list[str] = []
    yield _text("README.txt", README.format(name=user.username, day=f"{user.export.queued_at:%F}"))
    yield _text("profile.json", _json(_profile(user)))
    yield "tokens.json", _json_array(_token(token) for token in user.auth_token_set.all())
    links = ShareLink.objects.owned_by(user)
    yield "links.json", _json_array(map(_link, batches.read(links, BATCH)))
    yield "feeds.json", _json_array(map(_feed, user.feeds.all()))
    yield "streams.json", _json_array(map(_stream, user.streams.all()))
    webhooks = user.webhooks.prefetch_related("deliveries")
    yield "webhooks.json", _json_array(map(_webhook, webhooks))
    similarities = Similarity.objects.select_related("category").order_by("encoder", "rank")
    described = _images(user).prefetch_related(Prefetch("similarities", similarities))
    yield "images.json", _json_array(map(_image, batches.read(described, BATCH)))
    recordings = Clip.objects.owned_by(user).select_related("category").order_by("created_at", "pk")
    yield "recordings.json", _json_array(map(_recording, batches.read(recordings, BATCH)))
    for clip in batches.read(recordings, BATCH):
        yield from _file(f"recordings/{_name(clip.title, clip.pk)}.wav", clip.file, missing)
    listed = _soundscapes(user).for_list()
    yield "soundscapes.json", _json_array(map(_soundscape, batches.read(listed, BATCH)))
    for image in batches.read(_images(user), BATCH):
        yield from _file(f"images/{_name(image.title, image.pk)}.jpg", image.file, missing)
        progress.count()
    for generation in batches.read(listed, BATCH):
        yield from _sound(generation, missing, lambda _fraction: progress.report())
        progress.count()
    if missing:
        lines = ["These files are missing from the server:", *missing, ""]
        yield _text("missing.txt", "\n".join(lines))


def _sound(generation: Generation, missing: list[str], report: Report) -> Iterator[Member]:
    if generation.plan is None or generation.state != State.READY:
        return
    day = f"{generation.created_at:%Y-%m-%d}"
    folder = f"soundscapes/{day} {_name(generation.title, generation.pk)}"
    with suppress(EngineError):  # a clip is missing: what there is of the audio is exported
        audio_cache.restore(generation, report)
    ending = "flac" if audio_cache.has_flac(generation) else "wav"
    if generation.audio:
        yield from _file(f"{folder}/soundscape.{ending}", generation.audio, missing)
    else:
        missing.append(f"{folder}/soundscape.flac")
    yield _text(f"{folder}/plan.json", json.dumps(generation.plan, indent=1))
    try:
        yield _text(f"{folder}/credits.txt", credits_text(Plan.from_json(generation.plan)))
    except EngineError:  # an older plan format; its credits are in soundscapes.json
        return


def _file(name: str, file: FieldFile, missing: list[str]) -> Iterator[Member]:
    try:
        opened = file.storage.open(str(file.name))
    except FileNotFoundError:
        missing.append(name)
        return
    with opened:
        yield name, opened.chunks()


def _name(title: str, pk: object) -> str:
    """Return a unique file name that every file system accepts."""
    words = " ".join(re.sub(r"[^\w,()-]+", " ", title).split())[:NAME_LENGTH].strip()
    return f"{words} {str(pk)[:8]}".strip()


def _text(name: str, text: str) -> Member:
    return name, [text.encode()]


def _json(row: dict[str, Any]) -> str:
    return json.dumps(row, cls=DjangoJSONEncoder, indent=1, ensure_ascii=False)


def _json_array(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Serialise one row at a time, to keep memory use constant."""
    separator = "[\n"
    for row in rows:
        yield f"{separator}{_json(row)}".encode()
        separator = ",\n"
    yield b"\n]\n" if separator.startswith(",") else b"[]\n"


def _values(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _profile(user: User) -> dict[str, Any]:
    names = ("username", "email", "first_name", "last_name", "date_joined", "last_login")
    return _values(user, *names) | {
        "email_addresses": [
            _values(address, "email", "verified", "primary")
            for address in EmailAddress.objects.filter(user=user)
        ],
        "second_factors": [
            {"name": str(factor)} | _values(factor, "type", "created_at", "last_used_at")
            for factor in Authenticator.objects.filter(user=user)
        ],
        "single_sign_on": [
            _values(account, "provider", "uid", "date_joined", "last_login")
            for account in SocialAccount.objects.filter(user=user)
        ],
        "sessions": [
            _values(session, "ip", "user_agent", "created_at", "last_seen_at")
            for session in UserSession.objects.filter(user=user)
        ],
    }


def _token(token: ApiToken) -> dict[str, Any]:
    return _values(token, "name", "scope", "last_used_at") | {
        "begins_with": token.token_key,
        "created_at": token.created,
        "expires_at": token.expiry,
    }


def _link(link: ShareLink) -> dict[str, Any]:
    soundscape = {"soundscape": link.generation_id}
    return soundscape | _values(link, "path", "shows_picture", "created_at", "expires_at")


def _feed(feed: Feed) -> dict[str, Any]:
    return _values(feed, "only_favourites", "created_at")


def _stream(stream: Stream) -> dict[str, Any]:
    return {"soundscape": stream.generation_id} | _values(stream, "created_at")


def _webhook(webhook: Webhook) -> dict[str, Any]:
    names = ("target_url", "events", "created_at", "failing_since", "disabled_at", "trouble")
    return _values(webhook, *names) | {
        "deliveries": [
            _values(delivery, "event", "state", "tries", "answer_status", "error", "created_at")
            for delivery in webhook.deliveries.all()
        ]
    }


def _recording(clip: Clip) -> dict[str, Any]:
    values = _values(clip, "id", "title", "duration", "is_preferred", "created_at")
    return values | {"category": None if clip.category.is_private else clip.category.slug}


def _image(image: Image) -> dict[str, Any]:
    return _values(image, "id", "title", "width", "height", "created_at") | {
        "sha256_of_the_upload": image.checksum,
        "similarities": [
            {"category": row.category.slug}
            | _values(
                row, "encoder", "score", "confidence", "rank", "position", "y", "extent", "reason"
            )
            for row in image.similarities.all()
        ],
    }


def _soundscape(generation: Generation) -> dict[str, Any]:
    return _values(generation, *SOUNDSCAPE_FIELDS) | {
        "image": generation.image_id,
        "image_title": generation.image.title,
        "parent": generation.parent_id,
        "layers": [
            {"category": layer.category.slug, "label": layer.category.label}
            | _values(layer, "rank", "score", "position", "y", "extent", "gain_db", "reason")
            for layer in generation.layers.all()
        ],
    }


KIND = JobKind(
    name="export",
    label="Exporting your data",
    model=Export,
    run=make,
    result="export_file",
    admit=lambda export: admit(export.owner, Kind.GENERATE),
    growth=F("size"),
    files=(FileColumn("exports", Export, "file"),),
    is_file=True,
    purge=purge,
)
