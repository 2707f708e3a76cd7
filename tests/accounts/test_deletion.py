"""Deletion of an account and its data."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_q.models import OrmQ

from soundscapes.accounts import deletion
from soundscapes.accounts.deletion import LastAdministratorError
from soundscapes.generations import generations, rendering
from soundscapes.images import matching
from soundscapes.jobs import claims, scheduler
from soundscapes.jobs.kinds import kind_of
from soundscapes.models import (
    ApiToken,
    BatchJob,
    Clip,
    Embedding,
    Export,
    Feed,
    Generation,
    IdempotencyRecord,
    Image,
    Rendition,
    State,
    Stream,
    User,
    Webhook,
)
from tests import factories
from tests.connections import at_once, parallel, raised
from tests.queue import waiting, work_off

pytestmark = pytest.mark.django_db


def furnish(user) -> None:
    """Create one row of everything that can belong to a user."""
    image = factories.EmbeddingFactory(image__owner=user).image
    factories.SimilarityFactory(image=image)
    generation = factories.GenerationFactory(owner=user, image=image, ready=True)
    factories.LayerFactory(generation=generation)
    factories.RenditionFactory(generation=generation)
    factories.GenerationFactory(owner=user, image=image, parent=generation)
    factories.GenerationFactory(owner=user, image=image, ready=True, deleted_at=timezone.now())
    factories.ApiTokenFactory(user=user)
    factories.ExportFactory(owner=user)
    factories.IdempotencyRecordFactory(user=user)


def leave(user, commit) -> None:
    with commit():
        deletion.leave(user)
        assert work_off() == []


def test_only_the_user_s_rows_and_files_are_deleted(owner, stranger, commit, stored):
    furnish(stranger)
    theirs = stored()
    kept = {model: model.objects.count() for model in (Image, Generation, Rendition, Embedding)}
    furnish(owner)
    assert len(stored()) == 2 * len(theirs)
    leave(owner, commit)
    assert stored() == theirs
    assert not User.objects.filter(pk=owner.pk).exists()
    for model, count in kept.items():
        assert model.objects.count() == count, model
    for model in (ApiToken, IdempotencyRecord, Export):
        assert model.objects.count() == 1, model


def test_the_account_is_locked_at_once(owner, sign_in, program):
    browser, api = sign_in(owner), program(owner)
    deletion.leave(owner)
    assert browser.get("/account/").status_code == 302
    assert api.get("/api/v1/me/").status_code == 401
    owner.refresh_from_db()
    assert not owner.is_active
    assert not owner.has_usable_password()
    assert "owner" not in owner.username
    assert User.objects.create_user("owner")  # the name is free again


def test_only_the_account_s_sessions_are_deleted(owner, stranger, sign_in, commit):
    sign_in(owner), sign_in(owner), sign_in(stranger)
    leave(owner, commit)
    (session,) = Session.objects.all()
    assert session.get_decoded()["_auth_user_id"] == str(stranger.pk)


def test_unfinished_work_is_cancelled_and_leaves_nothing(owner, commit, stored):
    generation = factories.GenerationFactory(owner=owner)
    claim = claims.claim(kind_of(generation), generation)
    with commit():
        deletion.leave(owner)
    with pytest.raises(claims.LostClaimError):
        claim.write(state=State.RENDERING)
    with commit():
        assert work_off() == []
    assert stored() == set()
    assert not Generation.objects.exists()


@pytest.mark.usefixtures("sounds")
def test_a_rendering_that_outlives_its_account_leaves_no_file(owner, commit, stored, monkeypatch):
    image = factories.ImageFactory(owner=owner)
    generation = generations.create_generation(owner, image, duration=5)
    store = rendering._store

    def too_late(*args):
        leave(owner, commit)
        store(*args)

    monkeypatch.setattr(rendering, "_store", too_late)
    with commit():
        matching.rank_image(generation.image)
        scheduler.run(generation)
    assert {path.partition("/")[0] for path in stored()} == {"clips"}


def killed() -> None:
    raise SystemExit


def test_an_interrupted_deletion_resumes_at_a_heartbeat(owner, commit, stored, monkeypatch):
    for _number in range(3):
        factories.GenerationFactory(owner=owner, ready=True)
    monkeypatch.setattr(deletion, "BATCH", 1)
    with commit():
        deletion.leave(owner)
        assert len(waiting()) == 1
    with monkeypatch.context() as patch:
        patch.setattr(deletion.Heartbeat.objects, "beat", killed)
        with pytest.raises(SystemExit), commit():
            deletion.remove(owner.pk)
    assert Generation.objects.count() == 2
    OrmQ.objects.all().delete()
    deletion.resume()
    assert waiting() == []  # the worker may still be running
    User.objects.update(
        deletion_requested_at=timezone.now() - deletion.STALLED_AFTER - timedelta(seconds=1)
    )
    deletion.resume()
    deletion.resume()
    assert len(waiting()) == 1
    with commit():
        assert work_off() == []
    assert not User.objects.exists()
    assert stored() == set()


def test_a_second_delivery_does_nothing(owner, commit):
    leave(owner, commit)
    deletion.remove(owner.pk)
    deletion.remove(10**9)


def test_an_active_account_is_never_removed(owner):
    deletion.remove(owner.pk)
    assert User.objects.filter(pk=owner.pk).exists()


# Administrators


def log_entry(user, about) -> LogEntry:
    return LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(about),
        object_id=str(about.pk),
        object_repr=str(about),
        action_flag=CHANGE,
    )


def test_the_last_administrator_cannot_be_deleted(administrator):
    factories.UserFactory(is_superuser=True, is_active=False)
    with pytest.raises(LastAdministratorError, match="another active user"):
        deletion.leave(administrator)
    administrator.refresh_from_db()
    assert administrator.is_active


def test_an_administrator_s_log_entries_are_anonymised(administrator, commit, stored):
    factories.UserFactory(is_superuser=True)
    entry = log_entry(administrator, factories.ImageSetFactory())
    furnish(administrator)
    leave(administrator, commit)
    entry.refresh_from_db()
    assert not entry.user.is_active
    assert not entry.user.is_superuser
    assert "administrator" not in entry.user.username
    assert entry.user.deletion_requested_at is None
    assert stored() == set()
    assert not Image.objects.exists()


def test_an_administrator_s_address_and_sign_ins_are_deleted(administrator, commit):
    factories.UserFactory(is_superuser=True)
    log_entry(administrator, factories.ImageSetFactory())
    EmailAddress.objects.create(user=administrator, email="ada@example.org", verified=True)
    SocialAccount.objects.create(user=administrator, provider="provider", uid="ada")
    leave(administrator, commit)
    assert User.objects.filter(pk=administrator.pk).exists()
    assert not EmailAddress.objects.exists()
    assert not SocialAccount.objects.exists()


def test_log_entries_about_a_deleted_user_are_anonymised(administrator, owner, commit):
    entry = log_entry(administrator, owner)
    leave(owner, commit)
    entry.refresh_from_db()
    assert "owner" not in entry.object_repr


# Relations to users


def test_export_and_deletion_cover_every_relation_to_users():
    """A new relation to users makes this fail: add it to `exports` and `deletion`.

    A batch job belongs to the site, so it stays without its administrator's name.
    """
    related = {relation.related_model for relation in User._meta.related_objects}
    hidden = {
        relation.related_model
        for relation in User._meta.get_fields(include_hidden=True)
        if relation.is_relation and relation.auto_created and not relation.concrete
    }
    own = {model for model in related | hidden if model._meta.app_label == "soundscapes"}
    through = {User.groups.through, User.user_permissions.through}
    covered = {ApiToken, BatchJob, Clip, Export, Feed, Generation, Image, IdempotencyRecord}
    covered |= {Stream, Webhook}
    assert own - through == covered


@parallel
@pytest.mark.parametrize("_round", range(5))
def test_one_of_two_concurrent_administrator_deletions_fails(_round):
    both = [factories.UserFactory(is_staff=True, is_superuser=True) for _ in range(2)]
    results = at_once(*(partial(deletion.leave, user) for user in both))
    assert raised(results, LastAdministratorError) == 1
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1
