"""What the code says of itself, read from its text: docstrings, tables, records and their fields, tests.

Read, not imported: a document is about all floors, and the floors above may not be imported from here.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Function:
    """A public function: its name, the names of its arguments, the first paragraph and the whole of its docstring."""

    name: str
    arguments: tuple[str, ...]
    first: str
    docstring: str


@lru_cache(maxsize=64)
def tree(module: str) -> ast.Module:
    """The parsed text of a module such as ``laws/hostility``."""
    return ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))


def docstring(module: str, name: str = "") -> str:
    """The docstring of a module, or of the class or function ``name`` in it; "" without one."""
    node: ast.AST = tree(module)
    if name:
        node = next(n for n in tree(module).body if isinstance(n, ast.ClassDef | ast.FunctionDef) and n.name == name)
    assert isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
    return ast.get_docstring(node) or ""


def functions(module: str) -> list[Function]:
    """Public functions of a module, in order."""
    found = [n for n in tree(module).body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]
    return [_function(node) for node in found]


def _function(node: ast.FunctionDef) -> Function:
    text = ast.get_docstring(node) or ""
    names = [a.arg for a in (*node.args.args, *node.args.kwonlyargs)]
    return Function(node.name, tuple(names), " ".join(text.split("\n\n")[0].split()), text)


def fields(module: str, name: str) -> list[str]:
    """Annotated fields of the class ``name``, in order."""
    node = next(n for n in tree(module).body if isinstance(n, ast.ClassDef) and n.name == name)
    return [n.target.id for n in node.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)]


def classes(module: str) -> list[tuple[str, str]]:
    """Name and first docstring line of every public class of a module."""
    found = [n for n in tree(module).body if isinstance(n, ast.ClassDef) and not n.name.startswith("_")]
    return [(n.name, (ast.get_docstring(n) or "").split("\n")[0]) for n in found]


def tests(folder: Path, pattern: str) -> list[tuple[str, str]]:
    """File name and first line of the docstring of the test files that fit ``pattern``."""
    found = [(path.name, ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob(pattern))]
    return [(name, (ast.get_docstring(parsed) or "").split("\n\n")[0]) for name, parsed in found]
