"""Makes the kiosk's sounds: `make voice`, or `python config/setup/voice.py [--all]`.

Each sentence that a screen can say, in each language that has a catalogue, is spoken by espeak-ng and written by sox
to `assets/sounds/LANGUAGE/`. Sounds that are there already stay, so that a recording of a person may take the place of
a spoken one (`sentences.json` beside them tells which file says what); `--all` makes them all anew. Sounds whose
sentence is gone are removed. Both programs are Debian packages: espeak-ng, sox. Their licence (GPL) covers the
programs, not what they say: the sounds are ours, under the licence of this repository.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from kiosk.screens.prompts import every_prompt, sound_name, sounds_folder
from survey import resources

VOICES = {"vi": "vi", "en": "en-gb"}
"""espeak-ng's voice of a language; one that is missing here is called by its own code."""
WORDS_A_MINUTE = 135
"""Slow: for old ears in a noisy hall."""
BAD_CODE = "bad-code.ogg"
_SILENT_SIGNS = str.maketrans("«»“”/", "     ")


def main(arguments: list[str] | None = None) -> int:
    """Make what is missing. 1 when a program is missing."""
    given = argparse.ArgumentParser(prog="make voice", description="make the kiosk's sounds")
    given.add_argument("--all", action="store_true", help="make them all anew, recordings of persons too")
    anew = given.parse_args(arguments).all
    missing = [program for program in ("espeak-ng", "sox") if shutil.which(program) is None]
    if missing:
        print(f"voice: install what is missing: apt-get install {' '.join(missing)}", file=sys.stderr)
        return 1
    for catalogue in sorted((resources.assets() / "locale").glob("*/LC_MESSAGES/kiosk.po")):
        speak_language(catalogue.parents[1].name, anew)
    make_tone(sounds_folder() / BAD_CODE, anew)
    return 0


def speak_language(language: str, anew: bool) -> None:
    """All sentences of a language."""
    folder = sounds_folder() / language
    folder.mkdir(parents=True, exist_ok=True)
    said = {sound_name(sentence): sentence for sentence in every_prompt(language)}
    for file in folder.glob("*.ogg"):
        if file.name not in said:
            file.unlink()
    made = [name for name in said if anew or not (folder / name).is_file()]
    for name in made:
        speak(said[name], VOICES.get(language, language), folder / name)
    listed = json.dumps(dict(sorted(said.items())), ensure_ascii=False, indent=2)
    (folder / "sentences.json").write_text(listed + "\n", encoding="utf-8")
    print(f"voice: {language}: {len(said)} sentences, {len(made)} made")


def speak(sentence: str, voice: str, file: Path) -> None:
    """One sentence into one file, in mono, with a breath of silence after it."""
    with tempfile.TemporaryDirectory() as folder:
        wave = Path(folder) / "spoken.wav"
        words = sentence.translate(_SILENT_SIGNS)
        subprocess.run(["espeak-ng", "-v", voice, "-s", str(WORDS_A_MINUTE), "-w", wave, "--", words], check=True)
        _write(["sox", str(wave)], file, ["norm", "-3", "silence", "1", "0.01", "0.5%", "pad", "0.05", "0.25"])


def make_tone(file: Path, anew: bool) -> None:
    """Two low, soft notes: this code means nothing here."""
    if anew or not file.is_file():
        notes = ["synth", "0.22", "sine", "330", "sine", "262", "delay", "0", "0.16", "remix", "-"]
        _write(["sox", "-n", "-r", "22050"], file, [*notes, "fade", "q", "0.02", "0.38", "0.12", "norm", "-9"])


def _write(source: list[str], file: Path, effects: list[str]) -> None:
    subprocess.run([*source, "-R", "-C", "2", "-c", "1", str(file), *effects], check=True)


if __name__ == "__main__":
    raise SystemExit(main())
