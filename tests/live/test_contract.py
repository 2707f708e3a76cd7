"""The running server against its OpenAPI description: schemathesis with every check."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.installations import copy_of
from tests.live.server import PROJECT, manage, running

pytestmark = pytest.mark.slow

HERE = Path(__file__).resolve().parent
KINDS = ("READ", "UPLOAD", "GENERATE", "SIGN_IN")
QUOTAS = {f"SOUNDSCAPES_QUOTA_{kind}": "100000/minute" for kind in KINDS}
QUOTAS |= {
    "SOUNDSCAPES_STORAGE": "1000000",
    "SOUNDSCAPES_QUEUE_PER_USER": "100000",
    "SOUNDSCAPES_QUEUE_LENGTH": "100000",
}
# Of a database only the limits of values are seen, which `coverage` tries one by one: ranges, null
# characters in text, dates far away.
PHASES = "coverage" if "DATABASE_URL" in os.environ else "examples,coverage,fuzzing,stateful"
MAKE_TOKEN = """
from soundscapes.models import User
from soundscapes.accounts import users
user = User.objects.create_user("contract")
print(users.create_token(user, "contract")[1])
"""


def test_the_server_matches_its_description(template):
    """Runs a hostile client for a minute; prints every finding with a curl command to repeat it."""
    with copy_of(template, QUOTAS) as env, running(env) as server:
        token = manage(env, "shell", "-v0", "-c", MAKE_TOKEN).strip()
        check_contract(server.url, token)


def check_contract(address: str, token: str) -> None:
    command = [sys.executable, "-m", "schemathesis.cli"]
    command += ["--config-file", str(HERE / "schemathesis.toml"), "run", "docs/openapi.yaml"]
    command += ["--url", address, "--header", f"Authorization: Bearer {token}"]
    command += ["--phases", PHASES, "--seed", "1"]
    command += ["--max-examples", "5"]
    command += ["--request-timeout", "60"]  # some calls wait for an hour of audio
    command += ["--no-shrink", "--continue-on-failure", "--warnings", "off", "--no-color"]
    # These would delete what the other operations need.
    for operation in ("deleteImage", "revokeToken"):
        command += ["--exclude-operation-id", operation]
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "tests.live.contract_hooks"},
        capture_output=True,
        text=True,
        timeout=800,
    )
    assert done.returncode == 0, done.stdout + done.stderr
