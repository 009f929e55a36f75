"""Settings of the server: the file that explains them says the truth, and every fault is told at once."""

import dataclasses
import os
import stat
import threading
import tomllib
from pathlib import Path

import pytest

from survey import resources
from survey.settings import BadSettings
from sync_server.config import ServerSettings, load, secret_file, with_secret
from sync_server.errors import DatabaseNotReady


def test_the_shipped_file_shows_every_key_with_its_default() -> None:
    text = (resources.config() / "server.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text) == dataclasses.asdict(ServerSettings())


def test_every_key_of_the_shipped_file_has_a_comment_above_it() -> None:
    lines = (resources.config() / "server.toml").read_text(encoding="utf-8").splitlines()
    bare = [
        line
        for above, line in zip(["", *lines], lines, strict=False)
        if "=" in line and not line.startswith("#") and not above.startswith("#")
    ]
    assert bare == []


def test_the_environment_goes_before_the_file_and_the_command_line_before_all(tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    file.write_text('database = "sqlite:///file.db"\nport = 1\nlanguage = "en"\n')
    environ = {"NUCUOI_PORT": "2", "NUCUOI_DATABASE": "sqlite:///environment.db"}
    found = load(file, environ)
    assert (found.database, found.port, found.language) == ("sqlite:///environment.db", 2, "en")
    assert load(file, environ, "sqlite:///command.db").database == "sqlite:///command.db"
    assert load(None, {"NUCUOI_CONFIG": str(file)}).port == 1


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s" * 40 + "\n")
    assert load(None, {"NUCUOI_SECRET_FILE": str(tmp_path / "secret")}).secret == "s" * 40


def test_all_faults_are_told_at_once_with_their_place(tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    file.write_text(
        'prot = 1\nport = "x"\nworkers = -1\nlanguage = "fr"\ntimezone = "Mars"\ndatabase = "mysql://h/d"\n'
    )
    with pytest.raises(BadSettings) as caught:
        load(file, {})
    faults = [fault.removeprefix(f"{file}: ") for fault in caught.value.faults]
    assert [fault.partition(":")[0] for fault in faults] == [
        "prot",
        "port",
        "workers",
        "database",
        "language",
        "timezone",
    ]
    assert "did you mean 'port'?" in faults[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET", "too short"),
        ("PUBLIC_URL", "nucuoi.example"),
        ("PORT", "70000"),
        ("ENROLMENT_CODE_MINUTES", "0"),
        ("TIMEZONE", "../etc/passwd"),
        ("DATABASE", "oracle://x"),
    ],
)
def test_a_value_no_server_could_run_with_is_a_fault_that_names_it(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=f"^{name.lower()}: "):
        load(None, {f"NUCUOI_{name}": value})


def test_a_secret_is_never_told_in_a_fault() -> None:
    with pytest.raises(BadSettings) as caught:
        load(None, {"NUCUOI_SECRET": "hunter2hunter2"})
    assert "hunter2" not in str(caught.value)


def test_a_secret_is_made_once_for_our_eyes_only(tmp_path: Path) -> None:
    settings = ServerSettings(database=f"sqlite:///{tmp_path / 'var' / 'nucuoi.db'}")
    made = with_secret(settings, make=True)
    file = secret_file(settings.database)
    assert file == tmp_path / "var" / "nucuoi.secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(made.secret) >= 48
    assert with_secret(settings, make=True) == with_secret(settings) == made


def test_who_starts_at_the_same_time_gets_the_same_secret(tmp_path: Path) -> None:
    settings = ServerSettings(database=f"sqlite:///{tmp_path / 'nucuoi.db'}")
    secrets: list[str] = []
    threads = [
        threading.Thread(target=lambda: secrets.append(with_secret(settings, make=True).secret)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(secrets) == 8
    assert len(set(secrets)) == 1
    assert os.listdir(tmp_path) == ["nucuoi.secret"]


@pytest.mark.parametrize("content", [None, "", "short"])
def test_a_missing_or_empty_secret_is_not_made_in_silence(tmp_path: Path, content: str | None) -> None:
    settings = ServerSettings(database=f"sqlite:///{tmp_path / 'nucuoi.db'}")
    if content is not None:
        secret_file(settings.database).write_text(content)
    with pytest.raises(DatabaseNotReady, match="bring the old file back"):
        with_secret(settings)
