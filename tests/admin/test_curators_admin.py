"""Permissions of curators: sets, categories and clips, no users' data."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from soundscapes.accounts import users
from soundscapes.imports import batch_jobs
from soundscapes.models import BatchJob, Image
from tests import factories, sample_files
from tests.admin.forms import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator(db):
    user = factories.UserFactory(username="curator", is_staff=True)
    user.groups.add(users.make_curators())
    return user


@pytest.fixture
def browser(sign_in, curator):
    return sign_in(curator)


def test_the_group_is_created_once_and_keeps_added_permissions():
    group = users.make_curators()
    count = group.permissions.count()
    assert users.make_curators() == group
    assert group.permissions.count() == count == 15


@pytest.mark.parametrize(
    "name",
    [
        "imageset_changelist",
        "image_changelist",
        "category_changelist",
        "clip_changelist",
        "batchjob_changelist",
        "imageset_add",
        "image_add",
        "clip_add",
    ],
)
def test_curators_can_open_what_they_manage(browser, name):
    assert browser.get(page(f"soundscapes_{name}")).status_code == 200
    for own in (page("image_upload"), page("clip_upload"), page("esc50_import")):
        assert browser.get(own).status_code == 200
    assert browser.get(reverse("metrics")).status_code == 200
    assert browser.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize(
    "name", ["user", "generation", "layer", "similarity", "embedding", "apitoken", "heartbeat"]
)
def test_curators_cannot_open_users_data(browser, name):
    assert browser.get(page(f"soundscapes_{name}_changelist")).status_code == 403


def test_curators_cannot_see_users_images(browser, owner):
    private = factories.ImageFactory(owner=owner, title="My secret garden")
    shared = factories.ImageFactory(of_set=True, title="A pond")
    shown = browser.get(page("soundscapes_image_changelist")).text
    assert "A pond" in shown
    assert "secret garden" not in shown
    assert browser.get(page("soundscapes_image_change", private.pk)).status_code == 302
    for name in ("thumbnail", "image_file"):
        assert browser.get(reverse(name, args=[private.pk])).status_code == 404
        assert browser.get(reverse(name, args=[shared.pk])).status_code == 200
    fields = {"action": "encode_again", "_selected_action": [private.pk]}
    browser.post(page("soundscapes_image_changelist"), fields)
    assert [
        each for each in BatchJob.objects.all() if str(private.pk) in each.options["images"]
    ] == []


def test_curators_cannot_play_users_soundscapes(browser, sign_in, administrator):
    generation = factories.GenerationFactory(ready=True)
    url = page("generation_sound", generation.pk)
    assert browser.get(url).status_code == 403
    assert sign_in(administrator).get(url).status_code == 200


def test_curators_cannot_see_others_encoding_jobs(browser, administrator):
    theirs = factories.BatchJobFactory(kind=BatchJob.Kind.ENCODE, created_by=administrator)
    import_of_theirs = factories.BatchJobFactory(created_by=administrator)
    shown = browser.get(page("soundscapes_batchjob_changelist")).text
    assert str(theirs.pk) not in shown
    assert str(import_of_theirs.pk) in shown
    assert browser.get(page("batch_job_progress", theirs.pk)).status_code == 404


def test_curators_can_delete_images_without_soundscapes(browser):
    plain, used = factories.ImageFactory.create_batch(2, of_set=True)
    factories.SimilarityFactory(image=plain)
    factories.EmbeddingFactory(image=plain)
    factories.GenerationFactory(image=used)
    for image in (plain, used):
        fields = {"action": "delete_selected", "_selected_action": [image.pk], "post": "yes"}
        browser.post(page("soundscapes_image_changelist"), fields)
    assert list(Image.objects.filter(owner=None)) == [used]


def test_curators_cannot_enter_server_paths(browser):
    assert "path" not in browser.get(page("esc50_import")).context["form"].fields
    answer = browser.post(page("esc50_import"), {"path": "/etc"})
    assert "Choose the ZIP file of the release" in str(answer.context["form"].errors)


def test_view_permission_does_not_allow_actions(sign_in, curator, administrator):
    batch_job = batch_jobs.create_batch_job(
        administrator,
        BatchJob.Kind.IMAGES,
        "A set",
        {},
        uploads=[sample_files.upload(sample_files.photo())],
    )
    curator.groups.clear()
    curator.user_permissions.add(
        users.make_curators().permissions.get(codename="view_batchjob"),
        users.make_curators().permissions.get(codename="view_image"),
        users.make_curators().permissions.get(codename="view_clip"),
    )
    looker = sign_in(curator)
    assert looker.get(page("soundscapes_batchjob_change", batch_job.pk)).status_code == 200
    assert looker.post(page("batch_job_step", batch_job.pk, "cancel")).status_code == 403
    for name in ("image_upload", "clip_upload", "esc50_import"):
        assert looker.get(page(name)).status_code == 403
    clip = factories.ClipFactory()
    fields = {"action": "disable", "_selected_action": [clip.pk]}
    looker.post(page("soundscapes_clip_changelist"), fields)
    clip.refresh_from_db()
    assert clip.is_enabled


def test_actions_are_logged(browser, curator, sign_in, administrator):
    clip = factories.ClipFactory()
    fields = {"action": "disable", "_selected_action": [clip.pk]}
    browser.post(page("soundscapes_clip_changelist"), fields)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (curator, str(clip.pk))
    log = sign_in(administrator).get(reverse("admin:admin_logentry_changelist"))
    assert "Disabled." in log.text
    assert browser.get(reverse("admin:admin_logentry_changelist")).status_code == 403
