"""A module of skills that is not imported yet, and the line in it where a declaration fails."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
import traceback
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.skill import Skill


@dataclass(frozen=True, slots=True)
class Source:
    """A module that has been found and is not imported yet."""

    name: str
    where: str
    load: Callable[[], types.ModuleType]
    load_without: Callable[[frozenset[int]], types.ModuleType] | None = None
    """Imports all but the functions that stand on these lines; None where that cannot be done."""


def file_source(path: Path) -> Source:
    """A household's file."""
    path = path.absolute()
    # A name of its own, so that a household's music.py hides no installed package of that name.
    unique = f"hark_plugin_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}_{path.stem}"

    def load(without: frozenset[int] = frozenset()) -> types.ModuleType:
        spec = importlib.util.spec_from_file_location(unique, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{path} is not a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[unique] = module
        try:
            if without:
                exec(_compiled(path, without), vars(module))  # noqa: S102 - what importing does, minus some functions
            else:
                spec.loader.exec_module(module)
        except BaseException:
            sys.modules.pop(unique, None)
            raise
        return module

    return Source(path.stem, str(path), load, load)


def _compiled(path: Path, without: frozenset[int]) -> types.CodeType:
    """The file's code without the functions that stand, decorators included, on these lines."""
    tree = ast.parse(path.read_bytes(), str(path))

    def stays(node: ast.stmt) -> bool:
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return True
        return without.isdisjoint(range(_first(node), (node.end_lineno or node.lineno) + 1))

    tree.body = [node for node in tree.body if stays(node)]
    return compile(tree, str(path), "exec")


def declaration_line(source: Source, error: BaseException) -> int | None:
    """The line of the module where a skill was declared wrongly; None for any other error."""
    frames = list(traceback.walk_tb(error.__traceback__))
    own = [(frame, line) for frame, line in frames if frame.f_code.co_filename == source.where]
    if not own:
        return None
    frame, line = own[-1]
    if isinstance(error, (TypeError, ValueError)) and frames[-1][0].f_globals.get("__name__") == Skill.__module__:
        return line
    # A type that nobody knows, or what `@skill` does not take: Python itself refuses it, where it is declared.
    by_python = isinstance(error, (NameError, AttributeError, TypeError)) and frames[-1][0] is frame
    return line if by_python and frame.f_code.co_name == "<module>" and line in _heads(source.where) else None


def _heads(where: str) -> frozenset[int]:
    """The lines of a file from the decorators of its functions to where their bodies begin."""
    return frozenset(
        line
        for node in ast.parse(Path(where).read_bytes()).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.decorator_list
        for line in range(_first(node), node.body[0].lineno)
    )


def _first(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
