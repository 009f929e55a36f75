"""Settings: defaults ← file ← environment."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from survey import settings
from survey.settings import BadSettings


@dataclass(frozen=True, kw_only=True)
class Sample:
    server: str = "http://localhost"
    secret: str = ""
    idle_timeout_s: float = 30.0
    port: int = 8000
    full_screen: bool = True
    languages: tuple[str, ...] = ("vi", "en")
    data_dir: Path = Path("var")
    diagonal_inch: float | None = None


def load(environ: dict[str, str] | None = None, file: Path | None = None) -> Sample:
    return settings.load(Sample, file=file, environ=environ or {}, prefix="TEST")


def written(folder: Path, text: str) -> Path:
    file = folder / "sample.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_file_and_environment_the_defaults_hold():
    assert load() == Sample()


def test_the_environment_goes_before_the_file_and_the_file_before_the_defaults(tmp_path):
    file = written(tmp_path, 'port = 1\nserver = "http://a"')
    assert load({"TEST_PORT": "2"}, file) == Sample(port=2, server="http://a")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("port", "81", 81),
        ("idle_timeout_s", "12.5", 12.5),
        ("idle_timeout_s", "12", 12.0),
        ("full_screen", "FALSE", False),
        ("languages", "vi, en ,tay", ("vi", "en", "tay")),
        ("data_dir", "/srv/data", Path("/srv/data")),
        ("diagonal_inch", "10.1", 10.1),
        ("server", "2024", "2024"),
    ],
)
def test_a_text_of_the_environment_becomes_the_settings_own_type(name, text, value):
    assert getattr(load({f"TEST_{name.upper()}": text}), name) == value


def test_a_secret_may_lie_in_a_file_that_the_environment_names(tmp_path):
    (tmp_path / "secret").write_text("xin chào\n", encoding="utf-8")
    assert load({"TEST_SECRET_FILE": str(tmp_path / "secret")}).secret == "xin chào"


def test_three_faults_from_three_places_are_told_at_once(tmp_path):
    file = written(tmp_path, 'prot = 1\nidle_timeout_s = "long"')
    with pytest.raises(BadSettings) as caught:
        load({"TEST_PORT": "many", "TEST_SECRET_FILE": str(tmp_path / "nowhere")}, file)
    told = "\n".join(caught.value.faults)
    for words in ("prot: no such key; did you mean 'port'?", "idle_timeout_s: must be a number", "TEST_SECRET_FILE"):
        assert words in told
    assert "port: must be a whole number, not 'many'" in told
    assert all(str(file) in fault for fault in caught.value.faults)


@pytest.mark.parametrize("text", ["port = ", "port = 1\nport = 2", "[a\n"])
def test_a_file_that_is_no_toml_is_a_fault(tmp_path, text):
    with pytest.raises(BadSettings, match="is not valid TOML"):
        load(file=written(tmp_path, text))


def test_a_file_that_is_named_but_missing_is_a_fault(tmp_path):
    with pytest.raises(BadSettings, match="cannot be read"):
        load(file=tmp_path / "missing.toml")


def test_a_file_in_another_encoding_is_a_fault(tmp_path):
    (tmp_path / "sample.toml").write_bytes('server = "Nụ"'.encode("utf-16"))
    with pytest.raises(BadSettings, match="is not valid TOML"):
        load(file=tmp_path / "sample.toml")
