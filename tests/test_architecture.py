"""Who may import whom: the table of docs/design.md, held for every file of the three houses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import Rules, import_faults, init_faults, opening_faults

ROOT = Path(__file__).resolve().parent.parent
HOUSES = ("survey", "kiosk", "sync_server")

KIOSK_WINDOW = ("kiosk.app", "kiosk.kv", "kiosk.screens", "kiosk.widgets")
KIOSK_FLOW = ("kiosk.flow", "kiosk.home_visit", "kiosk.steps", "kiosk.visit", "kiosk.events")
KIOSK_STORE = ("kiosk.store", "kiosk.durable")
SERVER_HTTP = ("sync_server.api", "sync_server.web", "sync_server.app", "sync_server.cli")
SERVER_DATA = (
    "sync_server.models",
    "sync_server.db",
    "sync_server.queries",
    "sync_server.services",
    "sync_server.migrations",
)
BEHIND_THE_DESK = (
    "kiosk.__main__",
    "kiosk.carry",
    "kiosk.client",
    "kiosk.desk",
    "kiosk.disk",
    "kiosk.doctor",
    "kiosk.durable",
    "kiosk.duty",
    "kiosk.joining",
    "kiosk.journal",
    "kiosk.kept",
    "kiosk.owner",
    "kiosk.photos",
    "kiosk.recovery",
    "kiosk.store",
    "kiosk.sync",
    "kiosk.tapped",
)

TABLE = Rules(
    meets={"survey": (), "kiosk": ("survey",), "sync_server": ("survey",)},
    doors={
        "tinydb": KIOSK_STORE,
        "requests": ("kiosk.client",),
        "urllib3": ("kiosk.client",),
        "kivy": KIOSK_WINDOW,
        "flask": SERVER_HTTP,
        "flask_login": SERVER_HTTP,
        "flask_wtf": SERVER_HTTP,
        "wtforms": SERVER_HTTP,
        "flask_babel": SERVER_HTTP,
        "flask_bootstrap": SERVER_HTTP,
        "werkzeug": SERVER_HTTP,
        "sqlalchemy": SERVER_DATA,
        "alembic": SERVER_DATA,
        "faker": ("sync_server.demo.people",),
        "apprise": ("sync_server.messenger",),
        "num2words": ("sync_server.announcing",),
        "docx": ("sync_server.reporting", "sync_server.correspondence"),
        "docxtpl": ("sync_server.reporting",),
    },
    pure={
        "survey": ("survey",),
        **dict.fromkeys(KIOSK_FLOW, ("survey", *KIOSK_FLOW)),
        "kiosk.scanner": ("survey", "kiosk.scanner"),
        "sync_server.flagging": ("survey", "sync_server.flagging"),
        "sync_server.announcing": (
            "survey",
            "num2words",
            "sync_server.announcing",
            "sync_server.flagging.errors",
            "sync_server.flagging.rules",
        ),
        "sync_server.emulation": ("survey", "sync_server.emulation", "sync_server.errors", "sync_server.flagging"),
        "sync_server.notices": ("survey", "sync_server.notices"),
        "sync_server.simulation": ("survey", "sync_server.flagging", "sync_server.simulation"),
        "sync_server.reporting": (
            "survey",
            "docx",
            "docxtpl",
            "jinja2",
            "PIL",
            "sync_server.reporting",
            "sync_server.flagging",
            "sync_server.casework.workdays",
            "sync_server.errors",
            "sync_server.sheets",
        ),
        "sync_server.correspondence": (
            "survey",
            "docx",
            "sync_server.correspondence",
            "sync_server.reporting",
            "sync_server.flagging",
            "sync_server.casework.workdays",
            "sync_server.lists",
        ),
        "sync_server.models": ("survey", "sqlalchemy", "sync_server.models"),
    },
    apart={
        "kiosk.screens": BEHIND_THE_DESK,
        "kiosk.widgets": BEHIND_THE_DESK,
        "kiosk.desk": KIOSK_WINDOW,
        "kiosk.sync": KIOSK_WINDOW,
        "sync_server.api": ("sync_server.web", "sync_server.cli"),
        "sync_server.web": ("sync_server.api", "sync_server.cli"),
        "sync_server.services": ("sync_server.api", "sync_server.web", "sync_server.cli", "sync_server.app"),
        "sync_server.queries": (
            "sync_server.services",
            "sync_server.api",
            "sync_server.web",
            "sync_server.cli",
            "sync_server.app",
        ),
    },
)


def sources() -> dict[str, str]:
    """Every module of the houses: path → text."""
    return {
        str(file.relative_to(ROOT)): file.read_text(encoding="utf-8")
        for house in HOUSES
        for file in sorted((ROOT / house).rglob("*.py"))
    }


def test_every_import_is_one_that_the_table_allows():
    assert import_faults(sources(), TABLE) == []


def test_init_files_stay_empty():
    everywhere = sources() | {
        str(file.relative_to(ROOT)): file.read_text(encoding="utf-8")
        for room in ("tests", "benchmarks", "assets", "config")
        for file in (ROOT / room).rglob("__init__.py")
    }
    assert init_faults(everywhere) == []


def test_no_module_opens_a_file_a_socket_or_a_database_where_an_import_would_run_it():
    assert opening_faults(sources()) == []


def test_no_room_is_named_for_nothing():
    nameless = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
    assert [path for path in sources() if Path(path).stem in nameless] == []


def test_every_keeper_of_a_door_exists():
    """A door kept by a module that was renamed would be open to nobody, and the next one would widen the table."""
    modules = {path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in sources()}
    keepers = {keeper for keepers in TABLE.doors.values() for keeper in keepers}
    keepers |= {name for names in (*TABLE.apart.values(), TABLE.apart, TABLE.pure) for name in names}
    assert sorted(keepers - modules) == []


WATCH = """
import sys
def watch(event, args):
    if event == "open" and isinstance(args[2], int) and args[2] & 3:
        raise RuntimeError(f"opens {args[0]} for writing")
    if event in ("socket.__new__", "sqlite3.connect", "subprocess.Popen", "os.mkdir"):
        raise RuntimeError(f"{event} {args}")
modules = sys.argv[1:]
sys.dont_write_bytecode = True
import importlib
%s
sys.addaudithook(watch)
for name in modules:
    importlib.import_module(name)
"""


def importing(modules: list[str], before: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Import modules in a process of their own that may open nothing but Python files."""
    environ = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environ |= {"KIVY_HOME": str(home), "KIVY_NO_ARGS": "1", "KIVY_NO_FILELOG": "1", "KIVY_NO_CONSOLELOG": "1"}
    command = [sys.executable, "-c", WATCH % before, *modules]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environ, timeout=120, check=False)


@pytest.mark.parametrize("house", HOUSES)
def test_importing_a_whole_house_opens_nothing(house, tmp_path):
    modules = [
        path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in sources()
        if path.startswith(house + "/") and "/migrations/" not in path
    ]
    # Kivy itself makes its home when it is first imported; what is ours must not.
    before = {"kiosk": "import kivy.uix.widget", "sync_server": "import uuid, flask, sqlalchemy"}.get(house, "")
    done = importing(modules, before, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_module_that_opens_a_database_or_a_file_is_caught(tmp_path):
    for name, text in (
        ("opens_database", "import sqlite3; sqlite3.connect(':memory:')"),
        ("opens_file", f"open({str(tmp_path / 'left_behind')!r}, 'w')"),
        ("opens_socket", "import socket; socket.socket()"),
    ):
        (tmp_path / f"{name}.py").write_text(text)
        done = importing([name], f"sys.path.insert(0, {str(tmp_path)!r})", tmp_path)
        assert done.returncode != 0, f"{name} was not caught"
        assert "RuntimeError" in done.stderr


BAD = [
    ("survey/wire.py", "import requests", "imports requests: requests comes in by kiosk.client only"),
    ("survey/wire.py", "import numpy", "imports numpy: survey imports the standard library and survey only"),
    ("survey/wire.py", "from kiosk import flow", "survey and kiosk do not meet"),
    ("kiosk/sync.py", "def f():\n    from sync_server.ids import read_id", "kiosk and sync_server do not meet"),
    ("sync_server/office.py", "import kiosk.store", "sync_server and kiosk do not meet"),
    ("kiosk/desk.py", "import requests.adapters", "requests comes in by kiosk.client only"),
    ("kiosk/sync.py", "from tinydb import TinyDB", "tinydb comes in by kiosk.store, kiosk.durable only"),
    ("kiosk/desk.py", "from kivy.clock import Clock", "kivy comes in by"),
    ("sync_server/services/intake.py", "from flask import g", "flask comes in by"),
    ("sync_server/services/intake.py", "from sync_server.web import site", "never imports sync_server.web"),
    ("sync_server/web/officers.py", "from sqlalchemy import select", "sqlalchemy comes in by"),
    ("sync_server/web/officers.py", "from sync_server.api import batches", "never imports sync_server.api"),
    ("sync_server/api/batches.py", "from ..web import site", "never imports sync_server.web"),
    ("sync_server/queries/officers.py", "from sync_server.services import flags", "never imports sync_server.services"),
    ("sync_server/flagging/score.py", "import numpy", "imports the standard library and"),
    ("kiosk/screens/rate.py", "from kiosk.store import Store", "never imports kiosk.store"),
    ("kiosk/screens/rate.py", "from kiosk import client", "never imports kiosk.client"),
    ("kiosk/screens/rate.py", "from .. import desk", "never imports kiosk.desk"),
    ("kiosk/flow.py", "if TYPE_CHECKING:\n    from kiosk.store import Store", "kiosk.flow imports the standard"),
]


@pytest.mark.parametrize(("path", "source", "fault"), BAD)
def test_the_checker_finds_a_forbidden_import(path, source, fault):
    found = import_faults({path: source}, TABLE)
    assert len(found) == 1
    assert fault in found[0]


GOOD = [
    ("survey/wire.py", "import json\nfrom survey import codec"),
    ("kiosk/client.py", "import requests\nfrom survey.wire import Batch"),
    (
        "kiosk/screens/rate.py",
        "from kivy.uix.screenmanager import Screen\nfrom kiosk.flow import Visit\nimport kivyless",
    ),
    ("sync_server/web/officers.py", "from flask import Blueprint\nfrom sync_server.queries import officers"),
]


@pytest.mark.parametrize(("path", "source"), GOOD)
def test_the_checker_lets_an_allowed_import_pass(path, source):
    assert import_faults({path: source}, TABLE) == []


@pytest.mark.parametrize("source", ["import os", "X = 1", "'''Words.'''\nfrom survey import codec"])
def test_the_checker_finds_work_in_an_init_file(source):
    assert len(init_faults({"kiosk/__init__.py": source})) == 1
    assert init_faults({"kiosk/__init__.py": "'''Only words.'''", "kiosk/screens/__init__.py": ""}) == []


@pytest.mark.parametrize(
    "source",
    ["DATA = open('x').read()", "class A:\n    text = Path('x').read_text()", "if True:\n    sqlite3.connect('x')"],
)
def test_the_checker_finds_what_an_import_would_open(source):
    assert len(opening_faults({"kiosk/store.py": source})) == 1
    inside = f"def f():\n    {source.splitlines()[-1].strip()}\nif __name__ == '__main__':\n    open('x')"
    assert opening_faults({"kiosk/store.py": inside}) == []
