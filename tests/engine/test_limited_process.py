"""A decoder's process has no more memory, time and knowledge than it needs."""

import sys
import textwrap

import pytest

from soundscapes.engine import limited_process


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Run a text as the child's module."""

    def run(text, data=b""):
        (tmp_path / "child.py").write_text(
            "from soundscapes.engine.limited_process import *\n" + textwrap.dedent(text)
        )
        return limited_process.run("child", [], data)

    root = f"{limited_process._ROOT}:{tmp_path}"
    monkeypatch.setattr(limited_process, "_ROOT", root)
    return run


def test_what_the_child_prints_comes_back(program):
    assert program("import sys; print(len(sys.stdin.buffer.read()))", b"x" * 10**6) == b"1000000\n"


def test_the_child_sees_no_secret(program, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hush")
    assert b"hush" not in program("import os; print(os.environ)")


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux limits a process's memory.")
def test_a_child_that_takes_too_much_memory_ends(program):
    with pytest.raises(limited_process.ProcessEndedError) as caught:
        program(
            """
            limit_own_process()
            try:
                bytearray(2 * MAX_MEMORY)
            except MemoryError:
                sys.exit(OUT_OF_MEMORY)
            """
        )
    assert caught.value.is_heavy


def test_a_child_that_takes_too_long_ends(program, monkeypatch):
    monkeypatch.setattr(limited_process, "WALL_SECONDS", 0.5)
    with pytest.raises(limited_process.ProcessEndedError) as caught:
        program("import time; time.sleep(60)")
    assert caught.value.is_heavy


def test_a_child_that_crashes_is_no_matter_of_weight(program):
    with pytest.raises(limited_process.ProcessEndedError) as caught:
        program("import os; os.abort()")
    assert not caught.value.is_heavy
