"""Where the shipped files are: `assets/` (fonts, kv, css, catalogues) and `config/` (settings, rules, surveys)."""

from importlib import resources
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parent.parent


def _room(short: str, installed: str) -> Path:
    beside = _CHECKOUT / short  # a checkout, or an Android package, which installs nothing
    return beside if beside.is_dir() else Path(str(resources.files(installed)))


def assets() -> Path:
    """The folder of fonts, faces, sounds, kv theme, css and locale catalogues."""
    return _room("assets", "nucuoi_assets")


def config() -> Path:
    """The folder of default settings, surveys, scales, reasons and dated rules."""
    return _room("config", "nucuoi_config")
