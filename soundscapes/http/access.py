"""Lookups that respond 404 for other users' objects, for both pages and API."""

from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails
from rest_framework.request import Request

from soundscapes.models import (
    ApiToken,
    Clip,
    Generation,
    Image,
    ImageSet,
    ShareLink,
    State,
    User,
    WebhookDelivery,
)
from soundscapes.models.jobs import Row

ModelT = TypeVar("ModelT", bound=Model)


class HtmxRequest(HttpRequest):
    htmx: HtmxDetails


def signed_in_user(request: HttpRequest | Request) -> User:
    user = request.user
    if isinstance(user, AnonymousUser):
        raise TypeError("This view must require a signed-in user.")
    return user


def owned_or_404(model: type[ModelT], user: User, pk: UUID) -> ModelT:
    """Return a row of a model with an `owner`."""
    return get_object_or_404(model, owner=user, pk=pk)


def image_or_404(user: User, pk: UUID) -> Image:
    return get_object_or_404(Image.objects.filter(pk=pk).visible_to(user))


def described_image_or_404(user: User, pk: UUID) -> Row:
    """Return what the API shows of an image."""
    return _row_or_404(Image.objects.filter(pk=pk).visible_to(user).for_api())


def image_set_or_404(user: User, public_id: UUID) -> ImageSet:
    return get_object_or_404(ImageSet.objects.visible_to(user), public_id=public_id)


def _row_or_404(rows: QuerySet[Any, Row]) -> Row:
    row: Row = get_object_or_404(rows)
    return row


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


def recording_or_404(user: User, pk: UUID) -> Clip:
    return get_object_or_404(Clip.objects.owned_by(user), pk=pk)


def delivery_or_404(user: User, pk: UUID) -> WebhookDelivery:
    mine = WebhookDelivery.objects.owned_by(user).select_related("webhook__owner")
    return get_object_or_404(mine, pk=pk)


def token_or_404(user: User, **key: UUID | str) -> ApiToken:
    """Return an API token of the user by its `public_id` or its `token_key`."""
    return get_object_or_404(ApiToken, user=user, **key)


def back(request: HttpRequest, fallback: str) -> str:
    referer = request.headers.get("Referer", "")
    hosts = {request.get_host()}
    return referer if url_has_allowed_host_and_scheme(referer, hosts) else fallback
