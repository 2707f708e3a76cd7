"""No value of any parameter causes a server error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.admin.filters import FieldListFilter
from django.http import QueryDict
from django.test import Client
from django.utils.datastructures import MultiValueDict

from tests.web.urlconf import entries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet")]

NASTY = (
    "\0",
    "a\0b",
    "\ufffd\u202e\x1b[31m",
    "0001-01-01T00:00:00+10:00",
    "9999-12-31T23:59:59-10:00",
    "0001-01-01",
    "9999-12-31",
    "-1",
    "99999999999999999999999999",
    "nan",
    "1e999",
    "'; --",
    "%",
    "x" * 3000,
    "00000000-0000-0000-0000-00000000000g",
    "a.b__c__d",
)
OUT_OF_RANGE = ("0001-01-01T00:00:00+10:00", "99999999999999999999999999")
FEW = ("\0", "99999999999999999999999999", "a.b__c__d")
READ_BY_DJANGO = ("q", "p", "o", "e", "all", "_popup", "_to_field", "_changelist_filters", "page")
OF_ANY_LIST = {*READ_BY_DJANGO} - {"q", "o"}
"""Parameters with which the admin does the same in every list; each list gets them together."""


@pytest.fixture
def names_read(monkeypatch) -> set[str]:
    """Collect the names of query parameters that any code reads."""
    seen: set[str] = set()
    for method in ("get", "getlist", "__getitem__", "__contains__"):
        monkeypatch.setattr(QueryDict, method, _noting(getattr(MultiValueDict, method), seen))
    return seen


def _noting(method, seen: set[str]):
    def call(query, name, *arguments, **options):
        if isinstance(name, str):
            seen.add(name)
        return method(query, name, *arguments, **options)

    return call


def names_of_filters(path: str) -> set[str]:
    """Return the filter parameters of an admin list, with all lookups of their fields."""
    for model, shown in admin.site._registry.items():
        if path == f"/admin/{model._meta.app_label}/{model._meta.model_name}/":
            fields = {each for each in shown.list_filter if isinstance(each, str)}
            fields |= {
                each[0]
                for each in shown.list_filter
                if isinstance(each, tuple) and issubclass(each[1], FieldListFilter)
            }
            hierarchy = shown.date_hierarchy
            parts = [f"{hierarchy}__{part}" for part in ("year", "month", "day", "gte", "lt")]
            lookups = [f"{name}__{kind}" for name in fields for kind in ("exact", "gte")]
            return {*lookups, *fields, *(parts if hierarchy else ())}
    return set()


def nasty_queries(names: set[str], alone: set[str]) -> Iterator[dict[str, str]]:
    """Yield all parameters together, and some alone, because the first hides others."""
    for value in NASTY if names - set(READ_BY_DJANGO) else FEW if names else ():
        yield dict.fromkeys(sorted(names), value)
    for value in OUT_OF_RANGE:
        for name in sorted(alone):
            yield {name: value}


@pytest.mark.parametrize("person", ["nobody", "owner", "administrator"])
def test_no_parameter_causes_a_server_error(world, names_read, person):
    client = Client(raise_request_exception=False)
    if person != "nobody":
        client.force_login(getattr(world, person))
    faults = []
    for entry in entries():
        is_admin = entry.route.startswith("admin/")
        if is_admin != (person == "administrator") or "logout" in entry.key:
            continue
        path = entry.path(world.arguments(entry))
        names_read.clear()
        if client.get(path).status_code == 405:
            continue
        alone, names = {*names_read}, {*names_read}
        if is_admin:
            filters = names_of_filters(path)
            names |= filters | (set(READ_BY_DJANGO) if filters else set())
            alone = names - OF_ANY_LIST if filters else set()
        for query in nasty_queries(names, alone):
            answer = client.get(path, query_params=query)
            if answer.status_code >= 500:
                faults.append(f"{entry.key} {query}: {answer.status_code}")
    assert faults == []


@pytest.mark.parametrize("path", ["/soundscapes/?q=a%00b", "/s/a%00b/", "/?%00=1"])
def test_a_nul_in_a_url_is_a_bad_request(path, client):
    assert client.get(path).status_code == 400


def test_the_api_reports_a_nul_as_a_problem(sign_in, owner):
    answer = sign_in(owner).get("/api/v1/generations/?q=%00")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_invalid_utf_8_in_a_parameter_is_accepted(sign_in, owner):
    answer = sign_in(owner).get("/soundscapes/?q=%ff%fe&before=%c3&deleted=%80")
    assert answer.status_code == 200
