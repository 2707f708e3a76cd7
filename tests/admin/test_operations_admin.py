"""The application's bookkeeping is read-only, under one heading below what is managed."""

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success

from soundscapes.accounts import users
from soundscapes.models import (
    Embedding,
    Heartbeat,
    IdempotencyRecord,
    Image,
    JournalEntry,
    SearchQuery,
    User,
)
from tests import factories

pytestmark = pytest.mark.django_db

SHOWN = [
    "Embeddings",
    "Failed tasks",
    "Heartbeats",
    "Idempotency records",
    "Journal entries",
    "Queued tasks",
    "Scheduled tasks",
    "Search queries",
    "Successful tasks",
]
MANAGED = {"Batch jobs", "Categories", "Clips", "Generations", "Image sets", "Images", "Users"}
TASK = {"name": "a task", "func": "soundscapes.jobs.tasks.beat", "success": True}


def finished(model, **values):
    now = timezone.now()
    return model.objects.create(id="0" * 32, started=now, stopped=now, **TASK | values)


MAKERS = {
    Embedding: factories.EmbeddingFactory,
    Heartbeat: factories.HeartbeatFactory,
    IdempotencyRecord: factories.IdempotencyRecordFactory,
    JournalEntry: factories.JournalEntryFactory,
    SearchQuery: factories.SearchQueryFactory,
    OrmQ: lambda: OrmQ.objects.create(key="soundscapes", payload=""),
    Schedule: lambda: Schedule.objects.create(func=TASK["func"]),
    Success: lambda: finished(Success),
    Failure: lambda: finished(Failure, success=False),
}
OPERATIONS = pytest.mark.parametrize("model", MAKERS, ids=lambda model: model.__name__)


@pytest.fixture
def browser(sign_in, administrator):
    return sign_in(administrator)


def page(model, name, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def names(heading) -> list[str]:
    return [str(model["name"]) for model in heading["models"]]


@pytest.mark.parametrize(
    ("address", "variable"),
    [("admin:index", "app_list"), ("admin:soundscapes_image_changelist", "available_apps")],
    ids=["index", "sidebar"],
)
def test_operations_come_last_and_below_what_is_managed(browser, address, variable):
    *others, last = browser.get(reverse(address)).context[variable]
    assert last["name"] == "Operations"
    assert names(last) == SHOWN
    managed = {name for heading in others for name in names(heading)}
    assert managed >= MANAGED
    assert not set(SHOWN) & managed


def test_the_heading_leads_to_a_page_of_its_own(browser):
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


def test_strangers_are_led_to_sign_in(sign_in, stranger, client):
    for visitor in (sign_in(stranger), client):
        answer = visitor.get(reverse("admin:operations"))
        assert answer.url.startswith(reverse("admin:login"))


@OPERATIONS
def test_rows_are_looked_at_and_neither_added_nor_changed_nor_deleted(browser, model):
    row = MAKERS[model]()
    assert browser.get(page(model, "changelist")).status_code == 200
    assert browser.get(page(model, "change", row.pk)).status_code == 200
    for refused in (page(model, "add"), page(model, "delete", row.pk)):
        assert browser.get(refused).status_code == 403
        assert browser.post(refused, {"post": "yes"}).status_code == 403
    assert browser.post(page(model, "change", row.pk), {}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


@OPERATIONS
def test_a_list_offers_no_action(browser, model):
    row = MAKERS[model]()
    assert 'name="action"' not in browser.get(page(model, "changelist")).text
    for action in ("delete_selected", "resubmit_task"):
        fields = {"action": action, "_selected_action": [row.pk], "post": "yes"}
        browser.post(page(model, "changelist"), fields)
    assert model.objects.filter(pk=row.pk).exists()
    assert OrmQ.objects.count() == (model is OrmQ)


def test_an_account_is_deleted_with_the_bookkeeping_of_it(browser, owner):
    embedding = factories.EmbeddingFactory(image__owner=owner)
    factories.IdempotencyRecordFactory(user=owner)
    answer = browser.post(page(User, "delete", owner.pk), {"post": "yes"})
    assert answer.status_code == 302
    assert not User.objects.filter(pk=owner.pk).exists()
    assert not Image.objects.filter(pk=embedding.image_id).exists()
    assert not IdempotencyRecord.objects.exists()


def test_what_revokes_something_can_still_be_deleted(browser, owner):
    """Deleting a token or a link is how an administrator revokes it."""
    token, _secret = users.create_token(owner, "phone")
    link = factories.ShareLinkFactory(generation__owner=owner)
    for row in (token, link):
        address = page(type(row), "delete", row.pk)
        assert browser.post(address, {"post": "yes"}).status_code == 302
        assert not type(row).objects.filter(pk=row.pk).exists()
