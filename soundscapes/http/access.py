"""Lookups that respond 404 for other users' objects, for both pages and API."""

from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails
from rest_framework.request import Request

from soundscapes.models import (
    ApiToken,
    Clip,
    Feed,
    Generation,
    Image,
    ImageSet,
    ShareLink,
    State,
    Stream,
    User,
    Webhook,
    WebhookDelivery,
)
from soundscapes.models.jobs import Row


class HtmxRequest(HttpRequest):
    htmx: HtmxDetails


def signed_in_user(request: HttpRequest | Request) -> User:
    user = request.user
    if isinstance(user, AnonymousUser):
        raise TypeError("This view must require a signed-in user.")
    return user


def image_or_404(user: User, pk: UUID) -> Image:
    return get_object_or_404(Image.objects.filter(pk=pk).visible_to(user))


def described_image_or_404(user: User, pk: UUID) -> Row:
    """Return what the API shows of an image."""
    return _row_or_404(Image.objects.filter(pk=pk).visible_to(user).for_api())


def own_image_or_404(user: User, pk: UUID) -> Image:
    return get_object_or_404(Image, owner=user, pk=pk)


def image_set_or_404(user: User, public_id: UUID) -> ImageSet:
    return get_object_or_404(ImageSet.objects.visible_to(user), public_id=public_id)


def _row_or_404(rows: QuerySet[Any, Row]) -> Row:
    row: Any = get_object_or_404(rows)  # type: ignore[arg-type]  # its stubs know models only
    return cast(Row, row)


def generation_or_404(user: User, pk: UUID) -> Generation:
    return get_object_or_404(Generation.objects.owned_by(user).for_list(), pk=pk)


def described_generation_or_404(user: User, pk: UUID) -> Row:
    """Return what the API shows of a soundscape."""
    return _row_or_404(Generation.objects.owned_by(user).filter(pk=pk).for_api())


def finished_or_404(user: User, pk: UUID) -> Generation:
    generation = generation_or_404(user, pk)
    if generation.state != State.READY:
        raise Http404("This soundscape is not ready yet.")
    return generation


def playable_or_404(user: User, pk: UUID) -> Generation:
    """Return a soundscape that players can play, even if its file is still being written."""
    generation = generation_or_404(user, pk)
    if not generation.is_playable:
        raise Http404("This soundscape is not ready yet.")
    return generation


def link_or_404(user: User, pk: UUID, **of: UUID) -> ShareLink:
    """Return a share link of the user, limited to a `generation` if given."""
    return get_object_or_404(ShareLink.objects.owned_by(user).for_list(), pk=pk, **of)


def feed_or_404(user: User, pk: UUID) -> Feed:
    return get_object_or_404(Feed, owner=user, pk=pk)


def stream_or_404(user: User, pk: UUID) -> Stream:
    return get_object_or_404(Stream, owner=user, pk=pk)


def recording_or_404(user: User, pk: UUID) -> Clip:
    return get_object_or_404(Clip.objects.owned_by(user), pk=pk)


def webhook_or_404(user: User, pk: UUID) -> Webhook:
    return get_object_or_404(Webhook, owner=user, pk=pk)


def delivery_or_404(user: User, pk: UUID) -> WebhookDelivery:
    mine = WebhookDelivery.objects.owned_by(user).select_related("webhook__owner")
    return get_object_or_404(mine, pk=pk)


def api_token_or_404(user: User, public_id: UUID) -> ApiToken:
    return get_object_or_404(ApiToken, user=user, public_id=public_id)


def next_page(request: HttpRequest) -> str:
    """Return the local URL to open after signing in or up, or an empty string."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    is_local = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, None)
    return wanted if is_local else ""


def back(request: HttpRequest, fallback: str) -> str:
    referer = request.headers.get("Referer", "")
    hosts = {request.get_host()}
    return referer if url_has_allowed_host_and_scheme(referer, hosts) else fallback


def token_or_404(user: User, token_key: str) -> ApiToken:
    return get_object_or_404(ApiToken, user=user, token_key=token_key)
