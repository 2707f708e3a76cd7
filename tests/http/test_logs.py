"""Log filters and request ids in log lines."""

import logging

import pytest
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


pytestmark = pytest.mark.django_db


def test_log_lines_show_the_request_id(settings):
    line = settings.LOGGING["formatters"]["line"]
    record = logging.makeLogRecord({"msg": "Not Found", "request_id": "abc", "levelname": "X"})
    assert "[abc]" in logging.Formatter(line["format"], style=line["style"]).format(record)
