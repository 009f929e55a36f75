"""What can be known of the Android app without building it: its packages, and that what is collected starts."""

import ast
import configparser
import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[3]
ANDROID = ROOT / "config" / "android"
RECIPES = {"kivy", "cryptography"}
"""What holds compiled code and has a recipe in python-for-android, which brings what it needs itself."""
OPTIONAL_SPEED = {"charset-normalizer"}
"""Compiled here for speed; also published as plain Python."""
INTERPRETER = {"python3", "hostpython3", "openssl"}


@pytest.fixture(scope="module")
def spec() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ANDROID / "buildozer.spec", encoding="utf-8")
    return parser["app"]


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("app")
    for _ in range(2):
        subprocess.run([str(ANDROID / "build.sh"), "--collect", str(folder)], check=True, timeout=60)
    return folder


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required(spec: configparser.SectionProxy) -> set[str]:
    return {plain(item.partition("==")[0].strip()) for item in spec["requirements"].split(",")} - INTERPRETER


def imported() -> set[str]:
    """Distributions of all that the kiosk and the survey import, and what those need at run time."""
    trees = [
        ast.parse(file.read_text(encoding="utf-8")) for h in ("kiosk", "survey") for file in (ROOT / h).rglob("*.py")
    ]
    modules = {
        name.partition(".")[0]
        for tree in trees
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
    }
    # The font is read as files, without an import.
    modules |= {"fontpkg_be_vietnam_pro"}
    owners = importlib.metadata.packages_distributions()
    outside = modules - set(sys.stdlib_module_names) - {"kiosk", "survey", ""}
    assert sorted(outside - set(owners)) == []
    wanted = {plain(owners[module][0]) for module in outside}
    for name in [*wanted]:
        wanted |= needs(name)
    return wanted


def needs(name: str) -> set[str]:
    """What a package asks for on Android, and so on; a recipe brings its own."""
    if name in RECIPES:
        return set()
    rows = [Requirement(text) for text in importlib.metadata.requires(name) or ()]
    direct = {plain(row.name) for row in rows if row.marker is None or row.marker.evaluate({"extra": ""})}
    return direct.union(*(needs(other) for other in direct)) if direct else set()


def test_the_app_holds_every_package_that_the_kiosk_imports_and_no_other(spec):
    wanted = imported() - {"zxing-cpp"}  # the camera's; without a recipe, and left out (the file says so)
    assert {"kivy", "requests", "tinydb"} <= wanted
    assert required(spec) == wanted


def test_compiled_packages_are_those_with_a_recipe(spec):
    for name in required(spec):
        files = importlib.metadata.files(name) or ()
        compiled = [str(file) for file in files if str(file).endswith((".so", ".pyd"))]
        assert bool(compiled) == (name in RECIPES | OPTIONAL_SPEED), f"{name}: {compiled[:3]}"


def test_the_python_of_the_app_is_one_that_the_project_allows(spec):
    versions = dict(item.strip().split("==") for item in spec["requirements"].split(",") if "python3==" in item)
    assert versions["python3"] == versions["hostpython3"]
    assert (3, 11) <= tuple(int(part) for part in versions["python3"].split(".")[:2]) < (3, 14)


def test_the_app_asks_for_the_network_and_for_nothing_of_the_citizen(spec):
    permissions = {name.strip().rpartition(".")[2] for name in spec["android.permissions"].split(",")}
    assert permissions == {"INTERNET", "ACCESS_NETWORK_STATE"}
    assert spec["android.allow_backup"] == "False"


def test_the_home_screens_filter_can_be_read(spec):
    """It is pasted into the manifest, which binds the prefix."""
    text = (ANDROID / spec["android.manifest.intent_filters"]).read_text(encoding="utf-8")
    manifest = ElementTree.fromstring(f'<m xmlns:android="http://schemas.android.com/apk/res/android">{text}</m>')
    assert [child.tag for child in manifest] == ["intent-filter"]
    assert "android.intent.category.HOME" in text


def test_no_file_of_the_collected_folder_is_left_out_by_its_ending(spec, collected):
    taken = {f".{ending.strip()}" for ending in spec["source.include_exts"].split(",")}
    left = {file.name for file in collected.rglob("*") if file.is_file() and file.suffix not in taken}
    assert left == set()
    assert spec["version.filename"] == "%(source.dir)s/pyproject.toml"
    assert re.search(spec["version.regex"], (collected / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_collected_folder_holds_the_kiosk_and_nothing_of_the_server(collected):
    rules = {str(file.relative_to(ROOT)) for file in (ROOT / "kiosk").rglob("*.kv")} | {"assets/theme.kv"}
    arrived = {str(file.relative_to(collected)) for file in collected.rglob("*") if file.is_file()}
    assert rules <= arrived
    assert not [path for path in arrived if path.startswith(("sync_server", "tests")) or "server" in Path(path).stem]


def test_the_collected_folder_starts_by_itself(collected, tmp_path):
    """Run away from the checkout: what it needs must be in it."""
    script = (
        f"import sys, runpy; sys.path.insert(0, {str(collected)!r}); sys.argv = ['main.py', '--version']\n"
        "import kiosk.desk, survey.resources\n"
        "print(kiosk.desk.__file__, survey.resources.config(), survey.resources.assets())\n"
        f"runpy.run_path({str(collected / 'main.py')!r}, run_name='__main__')\n"
    )
    environ = {**os.environ, "ANDROID_PRIVATE": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    places, version = done.stdout.splitlines()
    assert all(place.startswith(str(collected)) for place in places.split())
    assert version.startswith("nucuoi-kiosk ")
