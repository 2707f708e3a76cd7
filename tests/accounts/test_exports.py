"""Exports of a user's data."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.utils import timezone
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from soundscapes.accounts import exports, users
from soundscapes.generations import audio_cache, generations, share_links
from soundscapes.images import images
from soundscapes.jobs import claims
from soundscapes.limits import quotas, storage
from soundscapes.models import Export, Generation, State
from soundscapes.models.exports import KEPT_FOR
from tests import factories, sample_files
from tests.connections import is_reading
from tests.queue import waiting, work_off

pytestmark = pytest.mark.django_db


def packed(user) -> ZipFile:
    """Return the zip that the worker makes of a user's data."""
    export = exports.request_export(user)
    assert work_off() == []
    export.refresh_from_db()
    assert export.state == State.READY, export.error
    with export.file.open() as file:
        return ZipFile(io.BytesIO(file.read()))


def rows(archive: ZipFile, name: str) -> list[dict]:
    return json.loads(archive.read(name))


@pytest.mark.usefixtures("sounds")
def test_the_zip_contains_images_audio_plans_credits_and_rows(owner):
    image = images.upload_image(owner, sample_files.photo(), "The pier")
    generation = generations.create_generation(owner, image, duration=5, layer_count=2)
    assert work_off() == []
    generation.refresh_from_db()
    _token, secret = users.create_token(owner, "phone", scope="read")
    link = share_links.make_link(generation, lifetime=share_links.LIFETIME, shows_picture=True)
    delivery = factories.WebhookDeliveryFactory(webhook__owner=owner)
    archive = packed(owner)
    assert archive.testzip() is None
    names = archive.namelist()
    (photo,) = (name for name in names if name.startswith("images/"))
    assert photo.startswith("images/The pier ")
    assert archive.read(photo) == image.file.read()
    (sound,) = (name for name in names if name.endswith("soundscape.flac"))
    assert archive.read(sound) == generation.audio.read()
    folder = sound.rpartition("/")[0]
    assert rows(archive, f"{folder}/plan.json") == generation.plan
    assert "CC BY 4.0" in archive.read(f"{folder}/credits.txt").decode()
    (row,) = rows(archive, "images.json")
    assert row["id"] == str(image.pk)
    scores = {each["category"]: each["score"] for each in row["similarities"]}
    assert scores == dict(image.similarities.values_list("category__slug", "score"))
    (row,) = rows(archive, "soundscapes.json")
    assert (row["id"], row["seed"]) == (str(generation.pk), generation.seed)
    assert len(row["layers"]) == 2
    (row,) = rows(archive, "tokens.json")
    assert (row["name"], row["scope"]) == ("phone", "read")
    (row,) = rows(archive, "links.json")
    assert (row["soundscape"], row["path"]) == (str(generation.pk), link.path)
    (row,) = rows(archive, "webhooks.json")
    assert row["target_url"] == delivery.webhook.target_url
    assert [each["event"] for each in row["deliveries"]] == [delivery.event]
    assert rows(archive, "profile.json")["username"] == "owner"
    everything = b"".join(map(archive.read, names))
    assert secret.encode() not in everything
    assert delivery.webhook.secret.encode() not in everything
    assert owner.password.encode() not in everything


def test_the_profile_names_ways_to_sign_in_without_their_secrets(owner, stranger):
    EmailAddress.objects.create(user=owner, email="owner@example.org", verified=True)
    EmailAddress.objects.create(user=stranger, email="stranger@example.org")
    codes = RecoveryCodes.activate(owner)

    archive = packed(owner)

    profile = rows(archive, "profile.json")
    (address,) = profile["email_addresses"]
    assert (address["email"], address["verified"]) == ("owner@example.org", True)
    (factor,) = profile["second_factors"]
    assert factor["type"] == "recovery_codes"
    text = archive.read("profile.json").decode()
    assert codes.instance.data["seed"] not in text
    assert not [code for code in codes.get_unused_codes() if code in text]


def test_an_empty_account_exports_nothing_of_others(owner, stranger):
    factories.GenerationFactory(owner=stranger, ready=True)
    factories.ImageFactory(of_set=True)
    archive = packed(owner)
    for name in ("images.json", "soundscapes.json", "tokens.json", "links.json"):
        assert rows(archive, name) == []
    assert not [name for name in archive.namelist() if name.endswith((".wav", ".jpg"))]


def test_a_soundscape_of_a_preloaded_image_names_the_image(owner):
    image = factories.ImageFactory(of_set=True, title="A shore")
    factories.GenerationFactory(owner=owner, image=image, ready=True)
    (row,) = rows(packed(owner), "soundscapes.json")
    assert row["image_title"] == "A shore"


def test_audio_that_has_to_be_rendered_again_counts_and_leaves_the_disk_s_reserve(
    made, owner, settings
):
    audio_cache.drop(made)
    export = exports.request_export(owner)
    assert export.size >= storage.expected_size(made.duration)
    settings.DISK_RESERVE = 10**18
    work_off()
    export.refresh_from_db()
    assert (export.state, export.error) == (State.FAILED, str(storage.DiskFullError()))


def test_titles_become_valid_file_names(owner):
    titles = ["../../etc/passwd", "a/b\\c:d*?", "… — …", "x" * 150, "Café\n am Meer"]
    for title in titles:
        factories.ImageFactory(owner=owner, title=title)
    names = [name for name in packed(owner).namelist() if name.startswith("images/")]
    assert len(set(names)) == len(titles)
    for name in names:
        assert name.count("/") == 1
        assert not set(name) & set('\\:*?"<>|\n')
        assert ".." not in name
        assert len(name) < 100


def test_a_lost_file_is_listed_and_the_rest_is_exported(owner):
    lost, there = factories.ImageFactory.create_batch(2, owner=owner)
    lost.file.storage.delete(lost.file.name)
    archive = packed(owner)
    assert lost.title in archive.read("missing.txt").decode()
    assert [name for name in archive.namelist() if there.title in name]


def test_a_double_click_makes_one_export_and_a_new_export_replaces_the_old(
    owner, stored, django_capture_on_commit_callbacks
):
    first = exports.request_export(owner)
    assert exports.request_export(owner) == first
    assert len(waiting()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        packed(owner)
    with django_capture_on_commit_callbacks(execute=True):
        packed(owner)
    assert Export.objects.count() == 1
    assert len(stored()) == 1


def test_a_cancelled_export_leaves_no_file(owner, stored, monkeypatch):
    factories.ImageFactory(owner=owner)
    before = stored()
    exports.request_export(owner)
    pack = exports._pack

    def interrupted(claim, user, path):
        pack(claim, user, path)
        exports.delete_export(owner)

    monkeypatch.setattr(exports, "_pack", interrupted)
    assert work_off() == []
    assert stored() == before


def test_progress_is_reported_and_keeps_the_claim(owner, monkeypatch):
    factories.ImageFactory.create_batch(4, owner=owner)
    reports = []
    report = claims.Claim.report
    monkeypatch.setattr(claims, "REPORT_INTERVAL", 0)
    monkeypatch.setattr(
        claims.Claim, "report", lambda *args: (reports.append(args[2:]), report(*args))[1]
    )
    packed(owner)
    stages, percents = zip(*reports, strict=True)
    assert "Packing 4 of 4" in stages
    assert list(percents) == sorted(percents)
    assert percents[-1] < 100


def test_an_export_may_take_longer_than_other_tasks(owner, settings):
    exports.request_export(owner)
    package = SignedPackage.loads(OrmQ.objects.get().payload)
    assert package["timeout"] > settings.TASK_TIMEOUT


def test_an_export_is_deleted_after_two_days(owner, stored, django_capture_on_commit_callbacks):
    packed(owner)
    Export.objects.update(finished_at=timezone.now() - KEPT_FOR + timedelta(minutes=1))
    exports.purge()
    assert Export.objects.downloadable_by(owner).exists()
    Export.objects.update(finished_at=timezone.now() - KEPT_FOR)
    assert not Export.objects.downloadable_by(owner).exists()
    with django_capture_on_commit_callbacks(execute=True):
        exports.purge()
    assert stored() == set()


def test_an_export_counts_against_the_quota(owner, settings):
    settings.QUOTAS = settings.QUOTAS | {"generate": (1, 3600)}
    packed(owner)
    with pytest.raises(quotas.QuotaExceededError):
        exports.request_export(owner)
    assert Export.objects.downloadable_by(owner).exists()  # the existing export stays


@pytest.mark.once
def test_no_query_is_open_while_progress_is_reported(owner, monkeypatch):
    """SQLite would refuse the write once another connection has written."""
    monkeypatch.setattr(exports, "BATCH", 2)
    factories.GenerationFactory.create_batch(5, owner=owner, ready=True)
    seen = set()
    report = claims.Claim.report

    def watched(claim, *progress):
        seen.add(is_reading())
        report(claim, *progress)

    monkeypatch.setattr(claims.Claim, "report", watched)
    assert len(rows(packed(owner), "soundscapes.json")) == 5
    assert seen == {False}


def test_a_large_export_needs_little_memory(owner, monkeypatch):
    """The longest chunk written at once is much shorter than a file."""
    data = bytes(5 * 2**20)
    factories.GenerationFactory(owner=owner, ready=True, data=data)
    longest = 0
    zipped = exports.zipped

    def watched(members):
        nonlocal longest
        for chunk in zipped(members):
            longest = max(longest, len(chunk))
            yield chunk

    monkeypatch.setattr(exports, "zipped", watched)
    packed(owner)
    assert 0 < longest < len(data) / 10
    assert Generation.objects.count() == 1
