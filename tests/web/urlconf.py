"""Every entry of the URLconf, with rows for its parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success, Task
from django_q.signing import SignedPackage

from soundscapes.accounts import exports, users
from soundscapes.generations import generations, transcoding
from soundscapes.generations.players import feeds, streams
from soundscapes.images import images
from soundscapes.models import (
    ApiToken,
    BatchJob,
    Clip,
    Export,
    Feed,
    Generation,
    Image,
    Invitation,
    ShareLink,
    Stream,
    User,
    Webhook,
    WebhookDelivery,
)
from soundscapes.models.renditions import Format
from tests import factories, sample_files
from tests.layers import rendered_layers
from tests.queue import work_off

# A registration of Chromium's virtual authenticator.
PASSKEY = {
    "name": "phone",
    "credential": json.loads(Path(__file__).with_name("passkey.json").read_text()),
}
PARAMETER = re.compile(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Entry:
    """An entry of the URLconf. `key` is its name, or its route if it has no name."""

    key: str
    route: str

    @property
    def parameters(self) -> list[str]:
        return [a or b for a, b in PARAMETER.findall(self.route)]

    def path(self, arguments: Mapping[str, object]) -> str:
        filled = PARAMETER.sub(lambda found: str(arguments[found[1] or found[2]]), self.route)
        return "/" + filled.replace("^", "").removesuffix("$")


def entries() -> list[Entry]:
    return list(_walk(get_resolver()))


def _walk(resolver: URLResolver, route: str = "", space: str = "") -> Iterator[Entry]:
    for entry in resolver.url_patterns:
        whole = f"{route}{entry.pattern}"
        if isinstance(entry, URLPattern):
            yield Entry(f"{space}{entry.name}" if entry.name else whole, whole)
        else:
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _walk(entry, whole, inner)


@dataclass(frozen=True)
class World:
    """A soundscape with everything that belongs to it, and shared rows."""

    owner: User
    administrator: User
    generation: Generation
    image: Image
    set_image: Image
    clip: Clip
    recording: Clip
    token: ApiToken
    batch_job: BatchJob
    trial: BatchJob
    link: ShareLink
    feed: Feed
    feed_token: str
    stream: Stream
    stream_token: str
    export: Export
    webhook: Webhook
    delivery: WebhookDelivery
    passkey: Authenticator
    address: EmailAddress
    rows: Mapping[type[Model], Model] = field(default_factory=dict)

    def arguments(self, entry: Entry) -> dict[str, object]:
        return {name: self._argument(entry.key, name) for name in entry.parameters}

    def _argument(self, key: str, name: str) -> object:
        if name == "object_id" and key != "admin:view_on_site":
            return self._row(key).pk
        for pattern, find in ARGUMENTS:
            if re.fullmatch(pattern, f"{key} {name}"):
                return find(self)
        raise AssertionError(
            f"Add a value for <{name}> in {key} to ARGUMENTS in tests/web/urlconf.py."
        )

    def _row(self, key: str) -> Model:
        """Return the row of an admin page, whose name or route contains the model."""
        for model, row in self.rows.items():
            label, name = model._meta.app_label, model._meta.model_name
            if f"admin:{label}_{name}_" in key or f"admin/{label}/{name}/" in key:
                return row
        raise AssertionError(f"Add the row of {key} to _other_rows in tests/web/urlconf.py.")


ARGUMENTS: tuple[tuple[str, Callable[[World], object]], ...] = (
    (r"(create_from|image_file|thumbnail|api_image) pk", lambda world: world.image.pk),
    (r"(clip_file|api_clip) pk", lambda world: world.clip.pk),
    (r"recording_\w+ pk", lambda world: world.recording.pk),
    (r"api_image_set pk", lambda world: world.set_image.image_set.public_id),
    (r"api_token pk", lambda world: world.token.public_id),
    (r"admin:batch_job_\w+ pk", lambda world: world.batch_job.pk),
    (
        r"(soundscape\w*|rename|favourite|remix\w*|layer_row|share|part\w*) pk",
        lambda world: world.generation.pk,
    ),
    (r"(audio|plan|credits|stems?|spectrogram|preview) pk", lambda world: world.generation.pk),
    (
        r"api_(generation|layers|stems|plan|job|versions|share|share_link) pk",
        lambda world: world.generation.pk,
    ),
    (r"admin:generation_sound pk", lambda world: world.generation.pk),
    (r"api_(cancel|retry)_job pk", lambda world: world.generation.pk),
    (r"(revoke_link pk|api_share_link link)", lambda world: world.link.pk),
    (r"(shared\w*|save_copy) token", lambda world: world.link.token),
    (r"revoke_feed pk", lambda world: world.feed.pk),
    (r"feed\w* token", lambda world: world.feed_token),
    (r"revoke_stream pk", lambda world: world.stream.pk),
    (r"stream token", lambda world: world.stream_token),
    (r"feed_\w+ pk", lambda world: world.generation.pk),
    (r"(\w*webhook|api_deliveries) pk", lambda world: world.webhook.pk),
    (r"\w+ provider_id", lambda world: "provider"),
    (r"(api_)?send_delivery pk", lambda world: world.delivery.pk),
    (r"export_file pk", lambda world: world.export.pk),
    (r"account_reset_password_from_key (uidb36|key)", lambda world: "1"),
    (r"account_confirm_email key", lambda world: EmailConfirmationHMAC(world.address).key),
    (r"invitation token", lambda world: "nothing"),
    (r"mfa_(edit|remove)_webauthn pk", lambda world: world.passkey.pk),
    (r"stem rank", lambda world: world.generation.layers.get().rank),
    (
        r"(preview|part_clip|shared_part_clip) place",
        lambda world: world.generation.layers.get().rank,
    ),
    (r"(part|shared_part) number", lambda world: 0),
    (r"(part_clip|shared_part_clip) checksum", lambda world: world.clip.checksum),
    (r"revoke_token token_key", lambda world: world.token.token_key),
    (r"(api_category|preview) slug", lambda world: world.clip.category.slug),
    (r"api_problem slug", lambda world: "not-found"),
    (r"admin:batch_job_step step", lambda world: "cancel"),
    (r"admin:prompts_keep batch_job", lambda world: world.trial.pk),
    (r"admin:auth_user_password_change id", lambda world: world.owner.pk),
    (r"admin:app_list app_label", lambda world: "soundscapes"),
    (r"admin:view_on_site content_type_id", lambda world: 0),
    (r"admin:view_on_site object_id", lambda world: 0),
    (r"admin/\S+ url", lambda world: "nowhere"),
)


def make_world(owner: User, administrator: User) -> World:
    """Create a world. Requires the fixture `sounds`."""
    image = images.upload_image(owner, sample_files.photo())
    generation = generations.create_generation(owner, image, duration=5, layer_count=1)
    assert work_off() == []
    rendered_layers(generation)
    for wanted in (Format.SPECTROGRAM, Format.MP3):
        transcoding.get_or_create_rendition(generation, wanted)
    export = exports.request_export(owner)
    assert work_off() == []
    for row in (generation, image, export):
        row.refresh_from_db()
    layer = generation.layers.select_related("category").get()
    clip = Clip.objects.filter(category=layer.category).get()
    tried = {"category": clip.category.pk, "prompts": ["a dog"], "images": []}
    LogEntry.objects.log_actions(administrator.pk, [clip, layer], CHANGE, "Looked at.")
    feed, feed_token = feeds.make_feed(owner)
    stream, stream_token = streams.make_stream(owner, generation)
    delivery = factories.WebhookDeliveryFactory(webhook__owner=owner)
    RecoveryCodes.activate(owner)
    Authenticator.objects.create(user=owner, type=Authenticator.Type.TOTP, data={"secret": "A"})
    world = World(
        owner=owner,
        administrator=administrator,
        generation=generation,
        image=image,
        set_image=factories.ImageFactory(of_set=True),
        clip=clip,
        recording=factories.ClipFactory(owner=owner, category=clip.category),
        token=users.create_token(owner, "phone")[0],
        batch_job=factories.BatchJobFactory(created_by=administrator),
        trial=factories.BatchJobFactory(kind=BatchJob.Kind.PROMPTS, options=tried),
        link=factories.ShareLinkFactory(generation=generation, shows_picture=True),
        feed=feed,
        feed_token=feed_token,
        stream=stream,
        stream_token=stream_token,
        export=export,
        webhook=delivery.webhook,
        delivery=delivery,
        address=EmailAddress.objects.create(user=owner, email="owner@example.org"),
        passkey=Authenticator.objects.create(
            user=owner, type=Authenticator.Type.WEBAUTHN, data=PASSKEY
        ),
    )
    rows = [*_rows_of(world), *_other_rows(world)]
    return replace(world, rows={type(row): row for row in rows})


def _rows_of(world: World) -> list[Model]:
    return [
        world.owner,
        world.generation,
        world.set_image,
        world.set_image.image_set,
        world.clip,
        world.clip.category,
        world.generation.layers.get(),
        world.token,
        world.batch_job,
        world.image.similarities.first(),
        world.image.embeddings.first(),
        world.link,
        world.feed,
        world.stream,
        world.export,
        world.webhook,
        world.delivery,
        world.passkey,
        Invitation.objects.create(),
        LogEntry.objects.first(),
    ]


def _other_rows(world: World) -> list[Model]:
    """Create rows of the models that no field of a world has."""
    return [
        factories.RenditionFactory(generation=world.generation),
        factories.PreviewFactory(),
        factories.StreamBlockFactory(),
        factories.ListenerFactory(),
        factories.SearchQueryFactory(),
        factories.HeartbeatFactory(),
        factories.JournalEntryFactory(),
        factories.IdempotencyRecordFactory(user=world.owner),
        factories.QuotaCountFactory(),
        factories.CacheEntryFactory(),
        users.make_curators(),
        Schedule.objects.create(func="soundscapes.operations.maintenance.run"),
        OrmQ.objects.create(key="soundscapes", payload=SignedPackage.dumps(TASK)),
        *(_finished_task(model) for model in (Success, Failure)),
    ]


TASK = {
    "id": "0" * 32,
    "name": "a task",
    "func": "soundscapes.operations.maintenance.run",
    "args": (),
}


def _finished_task(model: type[Task]) -> Task:
    now = timezone.now()
    return model.objects.create(
        id=model.__name__.ljust(32, "0"),
        name="a task",
        func="soundscapes.operations.maintenance.run",
        started=now,
        stopped=now,
        success=model is Success,
    )
