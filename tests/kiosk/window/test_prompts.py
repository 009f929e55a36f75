"""What the screens say aloud: every prompt has its sound, no sound tells what was chosen, no device is no fault."""

import json
import struct
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from kiosk.screens.prompts import PROMPTS, every_prompt, prompt, sound_name, sounds_folder, sounds_of
from kiosk.screens.speaker import BAD_CODE, TRIED_OUT, Speaker
from kiosk.tuning import Tuning
from kiosk.visit import IN_VISIT, Screen, Terms, Visit
from kiosk.widgets.language import say
from kiosk.widgets.voice import Voice, has_device
from survey import resources
from tests.kiosk.window.sample_setup import sample_setup

LANGUAGES = sorted(file.parents[1].name for file in (resources.assets() / "locale").glob("*/LC_MESSAGES/kiosk.po"))


def seconds(file: Path) -> float:
    """How long a mono Ogg Vorbis sound lasts: the last page's position over the rate of the first header."""
    written = file.read_bytes()
    assert written.startswith(b"OggS"), file
    header = written.index(b"\x01vorbis")
    channels, rate = struct.unpack_from("<BI", written, header + 11)
    assert channels == 1, file
    (position,) = struct.unpack_from("<q", written, written.rindex(b"OggS") + 6)
    return position / rate


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_prompt_has_a_sound_that_lasts_as_long_as_its_words(language: str) -> None:
    """Slower than 4 and faster than 25 letters a second is not the sentence; `make voice` makes what is missing."""
    sentences = set(every_prompt(language))
    assert len(sentences) >= 20
    missing = [sentence for sentence in sentences if not sounds_of((sentence,), language)]
    assert not missing, "run `make voice`"
    for sentence in sentences:
        (file,) = sounds_of((sentence,), language)
        assert len(sentence) / 25 < seconds(file) < 1.0 + len(sentence) / 4, (sentence, seconds(file))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sound_is_left_of_a_sentence_that_is_gone(language: str) -> None:
    folder = sounds_folder() / language
    listed = json.loads((folder / "sentences.json").read_text(encoding="utf-8"))
    assert listed == {sound_name(sentence): sentence for sentence in every_prompt(language)}
    assert {file.name for file in folder.glob("*.ogg")} == set(listed)


def test_the_sounds_are_small() -> None:
    assert sum(file.stat().st_size for file in sounds_folder().rglob("*.ogg")) < 1_500_000
    assert 0.2 < seconds(sounds_folder() / BAD_CODE) < 0.6
    assert TRIED_OUT in {sentence for sentences in PROMPTS.values() for sentence in sentences}


def a_visit(screen: Screen, language: str = "vi", level: int | None = None, scale: str = "hl5") -> Visit:
    terms = Terms(setup=sample_setup(scale=scale), on_duty=("of-1",))
    return Visit(screen=screen, terms=terms, language=language, shown_at=0, touched_at=0, level=level)


SILENT = {Screen.ASLEEP, Screen.STAFF, Screen.SERVICE}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("screen", list(Screen))
def test_every_screen_of_a_citizen_says_something_and_all_of_it_is_heard(screen: Screen, language: str) -> None:
    said = prompt(a_visit(screen, language))
    assert bool(said) == (screen not in SILENT)
    assert len(sounds_of(said, language)) == len(said)


@pytest.mark.parametrize("scale", ["hl3", "hl4", "hl5"])
def test_the_faces_are_read_in_their_order_after_the_question(scale: str) -> None:
    said = prompt(a_visit(Screen.RATE, "en", scale=scale))
    assert said[0] == "How satisfied are you with the officer's service?"
    assert (said[2], said[-1]) == ("Very satisfied", "Dissatisfied" if scale == "hl3" else "Very dissatisfied")
    assert len(sounds_of(said, "en")) == len(said)


def test_nobody_who_listens_learns_what_was_chosen() -> None:
    for screen in (Screen.REASONS, Screen.COMMENT, Screen.THANKS):
        assert len({prompt(a_visit(screen, level=level)) for level in (1, 2, 3, 4, 5)}) == 1


def test_a_question_of_a_units_own_is_passed_over_and_the_rest_is_said() -> None:
    visit = a_visit(Screen.RATE)
    assert visit.terms.setup is not None
    survey = replace(visit.terms.setup.survey, question={"vi": "Một câu hỏi riêng?"})
    own = replace(visit, terms=replace(visit.terms, setup=replace(visit.terms.setup, survey=survey)))
    assert len(sounds_of(prompt(own), "vi")) == len(prompt(own)) - 1


def test_a_language_without_sounds_is_silent() -> None:
    assert sounds_of(prompt(a_visit(Screen.RATE, "xx")), "xx") == ()


# --- the voice, with sounds that only remember


class FakeSound:
    """Ends when it is told to, as Kivy's does."""

    def __init__(self, file: Path, log: list[str]) -> None:
        self.file, self.log, self.volume, self.ends = file, log, 1.0, []

    def bind(self, on_stop: object) -> None:
        self.ends.append(on_stop)

    def unbind(self, on_stop: object) -> None:
        self.ends.remove(on_stop)

    def play(self) -> None:
        self.log.append(f"{self.file.name} at {self.volume}")

    def stop(self) -> None:
        for end in list(self.ends):
            end(self)

    def unload(self) -> None:
        self.log.append(f"{self.file.name} let go")


def a_voice(able: bool = True) -> SimpleNamespace:
    told = SimpleNamespace(log=[], sounds=[], changes=0)

    def load(file: Path) -> FakeSound:
        told.sounds.append(FakeSound(file, told.log))
        return told.sounds[-1]

    def changed() -> None:
        told.changes += 1

    told.voice = Voice(load, able=able, on_change=changed)
    return told


ONE, TWO = Path("one.ogg"), Path("two.ogg")


def test_sounds_follow_each_other_and_each_is_let_go() -> None:
    told = a_voice()
    told.voice.say([ONE, TWO], 0.5)
    assert told.voice.playing == ONE
    told.sounds[0].stop()
    assert told.voice.playing == TWO
    told.sounds[1].stop()
    assert told.voice.playing is None
    assert told.log == ["one.ogg at 0.5", "one.ogg let go", "two.ogg at 0.5", "two.ogg let go"]


def test_saying_again_begins_anew_and_stopping_leaves_nothing_that_would_go_on() -> None:
    told = a_voice()
    told.voice.say([ONE, TWO], 1.0)
    told.voice.say([ONE, TWO], 1.0)
    assert told.log == ["one.ogg at 1.0", "one.ogg let go", "one.ogg at 1.0"]
    told.voice.stop()
    assert told.voice.playing is None
    told.sounds[-1].stop()
    assert told.log[-1] == "one.ogg let go"
    assert len(told.sounds) == 2


def test_mute_opens_nothing() -> None:
    told = a_voice()
    told.voice.say([ONE], 0.0)
    assert told.sounds == []


def test_a_device_without_sound_is_told_of_once_and_not_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    asked = []
    voice = Voice(asked.append)
    voice.say([ONE, TWO], 1.0)
    voice.say([ONE, TWO], 1.0)
    assert asked == [ONE]
    assert not voice.able
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_sound_file_that_cannot_be_read_is_no_end_of_the_kiosk() -> None:
    def broken(file: Path) -> None:
        raise OSError("the card is sick")

    voice = Voice(broken)
    voice.say([ONE], 1.0)
    assert voice.playing is None


@pytest.mark.parametrize(
    ("cards", "driver", "there"),
    [
        (" 0 [Headphones     ]: bcm2835 Headphones\n                      bcm2835 Headphones\n", "", True),
        ("--- no soundcards ---\n", "", False),
        (None, "", False),
        (None, "dummy", True),
    ],
)
def test_a_loudspeaker_is_seen_without_opening_it(tmp_path: Path, cards: str | None, driver: str, there: bool) -> None:
    if cards is not None:
        (tmp_path / "cards").write_text(cards)
    assert has_device({"SDL_AUDIODRIVER": driver}, tmp_path / "cards") is there


# --- when screens speak


def a_speaker(**tuning: object) -> SimpleNamespace:
    told = a_voice()
    told.speaker = Speaker(told.voice, lambda: Tuning(**tuning))
    return told


def test_screens_are_silent_until_they_are_asked() -> None:
    told = a_speaker()
    for screen in Screen:
        told.speaker.show(a_visit(screen))
    assert told.sounds == []


def test_where_staff_switched_it_on_a_visits_screens_speak_by_themselves_and_nobodys_do_not() -> None:
    told = a_speaker(reads_aloud=True, volume=100)
    speaking = set()
    for screen in Screen:
        before = len(told.sounds)
        told.speaker.show(a_visit(screen))
        if len(told.sounds) > before:
            speaking.add(screen)
    assert speaking == (IN_VISIT | {Screen.THANKS}) - SILENT


def test_a_chip_does_not_silence_the_screen_but_another_screen_or_language_does() -> None:
    told = a_speaker()
    reasons = a_visit(Screen.REASONS, level=1)
    told.speaker.show(reasons)
    told.speaker.read(reasons)
    told.speaker.show(replace(reasons, reasons=("rude",)))
    assert told.voice.playing is not None
    told.speaker.show(replace(reasons, language="en"))
    assert told.voice.playing is None
    told.speaker.read(replace(reasons, language="en"))
    assert told.voice.playing == sounds_folder() / "en" / sound_name(say(PROMPTS[Screen.REASONS][0], "en"))
    told.speaker.show(a_visit(Screen.THANKS, "en", 1))
    assert told.voice.playing is None


def test_a_muted_kiosk_has_no_use_for_the_button() -> None:
    assert a_speaker(volume=10).speaker.is_able
    assert not a_speaker(volume=0).speaker.is_able
    assert not Speaker(a_voice(able=False).voice, Tuning).is_able
