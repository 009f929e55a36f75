"""`nucuoi-kiosk` as a technician types it: what it prints, and how it ends."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import __main__ as command
from kiosk.store import Store, open_store
from survey import codec
from survey.wire import Receipt
from tests.kiosk.builders import MONDAY, a_rating, a_setup, an_id
from tests.kiosk.fakes import CARRY_KEY
from tests.kiosk.lying_server import LyingServer, a_lying_server, problem, says

ENROLLED = {"kiosk_id": "k1", "key": "the-key", "carry_key": CARRY_KEY, "unit_id": "u", "counter_id": None}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def liar() -> Iterator[LyingServer]:
    with a_lying_server() as liar:
        yield liar


def run(*arguments: str | Path) -> int:
    return command.main([str(argument) for argument in arguments])


def pair(liar: LyingServer, directory: Path) -> None:
    def answer(handler: object) -> None:
        body = (
            says(201, ENROLLED) if liar.asked[-1].method == "POST" else says(200, codec.encode(a_setup()), ETag='"1"')
        )
        body(handler)  # type: ignore[arg-type]

    liar.answer = answer
    assert run("enrol", liar.url, "CODE", "--data-dir", directory) == 0


def rate(store: Store, number: int) -> None:
    store.open_rating(a_rating(number))
    store.close_rating(an_id(number))


def test_enrolling_says_where_this_kiosk_stands_now(
    liar: LyingServer, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair(liar, directory)
    assert "UBND phường Hòa Mạc, Quầy số 1" in capsys.readouterr().out
    assert liar.asked[0].document["device"]["app_version"]


def test_a_wrong_code_and_a_server_away_end_differently(
    liar: LyingServer, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    liar.answer = problem(403, "bad_code")
    assert run("--data-dir", directory, "enrol", liar.url, "WRONG") == command.FAILED
    assert "make a new one on the server" in capsys.readouterr().err
    assert run("--data-dir", directory, "enrol", "http://127.0.0.1:1", "CODE") == command.AWAY


def test_status_beside_a_running_kiosk_says_what_waits_and_what_is_parked(
    liar: LyingServer, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair(liar, directory)
    store = open_store(directory)  # a running kiosk
    for number in (1, 2, 3):
        rate(store, number)
    first = store.waiting(1)[0]
    store.settle(first, Receipt(id=first.id, verdict="refused", code="unknown_officer"), MONDAY)
    capsys.readouterr()
    assert run("status", "--data-dir", directory) == 0
    said = capsys.readouterr().out
    store.close()
    assert "waiting      2" in said
    assert "parked       1" in said
    assert "Nguyễn Thị Hòa  unknown_officer: no officer with this id" in said
    assert "last sent    never" in said
    assert "the-key" not in said
    assert "H42.12" not in said, "no dossier code on a screen"


def test_a_directory_in_use_ends_with_three_and_names_the_process(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = open_store(directory)
    assert run("enrol", "http://127.0.0.1:1", "CODE", "--data-dir", directory) == command.BUSY
    assert f"process {os.getpid()}" in capsys.readouterr().err
    store.close()


def test_three_faults_in_the_settings_are_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text('fulscreen = true\nheartbeat_s = "often"\nsource = 7\n')
    assert run("status", "--config", file) == command.USAGE
    said = capsys.readouterr().err
    assert "did you mean 'fullscreen'" in said
    assert "heartbeat_s" in said
    assert "source" in said


def test_a_wrong_window_size_and_a_missing_file_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("run", "--windowed", "huge") == command.USAGE
    assert "like 1280x800" in capsys.readouterr().err
    assert run("--config", tmp_path / "no.toml", "status") == command.USAGE
    assert "no.toml" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["dance"], ["enrol", "http://a"], ["export-usb"]])
def test_wrong_usage_ends_with_two(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        command.main(arguments)
    assert end.value.code == command.USAGE


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ([], ["run"], ["enrol"], ["status"], ["doctor"], ["export-usb"]):
        with pytest.raises(SystemExit) as end:
            command.main([*name, "--help"])
        assert end.value.code == 0
        assert "--data-dir" in capsys.readouterr().out


def test_ratings_are_copied_to_a_stick_beside_a_running_kiosk(
    liar: LyingServer, directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair(liar, directory)
    store = open_store(directory)
    rate(store, 1)
    stick = tmp_path / "stick"
    stick.mkdir()
    assert run("export-usb", stick, "--data-dir", directory) == 0
    assert "1 ratings copied" in capsys.readouterr().out
    assert len(list(stick.glob("ratings-k1-*.nucuoi"))) == 1
    assert run("export-usb", tmp_path / "nowhere", "--data-dir", directory) == command.FAILED
    store.close()


def test_the_doctor_ends_with_one_when_something_must_be_mended(
    liar: LyingServer, directory: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pair(liar, directory)
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    assert run("doctor", "--data-dir", directory) == 0
    assert "[ok]   server" in capsys.readouterr().out
    liar.answer = problem(401, "kiosk_retired")
    assert run("doctor", "--data-dir", directory) == command.FAILED
    assert "enrol again" in capsys.readouterr().out


@pytest.mark.parametrize("display", [None, ":7654"])
def test_a_missing_screen_is_told_and_ends_with_four(
    directory: Path, display: str | None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    if display is not None:
        monkeypatch.setenv("DISPLAY", display)
    monkeypatch.setattr("kiosk.doctor.Path.exists", lambda path: False)  # no graphics card either
    assert run("run", "--data-dir", directory) == command.NO_DISPLAY
    assert "DISPLAY" in capsys.readouterr().err
    assert not directory.is_dir(), "nothing was opened"


def test_no_command_but_run_loads_the_window_library(directory: Path) -> None:
    script = (
        "import sys, kiosk.__main__ as m; m.main(['status', '--data-dir', sys.argv[1]]); print('kivy' in sys.modules)"
    )
    open_store(directory).close()
    done = subprocess.run([sys.executable, "-c", script, str(directory)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


def test_a_log_file_that_cannot_be_written_does_not_stop_the_kiosk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = command.config.load(None, {"NUCUOI_KIOSK_LOG_FILE": str(tmp_path / "no" / "log")})
    command._begin_log(settings, quiet=False)
    assert "logging here" in capsys.readouterr().err
