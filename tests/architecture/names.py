"""Finds names that say nothing: bare participles and pronouns in the place of a thing.

`python -m tests.architecture.names PATH...` lists them. A participle may name a yes or no
(annotated `bool`, or a function that returns one): `cancelled: bool` is a state. Everything else is named
for what it is: a document, a row, a message.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_IRREGULAR = """
begun brought built chosen cut done drawn found given gone held kept known lost made met put read said
seen sent shown sought spent taken thought told written
"""
_PRONOUNS = """
both each it least mine more most one ones other others ours same such that theirs them these this those
what which who whom
"""
EMPTY_WORDS = frozenset((_IRREGULAR + _PRONOUNS).split())
# They end like a participle and are none, or are a term of the field.
OTHER_WORDS = frozenset({"degraded", "embed", "feed", "hidden", "indeed", "need", "seed", "speed"})
VERBS = frozenset({"cut", "put", "read"})  # a function may be called so: it does it


class Name(NamedTuple):
    """A name and the line that binds it."""

    text: str
    line: int


def empty_names(source: str) -> list[Name]:
    """The names of a module that are bare participles or pronouns, in the order of its lines."""
    return sorted(
        {name for name in _bindings(ast.parse(source)) if is_empty(name.text)},
        key=lambda name: name.line,
    )


def is_empty(name: str) -> bool:
    word = name.strip("_")
    if not re.fullmatch(r"[a-z]+", word) or word in OTHER_WORDS:
        return False
    return word in EMPTY_WORDS or word.endswith("ed")


def _bindings(tree: ast.Module) -> Iterator[Name]:
    flags = {id(node.target) for node in ast.walk(tree) if _declares_flag(node)}
    for node in ast.walk(tree):
        match node:
            case ast.Name(ctx=ast.Store()) if id(node) not in flags:
                yield Name(node.id, node.lineno)
            case ast.Attribute(ctx=ast.Store()) if id(node) not in flags:
                if not _is_flag_of(tree, node.attr):
                    yield Name(node.attr, node.lineno)
            case ast.arg() if not _is_bool(node.annotation):
                yield Name(node.arg, node.lineno)
            case ast.FunctionDef() | ast.AsyncFunctionDef() if not _is_bool(node.returns):
                if node.name not in VERBS:
                    yield Name(node.name, node.lineno)
            case ast.ClassDef(bases=[]) if node.name.istitle():  # of one word, no error
                yield Name(node.name.lower(), node.lineno)
            case ast.ExceptHandler(name=str(text)) | ast.MatchAs(name=str(text)):
                yield Name(text, node.lineno)
            case ast.alias(asname=str(text)):
                yield Name(text, node.lineno)


def _declares_flag(node: ast.AST) -> bool:
    return isinstance(node, ast.AnnAssign) and _is_bool(node.annotation)


def _is_flag_of(tree: ast.Module, attribute: str) -> bool:
    """Whether the module only ever stores True, False or a flag of that name in `self.attribute`."""
    values = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and target.attr == attribute
    ]
    flags = {
        parameter.arg
        for parameter in ast.walk(tree)
        if isinstance(parameter, ast.arg) and _is_bool(parameter.annotation)
    }
    return bool(values) and all(
        (isinstance(value, ast.Constant) and isinstance(value.value, bool))
        or (isinstance(value, ast.Name) and value.id in flags)
        for value in values
    )


def _is_bool(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id == "bool"


def main(paths: list[str]) -> int:
    n_names = 0
    for path in paths:
        files = sorted(Path(path).rglob("*.py")) if Path(path).is_dir() else [Path(path)]
        for file in files:
            for name in empty_names(file.read_text(encoding="utf-8")):
                print(f"{file}:{name.line}: {name.text}")
                n_names += 1
    print(f"{n_names} names that say nothing")
    return 1 if n_names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
