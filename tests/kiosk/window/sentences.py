"""Finds every sentence that the kiosk may show: what stands in `say(…)` and `notice(…)` of its modules and rules."""

import ast
import re
from pathlib import Path

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
        if name not in _CALLS or not isinstance(node, ast.Call) or not node.args:
            continue
        said = [node.args[0], *(constants[n.id] for n in ast.walk(node.args[0]) if getattr(n, "id", "") in constants)]
        for part in said:
            found |= {n.value for n in ast.walk(part) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return found - {""}


def all_sentences() -> set[str]:
    """Everything that a catalogue must hold."""
    found: set[str] = set()
    for file in (*KIOSK.rglob("*.kv"), *KIOSK.rglob("*.py")):
        find = in_rules if file.suffix == ".kv" else in_module
        found |= find(file.read_text(encoding="utf-8"))
    return found
