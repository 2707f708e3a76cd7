"""Middleware of this site."""

import json
import re
import uuid
from collections.abc import Callable
from functools import cache, wraps
from http import HTTPStatus
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import BadRequest, ObjectDoesNotExist
from django.db import DataError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponsePermanentRedirect,
)
from django.middleware.common import CommonMiddleware
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from soundscapes.http import devices, errors
from soundscapes.http.auth_backends import address_of
from soundscapes.http.logs import current_request_id
from soundscapes.http.policy import protect_page
from soundscapes.http.problems import MEDIA_TYPE, is_for_programs, problem_response, wants_page
from soundscapes.jobs.queue import WrongStateError
from soundscapes.limits import quotas
from soundscapes.limits.errors import LimitError
from soundscapes.limits.grants import TooManyError

REQUEST_ID = re.compile(r"[\w.-]{8,64}", re.ASCII)

PROBES = ("/healthz", "/readyz", "/metrics")
SAFE_METHODS = ("GET", "HEAD")
ASKING_FOR_PASSWORDS = (
    "account_change_password",
    "account_confirm_login_code",
    "account_confirm_reauthentication_code",
    "account_email",
    "account_reauthenticate",
    "account_request_login_code",
    "account_request_reauthentication_code",
    "account_reset_password",
    "account_set_password",
    "delete_account",
    "first_administrator",
    "mfa_activate_totp",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
)
REFUSED: dict[type[Exception], int] = {TooManyError: 400, WrongStateError: 409}
PUBLIC = ("shared", "save_copy", "feed", "stream")
PAGE_METHODS = ("GET", "HEAD", "POST")

COMPRESSED = ("text/html", "application/json")

MAX_BODY = 66 * 2**20  # bytes: a photo of the largest kind, and the form around it
MAX_ADMIN_BODY = 1024 * 2**20  # for whole image sets and the release of ESC-50

GetResponse = Callable[[HttpRequest], HttpResponse]


def middleware(
    handle: Callable[[HttpRequest, GetResponse], HttpResponse],
) -> Callable[[GetResponse], GetResponse]:
    """Turn a function of a request and the next handler into a middleware factory."""

    @wraps(handle)
    def factory(get_response: GetResponse) -> GetResponse:
        return lambda request: handle(request, get_response)

    return factory


@middleware
def request_id(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    """Give every request an id for its response and the log; keep a proxy's id."""
    given = request.headers.get("X-Request-ID", "")
    name = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    request.request_id = name  # type: ignore[attr-defined]
    token = current_request_id.set(name)
    try:
        response = get_response(request)
    finally:
        current_request_id.reset(token)
    response.headers["X-Request-ID"] = name
    return response


@middleware
def content_security_policy(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    response = get_response(request)
    protect_page(response)
    return response


class CompressText(GZipMiddleware):
    """Compress pages and JSON to a fifth; images and audio have a compression of their own."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kind = response.get("Content-Type", "").partition(";")[0]
        if response.streaming or kind not in COMPRESSED:
            return response
        return super().process_response(request, response)


@middleware
def use_time_zone(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    """Show times in the visitor's time zone, which site.js stores in a cookie."""
    name = request.COOKIES.get("time_zone", "")
    if name not in _time_zones() or is_for_programs(request):
        return get_response(request)
    with timezone.override(ZoneInfo(name)):
        return get_response(request)


@cache
def _time_zones() -> set[str]:
    return available_timezones()


@middleware
def refuse_other_methods(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    """Refuse methods that pages do not support: the admin would respond to a DELETE as to a GET."""
    if request.method in PAGE_METHODS or is_for_programs(request):
        return get_response(request)
    return errors.wrong_method(request, ", ".join(PAGE_METHODS))


def _most(request: HttpRequest) -> int:
    is_admin = request.path_info.startswith("/admin/") and getattr(request.user, "is_staff", False)
    return MAX_ADMIN_BODY if is_admin else MAX_BODY


@middleware
def answer_probes(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    """Answer probes under any host name, because they use the machine's IP address.

    Runs before sessions and quotas, which query the database.
    """
    if request.path_info not in PROBES:
        return get_response(request)
    response: HttpResponse = resolve(request.path_info).func(request)
    return response


@middleware
def refuse_huge_bodies(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    """Respond 413 by the Content-Length, before the body is read.

    Files slightly over their own limit pass, and get a message that names them.
    """
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) <= MAX_BODY:
        return get_response(request)
    most = _most(request)
    if int(length) <= most:
        return get_response(request)
    message = (
        f"This request has {int(length) / 2**20:.0f} MB, and the maximum is {most // 2**20} MB. "
        "Send less at a time."
    )
    is_page = errors.is_partial(request) or wants_page(request)
    if is_for_programs(request) or not is_page:
        return problem_response(request, 413, message)
    return errors.refused(request, message, 413)


class LimitAddresses(MiddlewareMixin):
    """Limit requests per IP address to shared links, emails and password confirmations.

    Sign-ins are counted where passwords are checked.
    """

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        kind = _limited_kind(request)
        try:
            if kind is not None:
                quotas.take(kind, address_of(request))
        except quotas.QuotaExceededError as error:
            return errors.limited(request, error)
        return None


def _limited_kind(request: HttpRequest) -> quotas.Kind | None:
    """Return the quota of pages where passwords or links can be guessed."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    if request.method == "POST" and name in ASKING_FOR_PASSWORDS:
        return quotas.Kind.SIGN_IN
    return quotas.Kind.SHARED if name.startswith(PUBLIC) else None


@middleware
def remember_device(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    response = get_response(request)
    devices.set_cookie(request, response)
    return response


class RefusalsInWords(MiddlewareMixin):
    """Respond with an error page to errors that a page raises; the API has its own handler."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, LimitError):
            return errors.limited(request, error)
        if isinstance(error, ObjectDoesNotExist):  # it was deleted during the request
            errors.log_deleted(error)
            return errors.not_found(request, error)
        if status := REFUSED.get(type(error)):
            return errors.refused(request, str(error), status)
        # Lists in the admin accept dates and numbers beyond the database's range.
        if isinstance(error, OverflowError | DataError) and request.method in SAFE_METHODS:
            return errors.bad_request(request, error)
        return None


@middleware
def sign_in_from_here(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    """Return to the page that was open, not to the URL of its form, after signing in.

    htmx would insert the sign-in page into the page, so it gets a link.
    """
    response = get_response(request)
    if not _asks_for_sign_in(response):
        return response
    if errors.is_partial(request):
        return errors.signed_out(request, _sign_in(_opened(request) or "/"))
    if request.method == "POST" and (opened := _opened(request)):
        response["Location"] = _sign_in(opened)
    return response


def _asks_for_sign_in(response: HttpResponse) -> bool:
    is_redirect = response.status_code == HTTPStatus.FOUND
    return is_redirect and response["Location"].startswith(f"{reverse('account_login')}?next=")


def _sign_in(following: str) -> str:
    return f"{reverse('account_login')}?{urlencode({'next': following})}"


def _opened(request: HttpRequest) -> str:
    """Return the path and query of the page that sent the request, if it says so."""
    url = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer", ""))
    return urlunsplit(("", "", url.path, url.query, ""))


@middleware
def file_errors_in_words(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    """Show a page, or the sign-in page, to a browser that cannot open a file."""
    response = get_response(request)
    is_problem = response.get("Content-Type") == MEDIA_TYPE
    if not (is_problem and request.path_info.startswith("/media/") and wants_page(request)):
        return response
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        return redirect(_sign_in(_opened(request) or "/"))
    page = errors.refused(request, json.loads(response.content)["detail"], response.status_code)
    for name in ("Retry-After", "Allow", "Content-Range"):
        if name in response:
            page[name] = response[name]
    return page


@middleware
def wrong_method_in_words(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    """Add a page to 405 responses; Django's are empty."""
    response = get_response(request)
    if isinstance(response, HttpResponseNotAllowed):
        return errors.wrong_method(request, response["Allow"])
    return response


@middleware
def refuse_repeated_parameters(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    """Refuse a repeated API parameter, of which Django would use the last value."""
    if is_for_programs(request):
        for name, values in request.GET.lists():
            if len(values) > 1:
                return _repeated(request, name)
    return get_response(request)


@middleware
def refuse_nul(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    """Refuse the URL of a page if it contains a NUL, which PostgreSQL does not accept in text.

    The API reports which parameter contains it.
    """
    url = request.path_info + unquote(request.META.get("QUERY_STRING", ""))
    if "\0" not in url or is_for_programs(request):
        return get_response(request)
    return errors.bad_request(request, BadRequest("The URL contains a NUL character."))


class KeepingMethod(HttpResponsePermanentRedirect):
    """308, after which a browser repeats a POST as a POST."""

    status_code = 308


class AppendSlash(CommonMiddleware):
    response_redirect_class = KeepingMethod


def _repeated(request: HttpRequest, name: str) -> HttpResponse:
    message = "Give this parameter only once."
    error = {"pointer": f"#/{name}", "in": "query", "detail": message, "code": "repeated"}
    return problem_response(request, 400, f"{name}: {message}", errors=[error])
