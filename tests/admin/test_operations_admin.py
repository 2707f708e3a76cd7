"""Internal tables in the admin: read-only, under the heading "Operations"."""

import pytest
from django.contrib import admin
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db

SHOWN = [
    "Cache entries",
    "Embeddings",
    "Failed tasks",
    "Heartbeats",
    "Idempotency records",
    "Journal entries",
    "Listeners",
    "Queued tasks",
    "Quota counts",
    "Scheduled tasks",
    "Search queries",
    "Stream blocks",
    "Successful tasks",
    "Webhook deliveries",
]
MANAGED = {"Batch jobs", "Categories", "Clips", "Generations", "Image sets", "Images", "Users"}


def names(heading) -> list[str]:
    return [str(model["name"]) for model in heading["models"]]


@pytest.mark.parametrize(
    ("url", "variable"),
    [("admin:index", "app_list"), ("admin:soundscapes_image_changelist", "available_apps")],
    ids=["index", "sidebar"],
)
def test_operations_come_last(browser, url, variable):
    *others, last = browser.get(reverse(url)).context[variable]
    assert last["name"] == "Operations"
    assert names(last) == SHOWN
    managed = {name for heading in others for name in names(heading)}
    assert managed >= MANAGED
    assert not set(SHOWN) & managed


def test_the_heading_links_to_its_own_page(browser):
    answer = browser.get(reverse("admin:operations"))
    assert [names(heading) for heading in answer.context["app_list"]] == [SHOWN]
    assert "Operations administration" in answer.text


@pytest.mark.parametrize("label", ["soundscapes", "django_q"])
def test_an_application_s_page_still_shows_all_its_models(browser, label):
    headings = browser.get(reverse("admin:app_list", args=[label])).context["app_list"]
    shown = {model["model"] for heading in headings for model in heading["models"]}
    assert shown == {m for m in admin.site._registry if m._meta.app_label == label}


def test_curators_see_no_operations(sign_in):
    browser = sign_in(factories.CuratorFactory())
    headings = browser.get(reverse("admin:index")).context["app_list"]
    assert "Operations" not in [heading["name"] for heading in headings]
    assert browser.get(reverse("admin:operations")).status_code == 404


def test_other_users_are_redirected_to_sign_in(sign_in, stranger, client):
    for visitor in (sign_in(stranger), client):
        answer = visitor.get(reverse("admin:operations"))
        assert answer.url.startswith(reverse("admin:login"))
