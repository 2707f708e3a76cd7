"""Assertions about problems of RFC 9457."""

from __future__ import annotations


def assert_problem(answer, status, slug):
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["type"] == f"/api/v1/problems/{slug}/"
    assert problem["title"]
    assert problem["detail"].endswith(".")
    assert problem["instance"] == answer.wsgi_request.path
    assert problem["request_id"] == answer["X-Request-ID"]
    return problem
