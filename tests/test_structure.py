"""Imports, chains and circles as counted by benchmarks.structure."""

import subprocess
import sys
from pathlib import Path

from benchmarks import structure

PROJECT = Path(__file__).resolve().parents[1]
GRAPH = {"a": {"b", "c"}, "b": {"c"}, "c": {"d"}, "d": set(), "x": {"y"}, "y": {"x", "a"}}


def test_the_longest_chain_excludes_circles():
    assert structure.longest_chain(GRAPH) == ("a", "b", "c", "d")


def test_circles_are_listed_once():
    assert structure.import_circles(GRAPH) == [["x", "y"]]


def test_imports_in_functions_count_and_type_checking_imports_do_not(tmp_path):
    files = {
        "soundscapes/__init__.py": "",
        "soundscapes/a.py": "from soundscapes import b\nfrom soundscapes.c import name",
        "soundscapes/b.py": "def late():\n    import soundscapes.c",
        "soundscapes/c.py": "if TYPE_CHECKING:\n    from soundscapes import a",
        "config/urls.py": "import os",
        "manage.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    script = (
        "import pathlib, sys; from benchmarks.structure import import_graph, product_files; "
        "root = pathlib.Path(sys.argv[1]); graph = import_graph(product_files(root), root); "
        "print({name: sorted(found) for name, found in graph.items() if found})"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    expected = {
        "soundscapes.a": ["soundscapes.b", "soundscapes.c"],
        "soundscapes.b": ["soundscapes.c"],
    }
    assert done.stdout.strip() == str(expected)
