"""Settings from the environment are accepted, or rejected with a message."""

import os
import secrets
import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = pytest.mark.once


def loaded(**environment: str) -> subprocess.CompletedProcess[str]:
    code = "from config import settings; print(settings.TARGET_LUFS)"
    return run("-c", code, **environment)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_loudness_is_that_of_streaming_unless_set():
    assert float(loaded().stdout) == -18
    assert float(loaded(SOUNDSCAPES_LUFS="-18.5").stdout) == -18.5


@pytest.mark.parametrize("value", ["-3", "-90", "23"])
def test_a_loudness_out_of_range_is_rejected(value):
    done = loaded(SOUNDSCAPES_LUFS=value)
    assert done.returncode != 0
    assert "SOUNDSCAPES_LUFS must be a number from -40 to -10" in done.stderr


def production(**more: str) -> dict[str, str]:
    """Return the README's environment for a public site."""
    given = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "sounds.example.org",
        "SOUNDSCAPES_HTTPS": "on",
    }
    return given | more


def test_django_accepts_the_production_environment():
    check = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    done = run(*check, **production())
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
    assert run(*check, **production(DEBUG="on")).returncode != 0


@pytest.mark.parametrize(
    "more",
    [{}, {"ALLOWED_HOSTS": "localhost"}, {"SOUNDSCAPES_HTTPS": "off"}],
    ids=["HTTPS and a name", "HTTPS", "a name"],
)
def test_production_refuses_to_start_without_a_secret_key(more, tmp_path):
    done = loaded(**production(SECRET_KEY="", SOUNDSCAPES_DATA=str(tmp_path), **more))
    assert done.returncode != 0
    assert "SECRET_KEY is not set" in done.stderr
    assert "secrets.token_urlsafe" in done.stderr
    assert not (tmp_path / "secret_key").exists()


def test_a_secret_key_from_a_file_keeps_the_line_break_that_sessions_were_signed_with(tmp_path):
    path = tmp_path / "key"
    path.write_text("a key\n")
    program = "from django.conf import settings; print(repr(settings.SECRET_KEY))"
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY_FILE": str(path)}
    assert run("-c", program, **environment).stdout == "'a key\\n'\n"


def test_locally_a_secret_key_is_generated_once_and_kept_private(tmp_path):
    for _start in range(2):
        assert loaded(SECRET_KEY="", SOUNDSCAPES_DATA=str(tmp_path)).returncode == 0
    key = tmp_path / "secret_key"
    assert len(key.read_text()) >= 50
    assert key.stat().st_mode & 0o077 == 0


HEADERS = """
import django
django.setup()
from django.conf import settings
from django.test import Client
address, host = "/api/v1/problems/not-found/", {"host": "sounds.example.org"}
print(Client().get(address, secure=True, headers=host)["Strict-Transport-Security"])
print(settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE)
print(Client().get(address, headers=host)["Location"])
"""


def test_production_enforces_https(tmp_path):
    done = run("-c", HEADERS, **production(SOUNDSCAPES_DATA=str(tmp_path)))
    assert done.returncode == 0, done.stderr
    transport, are_secure, location = done.stdout.splitlines()
    assert transport == "max-age=31536000"
    assert are_secure == "True"
    assert location.startswith("https://sounds.example.org/")


def test_data_is_private_even_if_an_earlier_version_created_it(tmp_path):
    data, names = tmp_path / "data", ("db.sqlite3", "db.sqlite3-wal", "secret_key")
    given = {"SOUNDSCAPES_DATA": str(data), "DJANGO_SETTINGS_MODULE": "config.settings"}
    given["DATABASE_URL"] = f"sqlite:///{data / 'db.sqlite3'}"
    made = run(
        "-c",
        "import os; os.umask(0o022)\n"
        "import django; django.setup()\n"
        "from django.db import connection as c\n"
        "c.cursor().execute('CREATE TABLE t (x)')\n"
        f"names = {(*names, 'db.sqlite3-shm')}\n"
        f"print([oct(os.stat('{data}/' + name).st_mode & 0o777) for name in names])",
        **given,
    )
    assert made.stdout.strip() == str(["0o600"] * 4), made.stderr
    for name in names:
        (data / name).touch()
        (data / name).chmod(0o644)
    data.chmod(0o755)
    assert run("-c", "import config.settings", **given).returncode == 0
    assert [oct((data / name).stat().st_mode & 0o777) for name in names] == ["0o600"] * 3
    assert data.stat().st_mode & 0o777 == 0o700


def test_a_wrong_setting_is_reported_in_one_line(tmp_path):
    done = run("manage.py", "start", SOUNDSCAPES_WORKERS="many", SOUNDSCAPES_DATA=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == (
        "Configuration error: SOUNDSCAPES_WORKERS must be a whole number of at least 1, not many.\n"
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"SOUNDSCAPES_AUTH_HEADER": "Remote-User"}, "needs SOUNDSCAPES_AUTH_HEADER_FROM"),
        (
            {"SOUNDSCAPES_AUTH_HEADER": "X", "SOUNDSCAPES_AUTH_HEADER_FROM": "0.0.0.0/0"},
            "must not contain all addresses",
        ),
        ({"SOUNDSCAPES_AUTH_HEADER_FROM": "proxy"}, "must be IP addresses or networks"),
        ({"SOUNDSCAPES_METRICS_TOKEN": "short"}, "at least 20 ASCII characters"),
        ({"SOUNDSCAPES_LOG_FORMAT": "xml"}, "must be text or json"),
        ({"SOUNDSCAPES_AUTH_HEADER_SIGN_OUT": "here"}, "SOUNDSCAPES_AUTH_HEADER_SIGN_OUT must be"),
        ({"S3_BUCKET": "sounds", "S3_ENDPOINT": "here"}, "S3_ENDPOINT must be a URL"),
        ({"REDIS_URL": "here"}, "REDIS_URL must begin with"),
        ({"SOUNDSCAPES_QUOTA_READ": "many"}, "SOUNDSCAPES_QUOTA_READ must be a number of requests"),
    ],
)
def test_unsafe_or_unknown_settings_stop_the_start(given, words):
    done = loaded(**given)
    assert done.returncode != 0
    assert words in done.stderr


@pytest.mark.parametrize(("debug", "is_registered"), [("on", "True"), ("off", "False")])
def test_admin_pages_are_there_before_the_threads_of_development(debug, is_registered):
    code = (
        "import django; django.setup(); from django.contrib import admin; "
        "from soundscapes.models import Image; print(admin.site.is_registered(Image))"
    )
    assert run("-c", code, DEBUG=debug).stdout.strip() == is_registered
