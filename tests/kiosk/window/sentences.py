"""Finds every sentence that the kiosk may show, in `say(…)` and `notice(…)` of its modules and rules, or say aloud."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from kiosk.screens.prompts import PROMPTS

KIOSK = Path(__file__).resolve().parents[3] / "kiosk"
_CALLS = {"say", "notice", "tell_how"}
_RULE = re.compile(r"say\((.+?), root\.language")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")


def in_rules(text: str) -> set[str]:
    """The sentences of one `.kv` file."""
    return {words for call in _RULE.findall(text) for words in _QUOTED.findall(call)}


def in_module(text: str) -> set[str]:
    """The sentences of one module; a name as the argument means the constant of that name."""
    tree = ast.parse(text)
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
        if name.lstrip("_") in _CALLS and isinstance(node, ast.Call) and node.args:
            found |= set(_said(node.args[0], constants))
    return found - {""}


def _said(node: ast.expr, constants: dict[str, ast.expr]) -> Iterator[str]:
    """The strings that an argument may turn out to be."""
    match node:
        case ast.Constant(value=str(words)):
            yield words
        case ast.IfExp(body=one, orelse=other):
            yield from _said(one, constants)
            yield from _said(other, constants)
        case ast.Dict(values=values):
            for value in values:
                yield from _said(value, constants)
        case ast.Subscript(value=value):
            yield from _said(value, constants)
        case ast.Name(id=name) if name in constants:
            yield from _said(constants[name], constants)


def all_sentences() -> set[str]:
    """Everything that a catalogue must hold."""
    found = {sentence for spoken in PROMPTS.values() for sentence in spoken}
    for file in (*KIOSK.rglob("*.kv"), *KIOSK.rglob("*.py")):
        find = in_rules if file.suffix == ".kv" else in_module
        found |= find(file.read_text(encoding="utf-8"))
    return found
