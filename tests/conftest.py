"""Shared fixtures: personas, storage and the real queue."""

from __future__ import annotations

import gc
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from time import time
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from config.settings import file_storage
from soundscapes.engine.sound import bank as bank_package
from soundscapes.engine.sound.bank import build
from soundscapes.generations import generations
from soundscapes.images import images
from soundscapes.jobs import heartbeat
from soundscapes.limits import quotas
from soundscapes.models import Category, Clip, Generation, Image, ImageSet, State, User
from soundscapes.sounds import catalogue
from tests import factories, kept, object_stores, sample_files
from tests.queue import work_off

TESTS = Path(__file__).resolve().parent
SHARED = TESTS.parents[1] / "shared"
# Slow files come first, so that parallel processes finish together. The second file starts with
# the bank, because it does not need what the first one is still preparing.
FIRST = (
    "live/test_server.py",
    "engine/test_families.py",
    "live/test_faults.py",
    "live/test_contract.py",
    "engine/test_offline_encoder.py",
    "live/",
    "web/test_hostile_files.py",
    "web/test_access.py",
    "web/test_parameters.py",
    "http/test_server.py",
    "models/test_migrations.py",
    "engine/",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=_place_in_order)


def pytest_collection_finish() -> None:
    """Spare garbage collection what stays: modules and tests. It took an eighth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def _place_in_order(item: pytest.Item) -> int:
    path = item.path.relative_to(TESTS).as_posix()
    ranks = (number for number, start in enumerate(FIRST) if path.startswith(start))
    return next(ranks, len(FIRST))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix) -> None:
    """Migrate once for all processes: it takes seconds in each."""
    connection.settings_dict["TEST"]["MIGRATE"] = False
    if connection.vendor == "postgresql":
        template = kept.template(os.environ["DATABASE_URL"])
        connection.settings_dict["TEST"]["TEMPLATE"] = template


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    if connection.vendor == "sqlite":
        with django_db_blocker.unblock(), closing(sqlite3.connect(kept.rows())) as migrated:
            connection.ensure_connection()
            migrated.backup(connection.connection)
            ContentType.objects.clear_cache()


@pytest.fixture(autouse=True)
def _own_files(settings, monkeypatch, tmp_path_factory) -> None:
    """Every test has its own media folder, and static files need no collecting."""
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
    monkeypatch.setenv("MEDIA_ROOT", str(settings.MEDIA_ROOT))  # the engine builds its bank there
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture(autouse=True)
def _fresh_quotas(settings, monkeypatch) -> None:
    """Every test starts with empty quotas, and stays in one window."""
    now = time()
    monkeypatch.setattr(quotas, "time", lambda: now)
    own = {"KEY_PREFIX": uuid4().hex}
    settings.CACHES = {"default": settings.CACHES["default"] | own}


@pytest.fixture
def small_quotas(settings) -> None:
    limits = {"read": 5, "upload": 1, "generate": 1, "sign_in": 2, "account": 3}
    settings.QUOTAS = settings.QUOTAS | {kind: (most, 3600) for kind, most in limits.items()}


@pytest.fixture
def no_waiting(settings) -> None:
    """Requests do not wait for a worker, because there is none."""
    settings.API_WAIT_SECONDS = 0.0


@pytest.fixture
def own_data(settings, tmp_path) -> None:
    """The test has its own data folder."""
    settings.DATA_DIR = tmp_path


@pytest.fixture
def heartbeat_scheduled(own_data, db) -> None:
    """Everything is in order for the integrity check: the heartbeat is due, the folder empty."""
    heartbeat.schedule()


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """Return a context in which a transaction seems to commit."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture(scope="session")
def object_store() -> Iterator[str]:
    """The URL of an S3 server."""
    with object_stores.running() as address:
        yield address


@pytest.fixture
def bucket(object_store, settings, monkeypatch) -> dict[str, str]:
    """Store files in a bucket instead of the media folder; return the environment for it."""
    environment = object_stores.make_bucket(object_store)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings.STORAGES = settings.STORAGES | {"default": file_storage()}
    return environment


@pytest.fixture
def owner(db) -> User:
    return factories.UserFactory(username="owner")


@pytest.fixture
def stranger(db) -> User:
    return factories.UserFactory(username="stranger")


@pytest.fixture
def administrator(db) -> User:
    return factories.UserFactory(username="administrator", is_staff=True, is_superuser=True)


@pytest.fixture
def sign_in() -> Callable[[User], Client]:
    """Return a client in which a user is signed in."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def browser(sign_in, owner) -> Client:
    """A browser in which the owner is signed in."""
    return sign_in(owner)


@pytest.fixture
def prove() -> Callable[[Client], Client]:
    """Let a signed-in browser enter its password again, as dangerous steps ask."""

    def proved(browser: Client) -> Client:
        fields = {"password": factories.PASSWORD}
        assert browser.post(reverse("account_reauthenticate"), fields).status_code == 302
        return browser

    return proved


@pytest.fixture
def sounds(db) -> list[Clip]:
    """Clips of three categories: a bed and two occasional ones."""
    slugs = ("sea_waves", "dog", "chirping_birds")
    return [factories.ClipFactory(category=factories.category_named(slug)) for slug in slugs]


@pytest.fixture
def dog(db) -> Category:
    return factories.category_named("dog")


@pytest.fixture
def image(owner) -> Image:
    return factories.ImageFactory(owner=owner)


@pytest.fixture
def image_set(db) -> ImageSet:
    return factories.ImageSetFactory()


@pytest.fixture
def job(db) -> Generation:
    """A queued soundscape, as a job like any other."""
    return factories.GenerationFactory()


@pytest.fixture
def generation(owner) -> Generation:
    """A finished soundscape of the owner: noise, without layers. `made` is a real one."""
    return factories.GenerationFactory(owner=owner, ready=True)


@pytest.fixture
def original(owner, sounds) -> Generation:
    """A finished soundscape of two of the three sounds, to be changed."""
    image = images.upload_image(owner, sample_files.photo())
    generation = generations.create_generation(owner, image, duration=5, seed=7, layer_count=2)
    assert work_off() == []
    generation.refresh_from_db()
    return generation


@pytest.fixture
def made(owner, sounds) -> Generation:
    """Return a finished soundscape of the owner."""
    image = images.upload_image(owner, sample_files.photo())
    generation = generations.create_generation(owner, image, duration=5, seed=7)
    assert work_off() == []
    generation.refresh_from_db()
    assert generation.state == State.READY, generation.error
    return generation


@pytest.fixture(scope="session")
def bank() -> Path:
    """The synthesised bank, kept between runs and rebuilt when its recipes' version changes."""
    return kept.bank()


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory, worker_id) -> Path:
    """A folder shared by all processes of this run."""
    folder = tmp_path_factory.getbasetemp()
    return folder if worker_id == "master" else folder.parent


@pytest.fixture(scope="session")
def first_encoding(run_folder) -> kept.FirstEncoding:
    """The result of a new process that built the offline encoder's caches, once per run."""
    return kept.first_encoding(run_folder / "first-encoding")


@pytest.fixture
def with_bank(bank, settings) -> Path:
    """The media folder of this test, with the bank in it."""
    (settings.MEDIA_ROOT / "bank").symlink_to(bank)
    return settings.MEDIA_ROOT


@pytest.fixture
def small_bank(db, monkeypatch) -> tuple[str, ...]:
    """A bank of three categories, none of which is in its folder yet."""
    catalogue.import_catalogue()
    slugs = ("crow", "dog", "hen")
    for module in (bank_package, build):
        monkeypatch.setattr(module, "bank_categories", lambda: slugs)
    return slugs


@pytest.fixture
def stored(settings) -> Callable[[], set[str]]:
    """List the files in the media folder."""

    def listed() -> set[str]:
        root = settings.MEDIA_ROOT
        return {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}

    return listed


@pytest.fixture
def queries_of(db) -> Callable[[Callable[[], object]], int]:
    """Count the queries of a call, without lookups that each process does once."""
    ContentType.objects.get_for_models(*apps.get_models())

    def count(call: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as queries:
            call()
        return len(queries)

    return count


@pytest.fixture
def plan_of(db) -> Callable[[QuerySet], str]:
    """Return the database's query plan: its order and its indexes."""

    def explained(rows: QuerySet) -> str:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":  # it reads small tables sequentially
                cursor.execute("SET LOCAL enable_seqscan = off")
        return rows.explain()

    return explained


@pytest.fixture
def program(db) -> Callable[..., APIClient]:
    """Return an API client with a user's token."""
    from soundscapes.accounts import users

    def program_of(user: User, **options: object) -> APIClient:
        client = APIClient()
        _token, secret = users.create_token(user, "test", **options)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    return program_of


@pytest.fixture
def api(program, owner) -> APIClient:
    """An API client with the owner's token."""
    return program(owner)


@pytest.fixture
def idle_process():
    """A process that does nothing until it is killed."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()
