"""Migration of empty databases, and of those older than the squashed migrations.

`database_at_0020.sql` was made by the code of that time. It has a row of every model, a group of
curators with a member, and an account that is being deleted.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.conf import settings

from soundscapes.accounts.users import CURATED
from soundscapes.models import Embedding
from tests import factories
from tests.live.postgres import own_database

OLD = Path(__file__).with_name("database_at_0020.sql")
LAST = "0020_file_notes"
SQUASHED = f"0001_squashed_{LAST}"
LATER_APPS = ("account_", "mfa_", "socialaccount_", "usersessions_")  # not there at that time
RENAMED = {
    "chore": "batchjob",
    "rememberedanswer": "idempotencyrecord",
    "filenote": "journalentry",
}
ON_SQLITE = pytest.mark.once  # whatever database the other tests use
CURATORS_MAY = {f"{verb}_{model}" for model, verbs in CURATED.items() for verb in verbs}


@dataclass(frozen=True)
class Installation:
    """A folder with a database, on which manage.py runs."""

    folder: Path
    url: str

    def manage(self, *command: str) -> subprocess.CompletedProcess[str]:
        own = {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": self.url,
            "SOUNDSCAPES_DATA": str(self.folder / "data"),
        }
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=settings.BASE_DIR,
            env=os.environ | own | {"MEDIA_ROOT": str(self.folder / "media")},
            capture_output=True,
            text=True,
            check=False,
        )

    def migrate(self, *target: str) -> str:
        done = self.manage("migrate", *target)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def is_current(self) -> bool:
        return self.manage("migrate", "--check").returncode == 0


@dataclass(frozen=True)
class SQLite(Installation):
    def query(self, statement: str, *values: object) -> list[tuple]:
        with closing(sqlite3.connect(self.folder / "db.sqlite3")) as connection, connection:
            return connection.execute(statement, values).fetchall()

    def column(self, statement: str) -> set:
        return {value for (value,) in self.query(statement)}

    def counts(self) -> dict[str, int]:
        names = self.column(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'soundscapes_%'"
        )
        return {
            name: self.query(f"SELECT count(*) FROM {name}")[0][0]  # noqa: S608
            for name in names
        }

    def schema(self) -> set[tuple]:
        """Return tables with columns in any order, indexes with statements, counts of checks."""
        indexes = self.query("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index'")
        columns = self.query(
            "SELECT made.name, info.name, info.type, info.'notnull', info.pk "
            "FROM sqlite_master AS made, pragma_table_info(made.name) AS info "
            "WHERE made.type = 'table'"
        )
        checks = self.query(
            "SELECT name, (length(sql) - length(replace(sql, 'CONSTRAINT', ''))) "
            "FROM sqlite_master WHERE type = 'table'"
        )
        return {*indexes, *columns, *checks}


def sqlite(folder: Path, script: str = "") -> SQLite:
    installation = SQLite(folder, f"sqlite:///{folder / 'db.sqlite3'}")
    with closing(sqlite3.connect(folder / "db.sqlite3")) as connection:
        connection.executescript(script)
    return installation


def copy_of(installation: SQLite, folder: Path) -> SQLite:
    shutil.copy(installation.folder / "db.sqlite3", folder)
    return sqlite(folder)


@pytest.fixture
def old(tmp_path) -> SQLite:
    """An installation from before the squash."""
    return sqlite(tmp_path, OLD.read_text())


@pytest.fixture(scope="module")
def migrated(tmp_path_factory) -> SQLite:
    """The old installation after `manage.py migrate`."""
    installation = sqlite(tmp_path_factory.mktemp("migrated"), OLD.read_text())
    installation.migrate()
    return installation


@pytest.fixture(scope="module")
def fresh(tmp_path_factory) -> SQLite:
    installation = sqlite(tmp_path_factory.mktemp("fresh"))
    installation.migrate()
    return installation


@ON_SQLITE
def test_the_old_database_has_rows_of_every_model(old):
    empty = {name for name, count in old.counts().items() if not count}
    assert empty == {"soundscapes_user_user_permissions"}


@ON_SQLITE
def test_every_row_survives_under_the_new_names(old, migrated):
    names = {f"soundscapes_{before}": f"soundscapes_{now}" for before, now in RENAMED.items()}
    before = {names.get(name, name): count for name, count in old.counts().items()}
    new = ("preview", "quotacount", "feed", "stream", "listener", "streamblock")
    new += ("cacheentry", "invitation", "webhook", "webhookdelivery")
    assert migrated.counts() == before | {f"soundscapes_{name}": 0 for name in new}


@ON_SQLITE
def test_the_values_of_the_rows_survive(migrated):
    assert migrated.query("SELECT subject, total FROM soundscapes_batchjob") == [("Coast", 1)]
    assert migrated.query("SELECT names FROM soundscapes_journalentry") == [('["images/13.jpg"]',)]
    assert migrated.query("SELECT key, status FROM soundscapes_idempotencyrecord") == [
        ("key-1", 202)
    ]
    [(choices,)] = migrated.query(
        "SELECT layer_choices FROM soundscapes_generation WHERE parent_id IS NOT NULL"
    )
    assert json.loads(choices) == [{"category": "sea_waves", "gain_db": -3.0}]
    assert migrated.query(
        "SELECT username FROM soundscapes_user WHERE deletion_requested_at IS NOT NULL"
    ) == [("gone",)]
    [(vectors,)] = migrated.query("SELECT vectors FROM soundscapes_embedding")
    assert len(vectors) == 4 * 4 * 4


@ON_SQLITE
def test_email_addresses_of_accounts_are_listed_unverified(old, migrated):
    before = old.query("SELECT id, lower(email) FROM soundscapes_user WHERE email != ''")
    found = 'SELECT user_id, email FROM account_emailaddress WHERE "primary" AND NOT verified'
    assert sorted(migrated.query(found)) == sorted(before)


@ON_SQLITE
def test_passwords_and_tokens_stay_as_they_are(old, migrated):
    for statement in (
        "SELECT username, password, is_active FROM soundscapes_user ORDER BY id",
        "SELECT digest, token_key, user_id FROM soundscapes_apitoken ORDER BY digest",
    ):
        assert migrated.query(statement) == old.query(statement)


SIGNED_IN = """
from importlib import import_module
from django.conf import settings
from soundscapes.models import User
user = User.objects.filter(is_active=True).first()
session = import_module(settings.SESSION_ENGINE).SessionStore()
session["_auth_user_id"] = str(user.pk)
session["_auth_user_backend"] = "soundscapes.http.auth_backends.BoundedBackend"
session["_auth_user_hash"] = user.get_session_auth_hash()
session.save()
"""
ASKED = """
from allauth.core.internal.sessionkit import get_session_user
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
print(get_session_user(SessionStore(Session.objects.get().session_key)))
"""


@ON_SQLITE
def test_sessions_survive_and_are_listed(fresh, tmp_path):
    installation = copy_of(fresh, tmp_path)
    made = "from soundscapes.models import User; User.objects.create_user('ada', '', 'a')"
    assert installation.manage("shell", "-v0", "-c", made + SIGNED_IN).returncode == 0
    installation.migrate("soundscapes", "0021")
    installation.migrate()
    [(listed, kept)] = installation.query(
        "SELECT listed.session_key, kept.session_key FROM usersessions_usersession AS listed, "
        "django_session AS kept"
    )
    assert listed == kept
    assert installation.manage("shell", "-v0", "-c", ASKED).stdout.strip() == "ada"


@ON_SQLITE
def test_no_reference_is_broken(migrated):
    assert migrated.query("PRAGMA foreign_key_check") == []


@ON_SQLITE
def test_the_migrated_database_and_a_fresh_one_are_current_and_alike(migrated, fresh):
    assert migrated.is_current()
    assert fresh.is_current()
    assert migrated.schema() == fresh.schema()


@ON_SQLITE
def test_no_model_lacks_a_migration(fresh):
    assert fresh.manage("makemigrations", "--check", "--dry-run").returncode == 0


@ON_SQLITE
def test_the_squashed_migration_is_recorded_with_the_replaced_ones(migrated, fresh):
    """It does not run again, which would fail at its first table."""
    recorded = migrated.column(RECORDED)
    assert recorded == fresh.column(RECORDED)
    assert {SQUASHED, LAST} <= recorded


@ON_SQLITE
def test_an_older_database_is_refused_and_unchanged(old):
    old.query("DELETE FROM django_migrations WHERE name = ?", LAST)
    before = old.schema()
    assert old.manage("migrate").returncode != 0
    assert old.schema() == before


@ON_SQLITE
def test_content_types_and_permissions_are_renamed_with_their_models(migrated, fresh):
    assert migrated.column(KINDS) == fresh.column(KINDS)
    assert migrated.column(PERMISSIONS) == fresh.column(PERMISSIONS)
    [(kind,)] = migrated.query(
        "SELECT model FROM django_admin_log JOIN django_content_type "
        "ON django_content_type.id = content_type_id"
    )
    assert kind == "batchjob"


RECORDED = "SELECT name FROM django_migrations WHERE app = 'soundscapes'"
KINDS = "SELECT model FROM django_content_type WHERE app_label = 'soundscapes'"
PERMISSIONS = (
    "SELECT model || ' ' || codename || ' ' || auth_permission.name FROM auth_permission "
    "JOIN django_content_type ON django_content_type.id = content_type_id "
    "WHERE app_label = 'soundscapes'"
)
GRANTED = (
    "SELECT codename FROM auth_group_permissions "
    "JOIN auth_permission ON auth_permission.id = permission_id"
)


@ON_SQLITE
def test_curators_keep_their_permissions(migrated):
    assert migrated.column(GRANTED) == CURATORS_MAY
    make = "from soundscapes.accounts.users import make_curators; make_curators()"
    assert migrated.manage("shell", "--no-imports", "--command", make).returncode == 0
    assert migrated.column(GRANTED) == CURATORS_MAY
    assert len(migrated.query(GRANTED)) == len(CURATORS_MAY)


@ON_SQLITE
def test_the_renames_can_be_reversed(old, migrated, tmp_path_factory):
    installation = copy_of(migrated, tmp_path_factory.mktemp("reversed"))
    installation.migrate("soundscapes", SQUASHED)
    assert {row for row in installation.schema() if not row[0].startswith(LATER_APPS)} == (
        old.schema()
    )
    assert {name for name in installation.column(GRANTED) if "chore" in name} == {"view_chore"}


@pytest.mark.django_db
def test_vectors_of_four_views_are_deleted_and_those_of_one_pass_are_kept():
    for encoder in ("clip-vit-b-32", "clip-look-1-vit-b-32", "offline-look-1"):
        factories.EmbeddingFactory(encoder=encoder)
    import_module("soundscapes.migrations.0011_one_pass_of_clip").forget_old_encodings(apps, None)
    kept = set(Embedding.objects.values_list("encoder", flat=True))
    assert kept == {"clip-look-1-vit-b-32", "offline-look-1"}


@pytest.mark.servers
def test_an_old_postgresql_database_keeps_its_rows(tmp_path):
    """At the squashed migration its schema is that of 0020; only the records differ."""
    with own_database(os.environ["DATABASE_URL"]) as url:
        installation = Installation(tmp_path, url)
        installation.migrate("soundscapes", SQUASHED)
        with psycopg.connect(url) as connection:
            connection.execute("DELETE FROM django_migrations WHERE name = %s", [SQUASHED])
            connection.execute(
                "INSERT INTO soundscapes_filenote (names, process, noted_at) "
                "VALUES ('[\"images/13.jpg\"]', 'host:1:2', now())"
            )
        assert SQUASHED not in installation.migrate()
        with psycopg.connect(url) as connection:
            rows = connection.execute("SELECT names, process FROM soundscapes_journalentry")
            assert rows.fetchall() == [(["images/13.jpg"], "host:1:2")]
            kinds = connection.execute(KINDS).fetchall()
            assert set(RENAMED.values()) <= {kind for (kind,) in kinds}
            assert not set(RENAMED) & {kind for (kind,) in kinds}
            permissions = connection.execute(PERMISSIONS).fetchall()
            assert not [name for (name,) in permissions if "chore" in name]
        assert installation.is_current()
