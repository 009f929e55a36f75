"""The command line: what it makes, what it prints, and how it says no."""

import argparse
import io
import json
import socket
from pathlib import Path

import pytest
from sqlalchemy import select, text

from survey.ticket import Enrolment, read_scan
from sync_server import cli
from sync_server.config import load, secret_file, with_secret
from sync_server.models.organisation import SurveyVersion
from sync_server.models.people import AuditEntry, Staff
from sync_server.office import Office, open_office
from sync_server.services import enrolment
from sync_server.services.sessions import password_is
from tests.sync_server import builders

Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("NUCUOI_DATABASE", "NUCUOI_SECRET", "NUCUOI_CONFIG", "NUCUOI_PORT", "NUCUOI_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def url(empty_url: str, capsys: Said) -> str:
    """A database that `init` made."""
    assert cli.main(["init", "--database", empty_url]) == 0
    capsys.readouterr()
    return empty_url


@pytest.fixture
def opened(url: str) -> Office:
    """An office over `url`, by the secret that `init` made."""
    return open_office(with_secret(load(None, {}, url)))


def test_init_makes_all_that_is_needed_and_may_be_repeated(empty_url: str, capsys: Said) -> None:
    assert cli.main(["init", "--database", empty_url]) == 0
    first = capsys.readouterr().out
    assert "the default was published" in first
    assert cli.main(["init", "--database", empty_url]) == 0
    assert "kept as it is" in capsys.readouterr().out
    office = open_office(with_secret(load(None, {}, empty_url)))
    with office.database.read() as session:
        assert len(session.scalars(select(SurveyVersion)).all()) == 1
    office.database.dispose()


def test_init_makes_a_database_file_for_our_eyes_only(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "new.db"
    assert cli.main(["init", "--database", f"sqlite:///{file}"]) == 0
    assert file.stat().st_mode & 0o077 == 0


def test_a_database_sealed_with_another_secret_is_not_touched(opened: Office, url: str, capsys: Said) -> None:
    builders.make_unit(opened)
    opened.database.dispose()
    secret_file(url).write_text("another secret than before, and long enough")
    for command in (["init"], ["run", "--port", "0"]):
        assert cli.main([*command, "--database", url]) == 1
        assert "bring the old secret file back" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["run"], ["enrol-code"], ["flag"], ["demo"]])
def test_a_database_without_tables_ends_with_4_and_the_remedy(empty_url: str, capsys: Said, command: list[str]) -> None:
    with_secret(load(None, {}, empty_url), make=True)
    extra = ["--port", "0"] if command == ["run"] else []
    assert cli.main([*command, *extra, "--database", empty_url]) == 4
    assert "run `nucuoi-server init`" in capsys.readouterr().err


def test_three_faults_in_the_settings_are_told_at_once(tmp_path: Path, capsys: Said) -> None:
    file = tmp_path / "server.toml"
    file.write_text('prot = 8000\nport = "many"\nlanguage = "fr"\n')
    assert cli.main(["init", "--config", str(file)]) == 2
    faults = capsys.readouterr().err.splitlines()
    assert len(faults) == 3
    assert [fault.split(": ")[2] for fault in faults] == ["prot", "port", "language"]


def test_a_settings_file_that_is_not_there_is_named(capsys: Said) -> None:
    assert cli.main(["init", "--config", "no/such.toml"]) == 2
    assert "no/such.toml" in capsys.readouterr().err


def test_a_port_in_use_ends_with_3_and_names_another(url: str, capsys: Said) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert cli.main(["run", "--database", url, "--port", str(port)]) == 3
    said = capsys.readouterr().err
    assert f"127.0.0.1:{port}" in said
    assert "nucuoi-server run --port " in said


def test_a_port_that_is_none_is_a_wrong_setting(url: str, capsys: Said) -> None:
    assert cli.main(["run", "--database", url, "--port", "99999"]) == 2
    assert "port: must be 0 to 65535" in capsys.readouterr().err


def test_a_code_is_shown_with_its_qr_and_lets_a_kiosk_join(opened: Office, url: str, capsys: Said) -> None:
    counter = builders.make_counter(opened, builders.make_unit(opened, name="Xã Mộc Bắc"))
    builders.make_counter(opened)
    asked = ["enrol-code", "--database", url, "--counter", "quầy 1, xã mộc bắc", "--url", "https://nucuoi.example/"]
    assert cli.main(asked) == 0
    said = capsys.readouterr().out
    scanned = read_scan(said.splitlines()[-1], "x")
    assert isinstance(scanned, Enrolment)
    assert scanned.url == "https://nucuoi.example"
    assert f"{scanned.code[:4]} {scanned.code[4:]}" in said
    assert "█" in said
    with opened.database.write() as session:
        joined = enrolment.enrol(session, opened.seals, code=scanned.code, device={}, address="", now=opened.now())
    assert joined.counter_id == f"c{counter.id}"
    with opened.database.read() as session:
        assert [entry.subject for entry in session.scalars(select(AuditEntry))] == [f"c{counter.id}"]


def test_a_code_for_scripts_is_nothing_but_json(opened: Office, url: str, capsys: Said) -> None:
    unit = builders.make_unit(opened)
    assert cli.main(["enrol-code", "--database", url, "--json"]) == 0  # the only unit there is
    assert sorted(json.loads(capsys.readouterr().out)) == ["code", "nucuoi", "url"]
    assert cli.main(["enrol-code", "--database", url, "--unit", f"u{unit.id}", "--name", "Máy 2", "--json"]) == 0


def test_a_unit_that_is_not_the_only_one_must_be_named(opened: Office, url: str, capsys: Said) -> None:
    assert cli.main(["enrol-code", "--database", url]) == 1
    assert "there is no unit yet" in capsys.readouterr().err
    first, second = builders.make_unit(opened, name="Xã A"), builders.make_unit(opened, name="Xã B")
    for asked in ([], ["--unit", "Xã C"], ["--unit", "u99"]):
        assert cli.main(["enrol-code", "--database", url, *asked]) == 1
        assert f"u{first.id} Xã A, u{second.id} Xã B" in capsys.readouterr().err
    assert cli.main(["enrol-code", "--database", url, "--unit", "xã b", "--json"]) == 0


def _sign_up(url: str, *more: str) -> int:
    return cli.main(["create-staff", "--database", url, "--username", "Lan.Tran", "--role", "head", *more])


def test_an_account_is_made_with_a_password_from_a_pipe(
    opened: Office, url: str, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("mật khẩu dài\n"))
    assert _sign_up(url, "--name", "Trần Thị Lan") == 0
    assert "mật khẩu" not in capsys.readouterr().out
    with opened.database.read() as session:
        made = session.scalars(select(Staff)).one()
    assert (made.username, made.name, made.role) == ("lan.tran", "Trần Thị Lan", "head")
    assert password_is(made.password_hash, "mật khẩu dài")


def test_an_account_is_made_with_a_password_from_a_file(opened: Office, url: str, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("mật khẩu dài\n")
    unit = builders.make_unit(opened)
    assert _sign_up(url, "--password-file", str(tmp_path / "password"), "--unit", f"u{unit.id}") == 0
    with opened.database.read() as session:
        made = session.scalars(select(Staff)).one()
    assert made.unit_id == unit.id
    assert password_is(made.password_hash, "mật khẩu dài")


def test_a_wrong_account_is_refused_and_not_made(opened: Office, url: str, tmp_path: Path, capsys: Said) -> None:
    short, good = tmp_path / "short", tmp_path / "good"
    short.write_text("ngắn\n")
    good.write_text("mật khẩu dài\n")
    assert _sign_up(url, "--password-file", str(short)) == 1
    assert "has 4 characters" in capsys.readouterr().err
    assert _sign_up(url, "--password-file", str(tmp_path / "none")) == 5
    assert "none: No such file" in capsys.readouterr().err
    assert _sign_up(url, "--password-file", str(good), "--officer", "17") == 1
    assert "looks like o17" in capsys.readouterr().err
    assert _sign_up(url, "--password-file", str(good)) == 0
    assert _sign_up(url, "--password-file", str(good)) == 1
    assert "'lan.tran' is taken" in capsys.readouterr().err
    with opened.database.read() as session:
        assert len(session.scalars(select(Staff)).all()) == 1


def test_judging_nobody_changes_nobody_and_an_unknown_officer_is_told(url: str, capsys: Said) -> None:
    assert cli.main(["flag", "--database", url]) == 0
    assert "0 officers changed" in capsys.readouterr().out
    assert cli.main(["flag", "--database", url, "--explain", "o99"]) == 1
    assert "99" in capsys.readouterr().err
    assert cli.main(["flag", "--database", url, "--explain", "Lan"]) == 1
    assert "looks like o17" in capsys.readouterr().err


def _commands() -> list[str]:
    groups = [action for action in cli.parser()._actions if isinstance(action, argparse._SubParsersAction)]
    return list(groups[0].choices)


@pytest.mark.parametrize("command", _commands())
def test_every_command_has_help_and_takes_database_and_config(command: str, capsys: Said) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "--database" in said
    assert "--config" in said


def test_an_unknown_command_ends_with_2(capsys: Said) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["dance"])
    assert ended.value.code == 2


def test_a_database_of_the_wrong_kind_of_file_is_told(tmp_path: Path, capsys: Said) -> None:
    file = tmp_path / "letter.db"
    file.write_text("Thưa Ông/Bà, " * 100)
    assert cli.main(["init", "--database", f"sqlite:///{file}"]) == 4
    assert "letter.db" in capsys.readouterr().err


def test_tables_made_by_init_are_those_of_the_newest_revision(opened: Office) -> None:
    with opened.database.read() as session:
        assert session.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
