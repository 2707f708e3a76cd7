"""Every list and form of the admin loads, for administrators only."""

from functools import partial

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from soundscapes.models import (
    ApiToken,
    BatchJob,
    CacheEntry,
    Category,
    Clip,
    Embedding,
    Export,
    Feed,
    Generation,
    Heartbeat,
    IdempotencyRecord,
    Image,
    ImageSet,
    Invitation,
    JournalEntry,
    Layer,
    Listener,
    Preview,
    QuotaCount,
    Rendition,
    SearchQuery,
    ShareLink,
    Similarity,
    Stream,
    StreamBlock,
    User,
    Webhook,
    WebhookDelivery,
)
from tests import factories
from tests.admin.forms import page_of

pytestmark = pytest.mark.django_db

MAKERS = {
    ApiToken: factories.ApiTokenFactory,
    Category: partial(factories.CategoryFactory, target=None),
    BatchJob: factories.BatchJobFactory,
    Clip: factories.ClipFactory,
    Embedding: factories.EmbeddingFactory,
    Export: factories.ExportFactory,
    Feed: factories.FeedFactory,
    JournalEntry: factories.JournalEntryFactory,
    Generation: lambda: factories.LayerFactory(generation__ready=True).generation,
    Heartbeat: factories.HeartbeatFactory,
    Image: lambda: factories.ImageFactory(of_set=True),
    ImageSet: lambda: factories.ImageFactory(of_set=True).image_set,
    Layer: factories.LayerFactory,
    IdempotencyRecord: factories.IdempotencyRecordFactory,
    QuotaCount: factories.QuotaCountFactory,
    SearchQuery: factories.SearchQueryFactory,
    Preview: factories.PreviewFactory,
    Rendition: factories.RenditionFactory,
    ShareLink: factories.ShareLinkFactory,
    Similarity: factories.SimilarityFactory,
    Stream: factories.StreamFactory,
    StreamBlock: factories.StreamBlockFactory,
    Listener: factories.ListenerFactory,
    CacheEntry: factories.CacheEntryFactory,
    Invitation: factories.InvitationFactory,
    Webhook: factories.WebhookFactory,
    WebhookDelivery: factories.WebhookDeliveryFactory,
    User: factories.UserFactory,
}
MODELS = pytest.mark.parametrize("model", MAKERS, ids=lambda model: model.__name__)
OPERATIONS = (
    Embedding,
    Heartbeat,
    IdempotencyRecord,
    JournalEntry,
    QuotaCount,
    SearchQuery,
    StreamBlock,
    Listener,
    CacheEntry,
    WebhookDelivery,
)
DELETABLE = pytest.mark.parametrize(
    "model",
    [model for model in MAKERS if model not in OPERATIONS],
    ids=lambda model: model.__name__,
)
WITH_SEARCH = pytest.mark.parametrize(
    "model",
    [model for model in MAKERS if admin.site._registry[model].search_fields],
    ids=lambda model: model.__name__,
)


def test_every_model_is_registered():
    assert set(apps.get_app_config("soundscapes").get_models()) == set(MAKERS)
    assert set(MAKERS) <= set(admin.site._registry)


@MODELS
def test_a_list_needs_a_constant_number_of_queries(model, browser, queries_of):
    counts = []
    for _ in range(3):
        MAKERS[model]()
        MAKERS[model]()
        counts.append(queries_of(lambda: browser.get(page_of(model, "changelist"))))
    assert browser.get(page_of(model, "changelist")).status_code == 200
    assert len(set(counts)) == 1


@MODELS
def test_a_row_s_page_loads(model, browser):
    row = MAKERS[model]()
    assert browser.get(page_of(model, "change", row.pk)).status_code == 200
    is_read_only = model in OPERATIONS
    delete = browser.get(page_of(model, "delete", row.pk))
    assert delete.status_code == (403 if is_read_only else 200)
    assert browser.get(page_of(model, "history", row.pk)).status_code == 200


@MODELS
def test_rows_that_workers_create_cannot_be_added(model, browser):
    is_made_here = model in (Category, Invitation, Clip, Image, ImageSet, User)
    status = browser.get(page_of(model, "add")).status_code
    assert status == (200 if is_made_here else 403)


@WITH_SEARCH
def test_a_list_can_be_searched(model, browser):
    MAKERS[model]()
    answer = browser.get(page_of(model, "changelist"), {"q": "a"})
    assert answer.status_code == 200


@DELETABLE
def test_rows_can_be_deleted_from_the_list(model, browser):
    row = MAKERS[model]()
    fields = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    answer = browser.post(page_of(model, "changelist"), fields, follow=True)
    assert answer.status_code == 200
    assert not model._default_manager.filter(pk=row.pk).exists()


@DELETABLE
def test_an_action_on_a_key_that_no_row_can_have_is_refused(model, browser):
    row = MAKERS[model]()
    is_text = model is ApiToken  # which can be any other text
    for key in ["\0"] if is_text else ["\0", "abc", "9" * 30]:
        chosen = [row.pk, key]
        fields = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
        assert browser.post(page_of(model, "changelist"), fields).status_code == 400
    assert model._default_manager.filter(pk=row.pk).exists()


def test_a_soundscape_s_page_needs_a_constant_number_of_queries(browser, queries_of):
    counts = []
    for layers in (1, 5):
        generation = factories.GenerationFactory(ready=True)
        factories.LayerFactory.create_batch(layers, generation=generation)
        url = page_of(Generation, "change", generation.pk)
        counts.append(queries_of(lambda url=url: browser.get(url)))
    assert len(set(counts)) == 1


def test_the_admin_hides_tokens_of_links(browser):
    link = factories.ShareLinkFactory()
    for name, args in (("changelist", ()), ("change", (link.pk,)), ("delete", (link.pk,))):
        assert link.token not in browser.get(page_of(ShareLink, name, *args)).text
    kind = ContentType.objects.get_for_model(ShareLink)
    assert browser.get(reverse("admin:view_on_site", args=[kind.pk, link.pk])).status_code == 404


@MODELS
def test_others_have_no_access(model, sign_in, owner, client):
    row = MAKERS[model]()
    for url in (page_of(model, "changelist"), page_of(model, "change", row.pk)):
        for visitor in (sign_in(owner), client):
            answer = visitor.get(url)
            assert answer.status_code == 302
            assert answer.url.startswith(reverse("admin:login"))
