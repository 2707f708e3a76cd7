"""The commands of the container, compose and systemd, run unchanged in a clean copy."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import yaml

from tests.components import require
from tests.live.server import PROJECT, Person, Server, free_port, until

pytestmark = [pytest.mark.slow, pytest.mark.long]

UNITS = sorted((PROJECT / "deploy").glob("*.service"))
COMPOSE = yaml.safe_load((PROJECT / "compose.scale.yaml").read_text())
ONE_MACHINE = yaml.safe_load((PROJECT / "compose.yaml").read_text())
DELIVERED = {"DJANGO_SETTINGS_MODULE": "config.settings"}  # the copy has no tests
PROGRAMS = str(Path(sys.executable).parent)


def of_unit(role: str) -> list[str]:
    """Return a unit's command; only the folder is replaced."""
    unit = configparser.ConfigParser(strict=False)
    unit.optionxform = str
    unit.read(PROJECT / "deploy" / f"soundscapes-{role}.service")
    command = unit["Service"]["ExecStart"]
    return shlex.split(command.replace("/opt/soundscapes/.venv/bin", PROGRAMS))


def of_container(role: str) -> list[str]:
    return shlex.split(COMPOSE["services"][role]["command"])


def image_command() -> list[str]:
    lines = (PROJECT / "Dockerfile").read_text().splitlines()
    return json.loads(next(line for line in lines if line.startswith("CMD ")).removeprefix("CMD "))


@pytest.fixture
def copy(tmp_path) -> Path:
    """A copy of the delivered files, without generated ones."""
    folder = tmp_path / "application"
    made = shutil.ignore_patterns(".*", "__pycache__", "media", "tests", "var")
    shutil.copytree(PROJECT, folder, ignore=made)
    return folder


@contextmanager
def started(command: list[str], folder: Path, env: dict[str, str]) -> Iterator[subprocess.Popen]:
    with subprocess.Popen(command, cwd=folder, env=env, start_new_session=True) as process:
        try:
            yield process
        finally:
            process.terminate()  # like systemd and containers: only the main process
            ended = process.wait(30)
            assert ended in (0, -signal.SIGTERM)


@pytest.mark.parametrize("commands", [of_unit, of_container])
def test_web_server_and_worker_make_a_soundscape(commands, copy, installed, photo):
    env = installed | DELIVERED | {"PATH": f"{PROGRAMS}:{os.environ['PATH']}"}
    port = free_port()
    web = [re.sub(r":8000$", f":{port}", word) for word in commands("web")]
    with started(web, copy, env) as process, started(commands("worker"), copy, env):
        server = Server(process, f"http://localhost:{port}", env)
        until(lambda: answers(server.url), 60, "the first response")
        person = Person(server)
        generation = person.make_soundscape(photo, duration=5)
        assert person.wait_until(generation, "ready", "failed")["state"] == "ready"


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=30).ok
    except requests.ConnectionError:
        return False


def test_systemd_accepts_the_units(tmp_path):
    require(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
    assert len(UNITS) == 2
    for unit in UNITS:
        text = unit.read_text().replace("/opt/soundscapes/.venv/bin", PROGRAMS)
        (tmp_path / unit.name).write_text(text)
        assert "KillMode=mixed" in text  # a signal to the whole group makes the cluster hang
        done = subprocess.run(
            ["systemd-analyze", "verify", tmp_path / unit.name], capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_the_image_s_command_sets_up_and_serves(copy, installed, tmp_path):
    data = tmp_path / "data"
    own = {"SOUNDSCAPES_DATA": str(data), "MEDIA_ROOT": str(data / "media")}
    env = installed | own | DELIVERED | {"PATH": f"{PROGRAMS}:{os.environ['PATH']}"}
    port = free_port()
    *shell, script = image_command()
    with started([*shell, f"{script} --port {port}"], copy, env):
        until(lambda: answers(f"http://localhost:{port}/healthz"), 240, "the first response")
    written = {path.name for path in copy.iterdir()} - {path.name for path in PROJECT.iterdir()}
    assert written == set()  # the root of the container is read-only


def test_containers_get_only_variables_that_the_application_reads():
    settings = "".join(path.read_text() for path in (PROJECT / "config").glob("*.py"))
    services = [COMPOSE["services"][role] for role in ("setup", "web", "worker")]
    for service in (*services, ONE_MACHINE["services"]["soundscapes"]):
        for name in service["environment"]:
            assert f'"{name}"' in settings, name
        for needed in service.get("depends_on", ()):
            assert needed in COMPOSE["services"]
        assert service["read_only"]
        assert service["volumes"] == ["data:/data"]


def test_containers_get_every_setting_from_the_file_and_keep_data_in_the_volume():
    one_machine, many = ONE_MACHINE["services"]["soundscapes"], COMPOSE["services"]["web"]
    assert one_machine["env_file"] == [{"path": ".env", "required": False}]
    assert many["env_file"] == ".env"
    for service in (one_machine, many):
        for folder in ("SOUNDSCAPES_DATA", "MEDIA_ROOT"):
            assert service["environment"][folder].startswith("/data")


def test_the_image_runs_the_steps_as_its_own_user():
    image = (PROJECT / "Dockerfile").read_text()
    assert image.index("deploy/build requirements") < image.index("deploy/build system")
    assert image.index("deploy/build system") < image.index("USER 900")
    assert image.index("USER 900") < image.index("\nCMD ")
    done = subprocess.run(["sh", "-n", PROJECT / "deploy/build"], capture_output=True)
    assert done.returncode == 0


def test_hadolint_accepts_the_dockerfile():
    hadolint = Path(PROGRAMS) / "hadolint"
    require(hadolint.exists(), "hadolint is not installed (it is a package for Linux on x86-64)")
    done = subprocess.run([hadolint, PROJECT / "Dockerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
