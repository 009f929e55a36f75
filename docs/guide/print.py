"""Prints the clerk's guide: `python docs/guide/print.py [FILE.pdf]`, by default clerk.pdf beside it.

Chromium does it, with the letters of the kiosk itself, so that the page looks the same on every machine.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from importlib import resources
from pathlib import Path

HERE = Path(__file__).resolve().parent
CUTS = {400: "Regular", 600: "SemiBold", 700: "Bold"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def page() -> str:
    """The guide with everything that it shows named by its whole path."""
    fonts = Path(str(resources.files("fontpkg_be_vietnam_pro"))) / "files"
    faces = "".join(
        f'@font-face {{ font-family: "Be Vietnam Pro"; font-weight: {weight};'
        f' src: url("{(fonts / f"BeVietnamPro-{cut}.ttf").as_uri()}") }}\n'
        for weight, cut in CUTS.items()
    )
    head = f'<head>\n<base href="{HERE.as_uri()}/">\n<style>\n{faces}</style>'
    return (HERE / "clerk.html").read_text(encoding="utf-8").replace("<head>", head, 1)


def browse(*words: str) -> None:
    """Show the page to a browser without a window. Raises `SystemExit` when there is none."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise SystemExit("print: no Chromium was found; install it (apt install chromium)")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "clerk.html"
        file.write_text(page(), encoding="utf-8")
        # Chromium refuses its sandbox to root, and needs a folder of its own where HOME cannot be written.
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
        command = [browser, "--headless", "--disable-gpu", f"--user-data-dir={folder}/profile", *as_root]
        subprocess.run([*command, *words, file.as_uri()], check=True, capture_output=True, timeout=120)


def main(arguments: list[str]) -> int:
    """Print, and say where."""
    out = Path(arguments[0] if arguments else HERE / "clerk.pdf").resolve()
    browse("--no-pdf-header-footer", "--generate-pdf-document-outline", f"--print-to-pdf={out}")
    print(out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
