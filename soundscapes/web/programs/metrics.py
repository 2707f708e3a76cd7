"""Metrics for Prometheus."""

from http import HTTPStatus

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from soundscapes.http.auth_backends import peer_of
from soundscapes.operations import exposition

FORWARDING = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return all metrics to this machine, or to programs with the token."""
    if not (_has_token(request) or _is_local(request)):
        return _refusal()
    if request.method == "HEAD":  # reading the rows fills a cache
        return HttpResponse(content_type=exposition.CONTENT_TYPE)
    try:
        return HttpResponse(exposition.exposition(), content_type=exposition.CONTENT_TYPE)
    except DatabaseError:
        text = "The database is not responding.\n"
        return HttpResponse(text, content_type="text/plain; charset=utf-8", status=503)


def _has_token(request: HttpRequest) -> bool:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    is_bearer = scheme.lower() == "bearer" and bool(settings.METRICS_TOKEN)
    return is_bearer and constant_time_compare(token.strip(), settings.METRICS_TOKEN)


def _is_local(request: HttpRequest) -> bool:
    """Return whether a program on this machine asks.

    The connection itself is judged. Behind a proxy on this machine, everybody's would look local,
    so nobody counts as local on a site that has, or may have, one.
    """
    has_proxy = settings.PRODUCTION or settings.PROXIES
    if has_proxy or any(name in request.headers for name in FORWARDING):
        return False
    peer = peer_of(request)
    return peer is not None and peer.is_loopback


def _refusal() -> HttpResponse:
    if not settings.METRICS_TOKEN:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    response = HttpResponse(status=HTTPStatus.UNAUTHORIZED)
    response["WWW-Authenticate"] = 'Bearer realm="Soundscapes metrics"'
    return response
