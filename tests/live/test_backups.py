"""Backup and restore with the README's commands: dump, wipe, restore, and play everything."""

from __future__ import annotations

import shutil
from pathlib import Path

import psycopg
import pytest
import requests

from tests import object_stores
from tests.live.server import Person, Server, manage, running

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(1200)]


def wipe(env: dict[str, str]) -> None:
    """Delete everything, as on a new machine."""
    for name in ("SOUNDSCAPES_DATA", "MEDIA_ROOT"):
        shutil.rmtree(env[name])
    if "DATABASE_URL" in env:
        with psycopg.connect(env["DATABASE_URL"], autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
    if "S3_BUCKET" in env:
        store = object_stores.client(env)
        for name in object_stores.names_in(env):
            store.delete_object(Bucket=env["S3_BUCKET"], Key=name)


def addresses(server: Server, person: Person, generation: str) -> list[str]:
    status = person.status(generation)
    media = f"{server.url}/media"
    return [
        status["audio_url"],
        status["spectrogram_url"],
        f"{media}/stems/{generation}/1.wav",
        f"{media}/audio/{generation}.json",
        f"{server.url}/soundscapes/{generation}/",
    ]


@pytest.mark.parametrize(
    "place", ["installed", pytest.param("elsewhere", marks=pytest.mark.servers)]
)
def test_a_backup_plays_after_everything_was_lost(request, place, photo, tmp_path):
    env, backup = request.getfixturevalue(place), tmp_path / "backup"
    with running(env) as server:
        person = Person(server)
        kept = person.make_soundscape(photo, duration=5)
        person.wait_until(kept, "ready")
        heard = person.get(person.status(kept)["audio_url"]).content
        assert "new files" in manage(env, "backup", str(backup))
        later = person.make_soundscape(photo, duration=6)
        person.wait_until(later, "ready")
        again = manage(env, "backup", str(backup))  # existing files are not copied again
        assert "and 1 new file\n" in again  # the audio
    wipe(env)

    Path(env["SOUNDSCAPES_DATA"]).mkdir()
    manage(env, "restore", str(backup))
    manage(
        env, "setup", "--offline", "--complete"
    )  # rebuilds static files and the encoder's vectors
    with running(env) as server:
        person.server = server
        for generation in (kept, later):  # sessions are still valid
            for address in addresses(server, person, generation):
                assert person.get(address).status_code == 200, address
        assert person.get(person.status(kept)["audio_url"]).content == heard
        another = person.make_soundscape(photo, duration=7)
        assert person.wait_until(another, "ready", "failed")["state"] == "ready"


def test_a_folder_without_a_backup_changes_nothing(installed, tmp_path):
    with running(installed) as server:
        person = Person(server)
    with pytest.raises(AssertionError, match="Name the folder of a backup"):
        manage(installed, "restore", str(tmp_path))
    with running(installed) as server:
        response = requests.get(f"{server.url}/account/", cookies=person.cookies, timeout=30)
        assert person.name in response.text
