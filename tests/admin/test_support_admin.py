"""Shared parts of the admin: read-only lists and moving."""

import pytest
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success

from soundscapes.models import (
    Embedding,
    Heartbeat,
    IdempotencyRecord,
    JournalEntry,
    QuotaCount,
    SearchQuery,
)
from tests import factories
from tests.admin.forms import page, page_of

pytestmark = pytest.mark.django_db


def test_a_move_requires_a_target(browser):
    image = factories.ImageFactory(of_set=True)
    fields = {"action": "move", "_selected_action": [image.pk], "target": ""}
    assert "Choose a destination" in browser.post(page("soundscapes_image_changelist"), fields).text


TASK = {"name": "a task", "func": "soundscapes.jobs.tasks.beat", "success": True}


def finished(model, **values):
    now = timezone.now()
    return model.objects.create(id="0" * 32, started=now, stopped=now, **TASK | values)


MAKERS = {
    Embedding: factories.EmbeddingFactory,
    Heartbeat: factories.HeartbeatFactory,
    IdempotencyRecord: factories.IdempotencyRecordFactory,
    QuotaCount: factories.QuotaCountFactory,
    JournalEntry: factories.JournalEntryFactory,
    SearchQuery: factories.SearchQueryFactory,
    OrmQ: lambda: OrmQ.objects.create(key="soundscapes", payload=""),
    Schedule: lambda: Schedule.objects.create(func=TASK["func"]),
    Success: lambda: finished(Success),
    Failure: lambda: finished(Failure, success=False),
}


OPERATIONS = pytest.mark.parametrize("model", MAKERS, ids=lambda model: model.__name__)


@OPERATIONS
def test_operations_rows_are_read_only(browser, model):
    row = MAKERS[model]()
    assert browser.get(page_of(model, "changelist")).status_code == 200
    assert browser.get(page_of(model, "change", row.pk)).status_code == 200
    for refused in (page_of(model, "add"), page_of(model, "delete", row.pk)):
        assert browser.get(refused).status_code == 403
        assert browser.post(refused, {"post": "yes"}).status_code == 403
    assert browser.post(page_of(model, "change", row.pk), {}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


@OPERATIONS
def test_operations_lists_have_no_actions(browser, model):
    row = MAKERS[model]()
    assert 'name="action"' not in browser.get(page_of(model, "changelist")).text
    for action in ("delete_selected", "resubmit_task"):
        fields = {"action": action, "_selected_action": [row.pk], "post": "yes"}
        browser.post(page_of(model, "changelist"), fields)
    assert model.objects.filter(pk=row.pk).exists()
    assert OrmQ.objects.count() == (model is OrmQ)
