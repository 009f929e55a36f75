"""Where the packages lie; all metadata is in pyproject.toml.

`config/` and `assets/` keep their short names in the repository and are installed as `nucuoi_config` and
`nucuoi_assets`, so that no other program's `config` package can stand in their way.
"""

from setuptools import find_packages, setup

HOUSES = ["survey", "survey.*", "kiosk", "kiosk.*", "sync_server", "sync_server.*"]
ROOMS = {"nucuoi_config": "config", "nucuoi_assets": "assets"}

setup(
    packages=[*find_packages(include=HOUSES), *ROOMS],
    package_dir=ROOMS,
    package_data={
        "kiosk": ["*.kv", "**/*.kv"],
        "sync_server": [
            "templates/**/*",
            "static/**/*",
            "papers/*.docx",
            "migrations/*.mako",
            "migrations/versions/*.py",
        ],
        "nucuoi_config": ["**/*"],
        "nucuoi_assets": ["**/*"],
    },
)
