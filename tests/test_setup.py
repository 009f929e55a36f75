"""`make setup` on machines that lack something: the real script, with apt-get, sudo and the interpreter played."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SAYS = '#!/bin/sh\necho "$(basename "$0") $*" >> "{log}"\n'


class Machine:
    """A checkout in a folder of its own. `path`: where the played programs are; `log`: how they were called."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path, self.log = folder, folder / "bin", folder / "calls.log"
        shutil.copytree(ROOT / "config" / "setup", folder / "config" / "setup")
        self.packages = folder / "config" / "setup" / "packages.txt"
        self.play("apt-get")
        self.play("python", self.folder / ".venv" / "bin")

    def play(self, name: str, place: Path | None = None, then: str = "") -> None:
        """Put a program there that only notes how it was called."""
        place = place or self.path
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(SAYS.format(log=self.log) + then, encoding="utf-8")
        (place / name).chmod(0o755)

    def setup(self, *words: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        environ = {**os.environ, "PATH": path or f"{self.path}:{os.environ['PATH']}", "PYTHON": sys.executable}
        script = self.folder / "config" / "setup" / "setup.sh"
        return subprocess.run(
            [str(script), *words], env=environ, capture_output=True, text=True, timeout=60, check=False
        )

    @property
    def calls(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_where_nothing_is_missing_apt_is_not_called(machine):
    machine.packages.write_text("sh command:sh all\npython3 python:json kiosk\nlibc6 library:libc.so.6 dev\n")
    done = machine.setup()
    assert done.returncode == 0, done.stderr
    assert not [call for call in machine.calls if call.startswith("apt-get")]
    assert [call for call in machine.calls if "pip install" in call and "[kiosk,server,camera,postgres,dev]" in call]


def test_what_is_missing_is_said_and_installed_and_nothing_else(machine):
    machine.packages.write_text(
        "# a line that explains\n"
        "sh command:sh all\n"
        "flying-carpet command:fly-nowhere dev\n"
        "libmoon1 library:libmoon.so.1 kiosk\n"
        "stone file:/nowhere/*/stone all\n"
        "snake python:no_such_module all\n"
    )
    machine.play("sudo", then='[ "$1" = env ] && shift 2; "$@"\n')
    done = machine.setup()
    assert done.returncode == 0, done.stderr
    (install,) = [call for call in machine.calls if call.startswith("apt-get install")]
    assert install.endswith(" flying-carpet libmoon1 stone snake")
    assert "flying-carpet libmoon1 stone snake" in done.stdout


def test_a_kiosk_needs_no_browser_and_a_server_no_screen(machine):
    machine.packages.write_text("browser command:no-browser dev\nlibscreen library:libscreen.so.9 kiosk\n")
    machine.play("sudo", then='[ "$1" = env ] && shift 2; "$@"\n')
    assert machine.setup("server").returncode == 0
    assert not [call for call in machine.calls if call.startswith("apt-get")]
    assert machine.setup("kiosk").returncode == 0
    (install,) = [call for call in machine.calls if call.startswith("apt-get install")]
    assert install.endswith(" libscreen")


def test_a_daemon_that_only_the_tests_want_is_not_started(machine, monkeypatch):
    policy = machine.folder / "policy-rc.d"
    monkeypatch.setenv("NUCUOI_POLICY", str(policy))
    machine.packages.write_text("haproxy command:no-such-haproxy dev\n")
    machine.play("apt-get", then=f'[ "$1" = install ] && sh "{policy}"; echo "policy $?" >> "{machine.log}"; true\n')
    machine.play("sudo", then='[ "$1" = env ] && shift 2; "$@"\n')
    machine.play("systemctl")
    done = machine.setup()
    assert done.returncode == 0, done.stderr
    assert "policy 101" in machine.calls
    assert "systemctl disable -q haproxy" in machine.calls
    assert not policy.exists()


def test_an_owners_own_word_on_daemons_stays(machine, monkeypatch):
    policy = machine.folder / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n")
    monkeypatch.setenv("NUCUOI_POLICY", str(policy))
    machine.packages.write_text("etcd-server command:no-such-etcd dev\n")
    machine.play("sudo", then='[ "$1" = env ] && shift 2; "$@"\n')
    assert machine.setup().returncode == 0
    assert policy.read_text() == "#!/bin/sh\nexit 0\n"


def test_an_unknown_part_is_told_what_to_say_instead(machine):
    done = machine.setup("all-of-it")
    assert done.returncode == 2
    assert "choose all, kiosk or server" in done.stderr
    assert machine.calls == []


def test_without_a_fitting_python_nothing_is_begun(machine):
    (machine.path / "python3").write_text("#!/bin/sh\nexit 1\n")
    (machine.path / "python3").chmod(0o755)
    script = machine.folder / "config" / "setup" / "setup.sh"
    environ = {**os.environ, "PATH": f"{machine.path}:{os.environ['PATH']}", "PYTHON": "python3"}
    done = subprocess.run([str(script)], env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "no Python 3.11 to 3.13" in done.stderr
    assert machine.calls == []


def test_the_shipped_list_can_be_read(machine):
    known = {"command", "library", "file", "python"}
    rows = [line.split() for line in (ROOT / "config/setup/packages.txt").read_text().splitlines() if line[0] != "#"]
    assert len(rows) >= 8
    for package, seen_by, part in rows:
        assert seen_by.partition(":")[0] in known, package
        assert part in ("all", "kiosk", "server", "dev"), package
