"""The OpenAPI description: committed, valid, and readable in the browser."""

import re
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.urls import reverse
from jsonschema import Draft202012Validator

from soundscapes.api.schema import EXAMPLES
from soundscapes.http.policy import POLICY
from tests import factories
from tests.web.pages import inline_code

pytestmark = pytest.mark.once

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"


@pytest.fixture(scope="module")
def schema():
    return yaml.load(COMMITTED.read_text(), Loader=yaml.CSafeLoader)


def operations(schema):
    return [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_committed_description_matches_the_code(tmp_path):
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", file=str(made))
    assert made.read_text() == COMMITTED.read_text(), (
        "The API has changed: python manage.py spectacular --file docs/openapi.yaml"
    )


def test_it_is_openapi_3_1(schema):
    assert schema["openapi"] == "3.1.0"
    assert len({operation["operationId"] for *_, operation in operations(schema)}) == len(
        operations(schema)
    )


def test_every_json_response_has_a_valid_example(schema):
    answers = [
        (path, method, status, answer)
        for path, method, operation in operations(schema)
        for status, answer in operation["responses"].items()
        if "$ref" not in answer
    ] + [
        ("problem", "", slug, answer) for slug, answer in schema["components"]["responses"].items()
    ]
    for path, method, status, answer in answers:
        for kind, media in answer.get("content", {}).items():
            if not kind.endswith("json") or media["schema"].get("additionalProperties"):
                continue
            whole = media["schema"] | {"components": schema["components"]}
            validator = Draft202012Validator(whole)
            errors = [error.message for error in validator.iter_errors(media["example"])]
            assert errors == [], (path, method, status)


def test_every_example_is_used(schema):
    names = set(
        re.findall(r"components/schemas/(?:Paginated)?(\w+?)(?:List)?'", COMMITTED.read_text())
    )
    assert set(EXAMPLES) <= names


def test_every_operation_documents_its_errors(schema):
    for path, method, operation in operations(schema):
        statuses = set(operation["responses"])
        assert {"405", "406", "500"} <= statuses, (path, method)
        if operation["security"] != [{}]:
            assert {"401", "429"} <= statuses | (
                {"401", "429"} if {} in operation["security"] else set()
            )
        if "requestBody" in operation:
            assert {"400", "403", "413", "415"} <= statuses, (path, method)


@pytest.mark.django_db
def test_the_description_is_public(client):
    answer = client.get(reverse("api_schema"))
    assert answer.status_code == 200
    assert yaml.load(answer.content, Loader=yaml.CSafeLoader)["info"]["title"] == "Soundscapes"


@pytest.mark.django_db
def test_swagger_ui_is_self_hosted_and_obeys_the_policy(client):
    page = client.get(reverse("api_docs"))
    assert page["Content-Security-Policy"] == POLICY
    assert inline_code(page.text) == []
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert any("swagger-ui-bundle" in source for source in sources)
    assert not [source for source in sources if source.startswith(("http", "//"))]
    script = next(source for source in sources if "script" in source)
    assert "SwaggerUIBundle" in client.get(script).text


@pytest.mark.django_db
def test_responses_match_the_description(api, owner, schema):
    """Covers objects from factories; tests/live covers a running server."""
    generation = factories.GenerationFactory(owner=owner, ready=True)
    factories.LayerFactory(generation=generation)
    factories.SimilarityFactory(image=generation.image)
    link = factories.ShareLinkFactory(generation=generation)
    for path, name in (
        (f"/api/v1/images/{generation.image_id}/", "SimilarityResult"),
        (f"/api/v1/generations/{generation.pk}/", "Generation"),
        (f"/api/v1/generations/{generation.pk}/share/{link.pk}/", "ShareLink"),
        (f"/api/v1/jobs/{generation.pk}/", "Job"),
        ("/api/v1/me/", "Me"),
        ("/api/v1/problems/not-found/", "ProblemType"),
    ):
        whole = schema["components"]["schemas"][name] | {"components": schema["components"]}
        answer = api.get(path).json()
        errors = [error.message for error in Draft202012Validator(whole).iter_errors(answer)]
        assert errors == [], name
