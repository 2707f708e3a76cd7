"""Values of environment variables are parsed, or rejected with the variable's name."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.environment import env, usable_folder

CONFIG = Path(settings.BASE_DIR) / "config"
READERS = {
    "flag": lambda: env.flag("X", default=True),
    "whole": lambda: env.whole("X", default=3, least=1),
    "decimal": lambda: env.decimal("X", default=20.0),
    "choice": lambda: env.choice("X", ("DEBUG", "INFO"), default="INFO"),
    "database": lambda: env.database("X", "sqlite:////tmp/rows"),
    "mail": lambda: env.mail("X", "consolemail://"),
}


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        ("flag", "onn"),
        ("flag", "2"),
        ("whole", "many"),
        ("whole", "0"),
        ("whole", "-1"),
        ("whole", "1.5"),
        ("decimal", "20 GB"),
        ("decimal", "nan"),
        ("decimal", "inf"),
        ("decimal", "-1"),
        ("choice", "LOUD"),
        ("database", "here"),
        ("database", "postgres://"),
        ("database", "postgres://user:password@host:port/name"),
        ("database", "mysql://host/name"),
        ("mail", "here"),
    ],
)
def test_a_wrong_value_is_rejected_with_the_name(monkeypatch, reader, value):
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured, match=r"^X must "):
        READERS[reader]()


@pytest.mark.parametrize(
    ("reader", "value", "parsed"),
    [
        ("flag", "OFF", False),
        ("flag", "1", True),
        ("whole", " 4 ", 4),
        ("decimal", "1e3", 1000.0),
        ("choice", "debug", "DEBUG"),
        *[(reader, "", READERS[reader]()) for reader in READERS],
    ],
)
def test_a_value_is_parsed_and_an_empty_one_is_the_default(monkeypatch, reader, value, parsed):
    monkeypatch.setenv("X", value)
    assert READERS[reader]() == parsed


def test_a_list_may_have_spaces_after_its_commas(monkeypatch):
    monkeypatch.setenv("X", "localhost, sounds.example.org,")
    assert env.list("X", default=[]) == ["localhost", "sounds.example.org"]


def test_a_secret_may_begin_with_a_dollar(monkeypatch):
    monkeypatch.setenv("X", "$ecret")
    assert env.str("X", default="") == "$ecret"


def test_a_value_from_a_file_loses_its_line_break(monkeypatch, tmp_path):
    (tmp_path / "value").write_text("from a file\n")
    monkeypatch.setenv("X_FILE", str(tmp_path / "value"))
    assert env.str("X", default="") == "from a file"
    monkeypatch.setenv("Y_FILE", str(tmp_path / "missing"))
    with pytest.raises(ImproperlyConfigured, match=r"^Y_FILE cannot be read"):
        env.str("Y", default="")


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ImproperlyConfigured, match="MEDIA_ROOT must be a folder"):
        usable_folder("MEDIA_ROOT", tmp_path / "file")


def test_settings_use_readers_that_name_the_variable():
    """django-environ's own do not."""
    for module in CONFIG.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and module.name != "environment.py":
                assert ast.unparse(node.func) not in (
                    *("env.int", "env.float", "env.bool", "env.db", "env.email", "env.json"),
                ), f"{module.name}:{node.lineno}"
