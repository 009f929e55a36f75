"""The installer of a Raspberry Pi, run for real: dry, and into a folder that stands for the system."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "config" / "raspberry-pi" / "install.sh"
UNIT = ROOT / "config" / "systemd" / "nucuoi-kiosk.service"
CHANGERS = ("adduser", "apt-get", "systemctl", "udevadm", "make", "install", "mv", "rm")
KERNEL_LINE = (
    "console=serial0,115200 console=tty1 root=PARTUUID=4e639091-02 rootfstype=ext4 quiet rootwait consoleblank=600\n"
)


class Pi:
    """A system in a folder, and programs that only note how they were called."""

    def __init__(self, folder: Path) -> None:
        self.system, self.log, played = folder / "system", folder / "calls.log", folder / "bin"
        boot = self.system / "boot" / "firmware"
        boot.mkdir(parents=True)
        played.mkdir()
        self.kernel_line, self.boot_config = boot / "cmdline.txt", boot / "config.txt"
        self.kernel_line.write_text(KERNEL_LINE)
        self.boot_config.write_text("[pi4]\narm_boost=1\n")
        self._played = played

    def play(self, *names: str) -> None:
        for name in names:
            (self._played / name).write_text(f'#!/bin/sh\necho "{name} $*" >> "{self.log}"\n')
            (self._played / name).chmod(0o755)

    def install(self, *words: str) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, "PATH": f"{self._played}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
        command = [str(SCRIPT), "--root", str(self.system), *words]
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)

    def files(self) -> dict[str, bytes]:
        """Every file of the system: path → content."""
        return {
            str(path.relative_to(self.system)): path.read_bytes() for path in self.system.rglob("*") if path.is_file()
        }


@pytest.fixture
def pi(tmp_path):
    return Pi(tmp_path)


def laid(text: str) -> list[tuple[str, str]]:
    """(file of the repository, its place) of each put."""
    return re.findall(r"^(?:would )?put: (\S+) → (\S+)$", text, re.MULTILINE)


def test_a_dry_run_names_every_act_and_changes_nothing(pi):
    pi.play(*CHANGERS)
    before = pi.files()
    for _ in range(2):
        done = pi.install("--dry-run", "--read-only-root")
        assert done.returncode == 0, done.stderr
        assert "nothing was changed" in done.stdout
        for act in (
            "adduser --system",
            "systemctl enable nucuoi-kiosk.service",
            "systemctl set-default multi-user.target",
        ):
            assert f"would run: {act}" in done.stdout
        assert "consoleblank=0" in done.stdout
        assert len(laid(done.stdout)) == 8
        assert pi.files() == before
        assert not pi.log.exists(), pi.log.read_text()


def test_every_file_that_is_laid_is_in_the_repository(pi):
    pairs = laid(pi.install("--dry-run").stdout)
    assert [source for source, _ in pairs if not (ROOT / source).is_file()] == []
    named = set(re.findall(r"config/[\w./-]+\.(?:service|conf|rules|toml)", SCRIPT.read_text()))
    assert named == {source for source, _ in pairs}
    beside = {f"config/raspberry-pi/{file.name}" for file in SCRIPT.parent.iterdir()} - {
        f"config/raspberry-pi/{SCRIPT.name}"
    }
    assert beside <= named, "a file that nothing puts anywhere"


def test_the_files_arrive_whole_and_a_second_run_changes_nothing(pi):
    done = pi.install()
    assert done.returncode == 0, done.stderr
    for source, place in laid(done.stdout):
        assert Path(place).read_bytes() == (ROOT / source).read_bytes()
        assert Path(place).is_relative_to(pi.system)
    after = pi.files()
    assert len(after) == 8 + 2
    again = pi.install()
    assert again.returncode == 0, again.stderr
    assert "everything is as it should be already" in again.stdout
    assert "systemctl" not in again.stdout
    assert pi.files() == after


@pytest.mark.parametrize("option", [(), ("--read-only-root",)])
def test_the_kernels_line_stays_one_line_with_each_word_once(pi, option):
    for _ in range(3):
        assert pi.install(*option).returncode == 0
    line = pi.kernel_line.read_text()
    assert line.count("\n") == 1
    words = line.split()
    assert words[:4] == KERNEL_LINE.split()[:4]
    assert len(words) == len(set(words))
    assert "consoleblank=0" in words
    assert "consoleblank=600" not in words
    assert ("overlayroot=tmpfs:recurse=0" in words) == bool(option)
    assert pi.boot_config.read_text() == "[pi4]\narm_boost=1\n\n[all]\ndisable_splash=1\n"


def test_settings_that_somebody_wrote_are_kept(pi):
    settings = pi.system / "etc" / "nucuoi" / "kiosk.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("sound = true\n")
    assert pi.install().returncode == 0
    assert settings.read_text() == "sound = true\n"


def test_an_allowed_mouse_takes_the_rule_against_it_away(pi):
    rule = pi.system / "etc/udev/rules.d/99-nucuoi-touch.rules"
    assert pi.install().returncode == 0
    assert rule.exists()
    assert pi.install("--allow-mouse").returncode == 0
    assert not rule.exists()


def test_a_read_only_system_without_a_place_for_ratings_is_warned_of(pi):
    assert "forgets every rating at power-off" in pi.install("--dry-run", "--read-only-root").stdout
    assert "forgets" not in pi.install("--dry-run").stdout


@pytest.mark.parametrize(("words", "said"), [(("--dry-runn",), "'--dry-runn' is no option"), (("--root", "x"), "'x'")])
def test_a_wrong_word_begins_nothing(pi, words, said):
    before = pi.files()
    done = pi.install(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert pi.files() == before


def test_the_system_itself_is_changed_only_from_where_the_unit_starts_it(tmp_path):
    """Without --root, and not at /opt/nucuoi or not as root: refused before anything is done."""
    played = Pi(tmp_path)
    played.play(*CHANGERS)
    environ = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    shutil.copytree(ROOT / "config" / "raspberry-pi", tmp_path / "nucuoi" / "config" / "raspberry-pi")
    script = tmp_path / "nucuoi" / "config" / "raspberry-pi" / "install.sh"
    done = subprocess.run([str(script)], env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert re.search("with sudo|move this checkout", done.stderr)
    assert not played.log.exists()


def unit_settings() -> dict[str, list[str]]:
    pairs = re.findall(r"^(\w+)=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: [value for other, value in pairs if other == name] for name, _ in pairs}


def test_the_unit_is_watched_and_never_given_up():
    unit = unit_settings()
    assert unit["Type"] == ["notify"]
    assert unit["NotifyAccess"] == ["main"]
    assert 15 <= int(unit["WatchdogSec"][0]) <= 120
    assert unit["Restart"] == ["always"]
    assert unit["StartLimitIntervalSec"] == ["0"]
    assert "PAMName" not in unit, "systemd would drop the beats of what a session scope holds"


def test_the_unit_starts_what_setup_installs():
    (start,) = unit_settings()["ExecStart"]
    program, command = start.removeprefix("/opt/nucuoi/.venv/bin/").split()
    assert f'{program} = "kiosk.__main__:main"' in (ROOT / "pyproject.toml").read_text()
    assert command == "run"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_finds_no_fault_in_the_unit(tmp_path):
    """The program is not in its place on this machine: another stands in for it."""
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (tmp_path / UNIT.name).write_text(text, encoding="utf-8")
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / UNIT.name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert UNIT.name not in done.stderr


def test_the_journal_is_bounded():
    text = (SCRIPT.parent / "journal.conf").read_text(encoding="utf-8")
    assert re.search(r"^SystemMaxUse=\d+M$", text, re.MULTILINE)
    assert re.search(r"^RuntimeMaxUse=\d+M$", text, re.MULTILINE)
