"""Log filters and request ids in log lines."""

import json
import logging
import os
import subprocess
import sys

import pytest
from django.conf import settings as project
from django.test import RequestFactory


@pytest.mark.parametrize(
    ("path", "status", "is_logged"),
    [("/readyz", 503, False), ("/readyz", 500, True), ("/soundscapes/", 503, True)],
)
def test_failed_probes_are_not_logged(path, status, is_logged):
    (console,) = [
        each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler
    ]
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "%s", (path,), None)
    record.request, record.status_code = RequestFactory().get(path), status
    assert bool(console.filter(record)) is is_logged


pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_log_lines_show_the_request_id(settings):
    line = settings.LOGGING["formatters"]["line"]
    record = logging.makeLogRecord({"msg": "Not Found", "request_id": "abc", "levelname": "X"})
    assert "[abc]" in logging.Formatter(line["format"], style=line["style"]).format(record)


LOGGING_PROCESS = """
import logging
import django
django.setup()
from gunicorn.config import Config
from gunicorn.glogging import Logger
from soundscapes.http.logs import current_request_id
current_request_id.set("a-request")
logging.getLogger("soundscapes.test").info("Two %s", "lines\\nof text", extra={"status_code": 503})
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("soundscapes.test").exception("It failed")
options = {}
exec(open("config/gunicorn.py").read(), options)
config = Config()
config.set("loglevel", options["loglevel"])
config.set("logconfig_dict", options.get("logconfig_dict", {}))
web_server = Logger(config)
web_server.info("Starting")
web_server.warning("A worker died")
"""


def logged(log_format):
    """Return the lines that a program and the web server's main process write."""
    done = subprocess.run(
        [sys.executable, "-c", LOGGING_PROCESS],
        cwd=project.BASE_DIR,
        env={**os.environ, "SOUNDSCAPES_LOG_FORMAT": log_format},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr.splitlines()


def test_logs_are_json_if_set():
    lines = [json.loads(line) for line in logged("json")]
    text, error, web_server = lines
    assert text["message"] == "Two lines\nof text"
    assert (text["level"], text["logger"]) == ("WARNING", "soundscapes.test")  # a deliberate 503
    assert text["status_code"] == 503
    assert text["timestamp"].endswith("+00:00")
    assert error["request_id"] == "a-request"
    assert error["exception"].endswith("ZeroDivisionError: division by zero")
    assert (web_server["message"], web_server["level"]) == ("A worker died", "WARNING")


def test_logs_are_text_by_default():
    assert any("[a-request]: It failed" in line for line in logged("text"))
