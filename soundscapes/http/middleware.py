"""Middleware of this site."""

import re
import uuid
from collections.abc import Callable
from functools import cache, wraps

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import resolve, reverse
from django.utils.deprecation import MiddlewareMixin

from soundscapes.http import devices, errors
from soundscapes.http.auth_backends import address_of
from soundscapes.http.logs import current_request_id
from soundscapes.http.policy import protect_page
from soundscapes.http.problems import is_for_programs, problem_response
from soundscapes.limits import quotas
from soundscapes.limits.errors import LimitError

REQUEST_ID = re.compile(r"[\w.-]{8,64}", re.ASCII)

PAGE_METHODS = ("GET", "HEAD", "POST")

MAX_BODY = 64 * 2**20  # bytes
MAX_ADMIN_BODY = 1024 * 2**20  # whole sets, and the release of ESC-50

GetResponse = Callable[[HttpRequest], HttpResponse]


def middleware(
    handle: Callable[[HttpRequest, GetResponse], HttpResponse],
) -> Callable[[GetResponse], GetResponse]:
    """Turn a function of a request, and of what answers it further in, into Django's factory."""

    @wraps(handle)
    def factory(get_response: GetResponse) -> GetResponse:
        return lambda request: handle(request, get_response)

    return factory


@middleware
def request_id(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    """Give every request an id, for its response and the log; keep a proxy's id."""
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


@middleware
def refuse_other_methods(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    """Refuse methods that pages do not use; the admin would answer a DELETE with the page."""
    if request.method in PAGE_METHODS or is_for_programs(request):
        return get_response(request)
    return errors.wrong_method(request, ", ".join(PAGE_METHODS))


def _most(request: HttpRequest) -> int:
    is_admin = request.path.startswith("/admin/") and getattr(request.user, "is_staff", False)
    return MAX_ADMIN_BODY if is_admin else MAX_BODY


@middleware
def answer_probes(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    """Answer probes under any host name, as they use the machine's address.

    Runs before sessions and counters, which would query the database.
    """
    if request.path_info not in _probes():
        return get_response(request)
    response: HttpResponse = resolve(request.path_info).func(request)
    return response


@cache
def _probes() -> frozenset[str]:
    return frozenset((reverse("healthz"), reverse("readyz")))


@middleware
def refuse_huge_bodies(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    """Answer 413 by Content-Length before anything is read.

    Files just over their limit pass: they get a message that names them.
    """
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) <= MAX_BODY:
        return get_response(request)
    most = _most(request)
    if int(length) <= most:
        return get_response(request)
    message = (
        f"This request has {int(length) / 2**20:.0f} MB, and {most // 2**20} MB is the "
        "most. Send less at once."
    )
    if is_for_programs(request) or "text/html" not in request.headers.get("Accept", ""):
        return problem_response(request, 413, message)
    return errors.refused(request, message, 413)


@middleware
def limit_addresses(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    """Limit requests per address to shared links, letters and password confirmations.

    Sign-in is counted where passwords are compared.
    """
    kind = _limited_kind(request)
    if kind is None:
        return get_response(request)
    try:
        quotas.take(kind, address_of(request))
    except quotas.QuotaExceededError as error:
        return errors.limited(request, error)
    return get_response(request)


def _limited_kind(request: HttpRequest) -> quotas.Kind | None:
    """Return the quota of pages where passwords or links can be guessed."""
    if request.method == "POST" and request.path in _asking_for_passwords():
        return quotas.Kind.SIGN_IN
    return quotas.Kind.SHARED if request.path.startswith(_shared_prefix()) else None


@cache
def _asking_for_passwords() -> frozenset[str]:
    names = ("password_reset", "password_change", "change_email", "delete_account")
    return frozenset(map(reverse, names))


@cache
def _shared_prefix() -> str:
    return reverse("shared", args=["-"]).removesuffix("-/")


@middleware
def remember_device(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    response = get_response(request)
    devices.set_cookie(request, response)
    return response


class SayTooManyTries(MiddlewareMixin):
    """Render a limit met by a page in words; the API has its own handler."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return errors.limited(request, error) if isinstance(error, LimitError) else None


@middleware
def wrong_method_in_words(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    """Give 405 a page; Django's is empty."""
    response = get_response(request)
    if isinstance(response, HttpResponseNotAllowed):
        return errors.wrong_method(request, response["Allow"])
    return response


@middleware
def refuse_repeated_parameters(request: HttpRequest, get_response: GetResponse) -> HttpResponse:
    """Refuse a repeated API parameter, of which Django would take the last."""
    if is_for_programs(request):
        for name, values in request.GET.lists():
            if len(values) > 1:
                return _repeated(request, name)
    return get_response(request)


def _repeated(request: HttpRequest, name: str) -> HttpResponse:
    words = "Give this parameter once."
    error = {"pointer": f"#/{name}", "in": "query", "detail": words, "code": "repeated"}
    return problem_response(request, 400, f"{name}: {words}", errors=[error])
