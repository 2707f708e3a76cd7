"""Pages of problem types."""

import pytest
from rest_framework.test import APIClient

from soundscapes.http.problems import PROBLEM_TYPES
from tests.http.problems import assert_problem

pytestmark = pytest.mark.django_db


def test_every_type_has_a_public_page():
    for kind in PROBLEM_TYPES:
        answer = APIClient().get(f"/api/v1/problems/{kind.slug}/")
        assert answer.status_code == 200
        assert (answer.json()["status"], answer.json()["title"]) == (kind.status, kind.title)


def test_an_unknown_type_is_a_problem(client):
    assert_problem(client.get("/api/v1/problems/nonsense/"), 404, "not-found")
