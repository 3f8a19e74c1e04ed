"""The house in numbers: rooms, files, functions, circles. ``make measures`` prints the table; nothing is imported."""

from __future__ import annotations

import ast
import re
import statistics
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "detente"
KINDS = (".py", ".md", ".j2", ".typ")
#: what the house should keep to
LIMITS = {"lines": 25_000, "longest function": 60, "longest file": 400, "median function": 6, "named once": 400}
LARGEST_ROOM = 0.18


def lines(path: Path) -> int:
    """Lines of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())


def texts() -> list[Path]:
    """Every file of the package that somebody reads."""
    return sorted(path for path in PACKAGE.rglob("*") if path.suffix in KINDS)


def rooms() -> Counter[str]:
    """Lines by room: a folder of the package, or the package itself."""
    found: Counter[str] = Counter()
    for path in texts():
        parts = path.relative_to(PACKAGE).parts
        found[parts[0] if len(parts) > 1 else "."] += lines(path)
    return found


def functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function with its file."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    first = node.body[0]
    told = first.end_lineno - first.lineno + 1 if ast.get_docstring(node) and first.end_lineno else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - told


def private() -> tuple[int, int]:
    """Private functions, and how many of them are named once outside their definition in their file."""
    by_file: dict[Path, list[str]] = {}
    for path, node in functions():
        if node.name.startswith("_") and not node.name.startswith("__"):
            by_file.setdefault(path, []).append(node.name)
    once = 0
    for path, names in by_file.items():
        words = Counter(re.findall(r"\w+", path.read_text(encoding="utf-8")))
        once += sum(words[name] == 2 for name in names)
    return sum(map(len, by_file.values())), once


def imports() -> dict[str, set[str]]:
    """Which room imports which, typing included."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).parts
        here = parts[0] if len(parts) > 1 else "."
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in (n.split(".") for n in names if n.startswith("detente.")):
                if (PACKAGE / name[1]).is_dir() and name[1] != here:
                    found.setdefault(here, set()).add(name[1])
    return found


def circles(graph: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Pairs of rooms that import each other, directly or through others."""

    def reach(room: str, seen: set[str]) -> set[str]:
        for other in graph.get(room, set()) - seen:
            reach(other, seen | {other})
            seen |= {other} | reach(other, seen | {other})
        return seen

    names = sorted(graph)
    ways = {name: reach(name, set()) for name in names}
    return [(a, b) for a in names for b in names if a < b and b in ways[a] and a in ways[b]]


def rows() -> Iterator[tuple[str, str, str]]:
    """Measure, value, what it should be."""
    found, total = rooms(), sum(rooms().values())
    sizes = [length(node) for _, node in functions()]
    name, largest = found.most_common(1)[0]
    many, once = private()
    yield "files", str(len(texts())), ""
    yield "lines in src", f"{total:,}", f"at most {LIMITS['lines']:,}"
    yield "largest room", f"{name}, {largest / total:.0%}", f"at most {LARGEST_ROOM:.0%}"
    yield "longest file", str(max(map(lines, PACKAGE.rglob("*.py")))), f"below {LIMITS['longest file']}"
    yield "functions", f"{len(sizes):,}", ""
    yield "median function, lines", f"{statistics.median(sizes):g}", f"at most {LIMITS['median function']}"
    yield "longest function, lines", str(max(sizes)), f"at most {LIMITS['longest function']}"
    yield "private functions", f"{many:,}", ""
    yield "of them named once", str(once), f"below {LIMITS['named once']}"
    yield "circles between rooms", ", ".join(f"{a}-{b}" for a, b in circles(imports())) or "none", "none"
    for room, size in found.most_common():
        yield f"room {room}", f"{size:,}", ""


def main() -> None:
    """Print the table."""
    for name, value, wanted in rows():
        print(f"{name:26}{value:>26}   {wanted}".rstrip())


if __name__ == "__main__":
    main()
