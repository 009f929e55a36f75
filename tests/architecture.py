"""Reads sources and says which imports the house does not allow. The rules are in `tests/test_architecture.py`."""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

OPENERS = frozenset(
    {"open", "read_text", "read_bytes", "write_text", "write_bytes", "connect", "create_engine", "socket", "Popen"}
)
"""Calls that open a file, socket, process or database; none may stand where an import would run it."""


@dataclass(frozen=True, slots=True)
class Import:
    """`importer` imports `imported` (dotted names), in this line of its file."""

    importer: str
    imported: str
    line: int


@dataclass(frozen=True, slots=True)
class Rules:
    """The table. A name stands for itself and all that lies below it.

    meets: house → other houses of ours that it may import.
    doors: package from outside → the only modules that may import it.
    pure: modules that may import the standard library and these names only.
    apart: modules → names of ours that they may not import.
    """

    meets: Mapping[str, tuple[str, ...]]
    doors: Mapping[str, tuple[str, ...]]
    pure: Mapping[str, tuple[str, ...]]
    apart: Mapping[str, tuple[str, ...]]


def covers(name: str, module: str) -> bool:
    """Whether `module` is `name` or lies below it."""
    return module == name or module.startswith(name + ".")


def module_of(path: str) -> str:
    """`kiosk/screens/rate.py` → `kiosk.screens.rate`; a package's `__init__.py` is the package."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports_of(path: str, source: str) -> Iterator[Import]:
    """Every import of a file, also those inside functions and `if TYPE_CHECKING`.

    `from a import b` counts as `a.b`: b may be a module, and a name of module `a` lies below it all the same.
    """
    module = module_of(path)
    package = module if path.endswith("/__init__.py") else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(source, path)):
        if isinstance(node, ast.Import):
            yield from (Import(module, alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
                base = f"{above}.{base}" if base else above
            yield from (Import(module, f"{base}.{alias.name}", node.lineno) for alias in node.names)


def import_faults(sources: Mapping[str, str], rules: Rules) -> list[str]:
    """One sentence for each import that the table does not allow. sources: path → text."""
    return [
        f"{found.importer}:{found.line} imports {found.imported}: {why}"
        for path, source in sources.items()
        for found in imports_of(path, source)
        if (why := _forbidden(found, rules))
    ]


def _forbidden(found: Import, rules: Rules) -> str | None:
    house, other = found.importer.partition(".")[0], found.imported.partition(".")[0]
    if other in rules.meets and other != house and other not in rules.meets[house]:
        return f"{house} and {other} do not meet"
    for package, keepers in rules.doors.items():
        if covers(package, found.imported) and not any(covers(keeper, found.importer) for keeper in keepers):
            return f"{package} comes in by {', '.join(keepers)} only"
    for module, allowed in rules.pure.items():
        if covers(module, found.importer) and not _is_plain(found.imported, allowed):
            return f"{module} imports the standard library and {', '.join(allowed)} only"
    for module, others in rules.apart.items():
        if covers(module, found.importer):
            for name in others:
                if covers(name, found.imported):
                    return f"{module} never imports {name}"
    return None


def _is_plain(imported: str, allowed: tuple[str, ...]) -> bool:
    top = imported.partition(".")[0]
    return top in sys.stdlib_module_names or any(covers(name, imported) for name in allowed)


def init_faults(sources: Mapping[str, str]) -> list[str]:
    """The `__init__.py` files that hold more than a docstring."""
    return [
        f"{path}: must stay empty of work"
        for path, source in sources.items()
        if path.endswith("__init__.py") and any(not _is_docstring(node) for node in ast.parse(source).body)
    ]


def opening_faults(sources: Mapping[str, str]) -> list[str]:
    """Calls that open something and run when the module is imported."""
    return [
        f"{path}:{call.lineno} calls {name}() when it is imported"
        for path, source in sources.items()
        for call in _calls_at_import(ast.parse(source, path))
        if (name := _name_called(call)) in OPENERS
    ]


def _calls_at_import(node: ast.AST) -> Iterator[ast.Call]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) or _is_main_guard(child):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from _calls_at_import(child)


def _name_called(call: ast.Call) -> str:
    target = call.func
    return target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""


def _is_main_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "__main__" in ast.unparse(node.test)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
