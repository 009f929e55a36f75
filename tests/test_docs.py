"""What the documents say is there: each target, command, setting and link."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
PROGRAMS = {"nucuoi-server": "sync_server.cli", "nucuoi-kiosk": "kiosk"}
SETTINGS = [ROOT / "config" / "server.toml", ROOT / "config" / "kiosk.toml"]


def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE)) - {"help"}


def commands(module: str) -> set[str]:
    """The commands that a program's own help lists."""
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"], capture_output=True, text=True, cwd=ROOT, timeout=60, check=True
    )
    return set(re.findall(r"^    ([a-z][a-z-]+)(?:\s|$)", done.stdout, re.MULTILINE))


def command_table(program: str) -> list[str]:
    """The commands in the README's table of a program."""
    section = README.partition(f"`{program} COMMAND`")[2].partition("\n\n`")[0]
    return sorted(re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE))


def test_the_readme_tells_every_make_target_and_no_other():
    assert set(re.findall(r"^\| `make ([a-z]+)` \|", README, re.MULTILINE)) == make_targets()
    assert set(re.findall(r"`?make ([a-z]+)", README)) <= make_targets()


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_readme_tells_every_command_and_no_other(program):
    listed = commands(PROGRAMS[program])
    assert len(listed) >= 5
    assert command_table(program) == sorted(listed)


@pytest.mark.parametrize("file", SETTINGS, ids=lambda file: file.name)
def test_every_setting_is_explained_above_it(file):
    lines = file.read_text(encoding="utf-8").splitlines()
    settings = [n for n, line in enumerate(lines) if re.match(r"(# )?[a-z_]+ = ", line)]
    assert len(settings) >= len(tomllib.loads("\n".join(lines)))
    for number in settings:
        above = number - 1
        while re.match(r"(# )?[a-z_]+ = ", lines[above]):  # two settings may share an explanation
            above -= 1
        assert lines[above].startswith("# "), f"{file.name}:{number + 1} {lines[number]}"


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_link_leads_somewhere(file):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", file.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (file.parent / link).exists()]
    assert missing == []


def test_every_document_that_the_code_names_is_there():
    named = {
        name
        for house in ("survey", "kiosk", "sync_server", "config", "benchmarks")
        for kind in ("*.py", "*.toml")
        for file in (ROOT / house).rglob(kind)
        for name in re.findall(r"docs/[a-z-]+\.md", file.read_text(encoding="utf-8"))
    }
    assert named
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_the_readme_has_the_glossary_of_the_design():
    def words(text: str) -> set[str]:
        return set(re.findall(r"^\| ([a-z /]+?)(?: \([^|]*\))? \|", text, re.MULTILINE)) - {"word"}

    design = (ROOT / "docs" / "design.md").read_text(encoding="utf-8").partition("## The house")[0]
    told = words(README.partition("## Words")[2].partition("## The house")[0])
    assert len(told) >= 12
    assert told <= words(design)


def test_every_picture_is_in_the_readme_and_every_one_there_exists() -> None:
    named = set(re.findall(r"\(assets/screenshots/([\w.-]+)\)", README))
    assert named == {file.name for file in (ROOT / "assets" / "screenshots").glob("*.png")}
