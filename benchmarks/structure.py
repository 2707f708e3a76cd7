"""Structure of the code in numbers: `python -m benchmarks.structure`.

Imports inside functions count, imports under `if TYPE_CHECKING` do not. `from package import name`
means the module package.name if there is one.
"""

from __future__ import annotations

import ast
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cache
from pathlib import Path
from statistics import median

PROJECT = Path(__file__).resolve().parents[1]
Graph = Mapping[str, Set[str]]


def product_files(project: Path) -> list[Path]:
    """Return the Python files of the product, migrations included."""
    files = [path for name in ("soundscapes", "config") for path in (project / name).rglob("*.py")]
    return sorted([*files, project / "manage.py"])


def module_name(path: Path, project: Path) -> str:
    """Return a file's dotted name; a package has the name of its folder."""
    parts = path.relative_to(project).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def import_statements(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield every import that can run, at any depth."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif not is_type_checking(child):
            yield from import_statements(child)


def imported_names(path: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports; `from a import b` gives a.b."""
    for node in import_statements(parse(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def import_graph(files: list[Path], project: Path) -> dict[str, set[str]]:
    """Return, for every module, the product's modules that it imports."""
    names = {module_name(path, project): path for path in files}

    def modules(name: str) -> Set[str]:
        return {name, name.rpartition(".")[0]} & names.keys()

    return {
        name: {max(found, key=len) for n in imported_names(path) if (found := modules(n))} - {name}
        for name, path in names.items()
    }


def reachable(graph: Graph, start: str) -> set[str]:
    """Return the modules that a module leads to."""
    found, left = set[str](), list(graph[start])
    while left:
        if (name := left.pop()) not in found:
            found.add(name)
            left.extend(graph[name])
    return found


def import_circles(graph: Graph) -> list[list[str]]:
    """Return the groups of modules that lead to each other."""
    reach = {name: reachable(graph, name) for name in graph}
    circles = {
        tuple(sorted(other for other in reach[name] if name in reach[other]))
        for name in graph
        if name in reach[name]
    }
    return sorted(map(list, circles))


def longest_chain(graph: Graph) -> tuple[str, ...]:
    """Return the longest path of imports, leaving out modules in circles."""
    in_circles = {name for circle in import_circles(graph) for name in circle}

    @cache
    def below(name: str) -> tuple[str, ...]:
        paths = [below(other) for other in sorted(graph[name] - in_circles)]
        longest = max(paths, key=len, default=())
        return (name, *longest)

    chains = [below(name) for name in sorted(graph.keys() - in_circles)]
    return max(chains, key=len, default=())


def function_lengths(path: Path) -> list[int]:
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    nodes = (node for node in ast.walk(parse(path)) if isinstance(node, functions))
    return [(node.end_lineno or node.lineno) - node.lineno + 1 for node in nodes]


def spread(lengths: list[int]) -> str:
    """Return the median and the 95th percentile (nearest rank) as text."""
    rank = math.ceil(0.95 * len(lengths)) - 1
    return f"median {median(lengths):.0f}, 95th percentile {sorted(lengths)[rank]} lines"


def indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)


def report(project: Path) -> Iterator[str]:
    everything = product_files(project)
    files = [path for path in everything if "migrations" not in path.parts]
    modules = [path for path in files if path.name != "__init__.py"]
    lines, with_migrations = (sum(map(line_count, paths)) for paths in (files, everything))
    tests = sum(map(line_count, (project / "tests").rglob("*.py")))
    yield f"product: {lines} lines ({with_migrations} with migrations)"
    yield f"modules: {len(modules)}; {spread([line_count(path) for path in modules])}"
    yield f"functions: {spread([n for path in files for n in function_lengths(path)])}"
    yield f"tests: {tests} lines, {tests / lines:.2f} times the product"
    graph = import_graph(files, project)
    chain, circles = longest_chain(graph), import_circles(graph)
    yield f"longest import chain: {len(chain)} modules"
    yield from indented(chain)
    yield f"import circles: {len(circles)}"
    yield from indented(map(" ".join, circles))
    yield "modules per package:"
    packages = Counter(str(path.parent.relative_to(project)) for path in modules)
    yield from indented(f"{count:3} {package}" for package, count in packages.most_common())


if __name__ == "__main__":
    print("\n".join(report(PROJECT)))
