"""Access control of every URL, with every method, for every kind of person.

docs/access.md defines what is allowed, in a column for each kind of person in PEOPLE and HOLDERS.
HOLDERS have a share link: their `arguments` replace parameters of URLs.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse
from django.utils import timezone

from soundscapes.accounts import users
from soundscapes.http.policy import FRAME_POLICY, POLICY
from soundscapes.models import ApiToken, ShareLink, User
from tests import factories, sample_files
from tests.web.pages import has_early_clicks, inline_code
from tests.web.urlconf import Entry, World, entries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet")]

TABLE = Path(settings.BASE_DIR) / "docs" / "access.md"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SIGN_IN = "sign-in"
MAKING = ("random_image", "generate_audio", "preview")  # GET creates rows here, HEAD must not
UNCHANGING = ("receive",)  # POST needs no CSRF token here
REACHING_ALL = ("Owner", "Administrator", "Link")  # with them, every URL's queries are made
BRIEFLY = {"HX-Request": "true"}  # a refusal's page takes longer than all that led to it
REFUSALS = {SIGN_IN, "401", "403", "404", "405"}


@dataclass(frozen=True)
class Person:
    """A kind of visitor: a new client for every request, and arguments for URLs."""

    client: Callable[[], Client]
    arguments: Mapping[str, object] = field(default_factory=dict)


def new_client(handler: ClientHandler, **options: object) -> Client:
    """Return a client without cookies; loading the middleware takes as long as many responses."""
    client = Client(raise_request_exception=False, **options)
    client.handler = handler
    return client


def nobody(_world: World) -> Person:
    return Person(partial(new_client, ClientHandler(enforce_csrf_checks=False)))


def in_session(user: User) -> Person:
    signed_in = Client()
    signed_in.force_login(user)
    # Somebody who has just entered the password: who may what is another question.
    signed_in.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
    key = signed_in.cookies[settings.SESSION_COOKIE_NAME].value

    def client() -> Client:
        browser = new_client(signed_in.handler)
        browser.cookies[settings.SESSION_COOKIE_NAME] = key
        return browser

    return Person(client)


def with_token(user: User, scope: str) -> Person:
    _token, secret = users.create_token(user, "a program", scope=scope)
    headers = {"authorization": f"Bearer {secret}"}
    handler = ClientHandler(enforce_csrf_checks=False)
    return Person(partial(new_client, handler, headers=headers))


PEOPLE: dict[str, Callable[[World], Person]] = {
    "Nobody": nobody,
    "Stranger": lambda _world: a_stranger(),
    "Owner": lambda world: in_session(world.owner),
    "Curator": lambda _world: in_session(factories.CuratorFactory()),
    "Administrator": lambda world: in_session(world.administrator),
    "Reading token": lambda world: with_token(world.owner, ApiToken.Scope.READ),
}


def holding(person: Person, **fields: object) -> Person:
    """Give a person the token of a link to the owner's soundscape."""
    link = factories.ShareLinkFactory(shows_picture=True, **fields)
    return Person(person.client, {"token": link.token})


def holding_revoked(person: Person, world: World) -> Person:
    holder = holding(person, generation=world.generation)
    ShareLink.objects.filter(token=holder.arguments["token"]).delete()
    return holder


def a_stranger() -> Person:
    return in_session(factories.UserFactory())


HOLDERS: dict[str, Callable[[World], Person]] = {
    "Link": lambda world: holding(nobody(world), generation=world.generation),
    "Link, signed in": lambda world: holding(a_stranger(), generation=world.generation),
    "Ended link": lambda world: holding(
        a_stranger(), generation=world.generation, expires_at=timezone.now()
    ),
    "Revoked link": lambda world: holding_revoked(a_stranger(), world),
}


@dataclass(frozen=True)
class Cell:
    """The methods that a kind of person may use at a URL, and the response to others."""

    allowed: frozenset[str]
    refusal: str

    @classmethod
    def read(cls, text: str) -> Cell:
        words = set(text.split())
        allowed, refusals = words & set(METHODS), words - set(METHODS)
        assert refusals <= REFUSALS, text
        assert len(refusals) <= 1, text
        return cls(frozenset(allowed), next(iter(refusals), "405"))


NOTHING = Cell(frozenset(), "404")


def spelt_out(pattern: str) -> list[str]:
    """Expand `a_{b,c}` to a_b and a_c."""
    parts = [part.split(",") for part in re.split(r"[{}]", pattern)]
    whole = [[",".join(part)] if number % 2 == 0 else part for number, part in enumerate(parts)]
    return ["".join(choice) for choice in itertools.product(*whole)]


def read_table() -> dict[str, dict[str, Cell]]:
    """Return the table's cells by URL name and kind of person."""
    table: dict[str, dict[str, Cell]] = {}
    people: list[str] = []
    for line in TABLE.read_text().splitlines():
        first, *cells = (part.strip() for part in line.strip("|").split(" | "))
        if not line.startswith("| `"):
            if line.startswith("| "):
                people = cells
                assert people in (list(PEOPLE), list(HOLDERS)), (
                    "The columns of docs/access.md must be those of PEOPLE or of HOLDERS."
                )
            continue
        for key in spelt_out(first.split("`")[1]):
            assert key not in table, f"docs/access.md has two rows for {key}."
            table[key] = dict(zip(people, map(Cell.read, cells), strict=True))
    return table


ROWS = read_table()


def row_of(entry: Entry) -> dict[str, Cell]:
    assert entry.key in ROWS, f"{entry.key} (/{entry.route}) has no row in docs/access.md. Add one."
    return ROWS[entry.key]


def queries(world: World) -> dict[str, dict[str, object]]:
    return {
        "generate_audio": {"image": world.image.pk},
        "layer_row": {"place": 1, "place-1-category": world.clip.category.slug},
    }


def bodies(world: World) -> dict[str, dict[str, object]]:
    """Return valid bodies for POST and PATCH, where an empty one is rejected."""
    slug = world.clip.category.slug
    return {
        "create": {"image": sample_files.upload(sample_files.photo(1))},
        "upload_image": {"image": sample_files.upload(sample_files.photo(2))},
        "api_images": {"image": sample_files.upload(sample_files.photo(3))},
        "api_generations": {"image": str(world.image.pk)},
        "api_tokens": {"name": "phone"},
        "api_image": {"title": "A pond"},
        "remix": {"place-1-category": slug, "place-1-gain_db": "-6"},
        "delete": {"pk": str(world.generation.pk)},
        "share": {"days": "30"},
        "api_share": {"days": 30},
        "api_webhook": {"is_active": True},
        "api_webhooks": {"target_url": "https://example.org/hook"},
    }


LEADING_TO_SIGN_IN = (
    *("account_login", "admin:login", "account_confirm_email"),
    *("mfa_authenticate", "mfa_login_webauthn", "socialaccount_signup"),
)
"""Pages that go on at the sign-in page, which is no refusal."""
JSON = (
    *("api_generations", "api_tokens", "api_image", "api_share", "api_webhook", "api_webhooks"),
)


def ask(
    world: World,
    person: Person,
    entry: Entry,
    method: str,
    query: dict[str, object] | None = None,
    **more: object,
):
    """Send one request and roll back its changes."""
    path = entry.path(world.arguments(entry) | dict(person.arguments))
    data = bodies(world).get(entry.key, {}) if method in ("POST", "PATCH") else {}
    kind = {"content_type": "application/json"} if entry.key in JSON else {}
    query = query or queries(world).get(entry.key)
    with transaction.atomic():
        send = getattr(person.client(), method.lower())
        if method in ("GET", "HEAD"):
            answer = send(path, query_params=query, **more)
        else:
            if method != "POST":
                more["headers"] = BRIEFLY
            answer = send(path, data, query_params=query, **kind, **more)
        transaction.set_rollback(True)
    return answer


def outcome(entry: Entry, answer: HttpResponse) -> str:
    """Return the response's word in the table, or its status."""
    if answer.status_code == 302 and entry.key not in LEADING_TO_SIGN_IN:
        target = answer["Location"].partition("?")[0]
        is_retry = entry.key == "mfa_reauthenticate_webauthn" and "next" not in answer["Location"]
        if target in (reverse("account_login"), reverse("admin:login")) and not is_retry:
            return SIGN_IN
    return str(answer.status_code)


def expected(
    key: str, row: dict[str, Cell], name: str, method: str, answer: HttpResponse
) -> set[str]:
    cell, asked = row[name], "GET" if method == "HEAD" and key not in MAKING else method
    if asked in cell.allowed:
        # 409: access is allowed, but the row's state does not allow the step.
        return {"200", "201", "202", "204", "301", "302", "409"}
    if any(asked in other.allowed for other in row.values()):
        return {cell.refusal}
    if method == "OPTIONS" and answer.headers.get("Allow"):
        return REFUSALS | {"200"}  # the allowed methods are public
    return REFUSALS


@pytest.fixture
def writes():
    """Collect the test's SQL writes, except bookkeeping such as the last use of a token."""
    seen: list[str] = []

    def note(execute, sql, params, many, context):
        bookkeeping = ("django_session", "last_used_at", "quotacount", "cacheentry")
        # allauth notes that recovery codes were shown, before it looks at the method.
        bookkeeping += ('UPDATE "mfa_authenticator"',)
        is_bookkeeping = any(word in sql for word in bookkeeping)
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and not is_bookkeeping:
            seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


COLUMNS = [
    pytest.param(name, marks=() if name in REACHING_ALL else pytest.mark.once)
    for name in (*PEOPLE, *HOLDERS)
]


@pytest.mark.parametrize("name", COLUMNS)
def test_access_matches_the_table(world, writes, name):
    person = (PEOPLE | HOLDERS)[name](world)
    faults = []
    for entry in entries():
        row = row_of(entry)
        for method in METHODS if name in row else ():
            writes.clear()
            answer = ask(world, person, entry, method)
            seen = outcome(entry, answer)
            if seen not in (wanted := expected(entry.key, row, name, method, answer)):
                faults.append(f"{method} {entry.key}: {seen}, not {' or '.join(sorted(wanted))}")
            if (seen in REFUSALS or method == "HEAD") and writes:
                faults.append(f"{method} {entry.key}: {seen}, but it wrote {writes[0][:80]}")
            if method == "GET" and answer["Content-Type"].startswith("text/html"):
                faults += [f"{entry.key}: {code}" for code in inline_code(answer.text)]
                if not has_early_clicks(answer.text):
                    faults.append(f"{entry.key}: Play or Copy before static/js/clicks.js")
                policy = FRAME_POLICY if entry.key == "shared_embed" else POLICY
                if answer["Content-Security-Policy"] != policy:
                    faults.append(f"{entry.key}: another Content-Security-Policy")
    assert faults == []


@pytest.mark.once
@pytest.mark.parametrize("name", ["Owner", "Administrator"])
def test_head_with_parameters_creates_nothing(world, writes, name):
    person = PEOPLE[name](world)
    made = []
    for entry in entries():
        writes.clear()
        ask(world, person, entry, "HEAD", {"q": "rain", "format": "mp3"})
        made += [f"{entry.key}: {statement[:80]}" for statement in writes]
    assert made == []


def test_the_table_has_no_obsolete_rows():
    assert set(ROWS) == {entry.key for entry in entries()}


@pytest.mark.once
def test_sessions_need_a_csrf_token_to_change_anything(world):
    client = in_session(world.administrator).client
    strict = Person(lambda: _strict(client()))
    faults = [
        entry.key
        for entry in entries()
        if entry.key not in UNCHANGING
        and "POST" in row_of(entry).get("Administrator", NOTHING).allowed
        and ask(world, strict, entry, "POST").status_code != 403
    ]
    assert faults == []


def _strict(client: Client) -> Client:
    client.handler.enforce_csrf_checks = True
    return client
