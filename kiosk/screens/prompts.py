"""What each screen says aloud, and where its sounds are.

A sound belongs to one sentence in one language: `assets/sounds/LANGUAGE/KEY.ogg`, made by `make voice` from the
catalogue's own sentences. A sentence that was changed has another key, so that no old sound can say something else
than the screen; a sentence without a sound (a question of a unit's own, say) is passed over.

Heard by the officer a metre away as well: no sentence may tell what was chosen. So the reasons are asked for in the
same words after every face, and thanks are the same for all.
"""

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path

from kiosk.visit import Screen, Visit
from kiosk.widgets.language import say
from survey import resources
from survey.questionnaire import Words, read_scales, words_in

PROMPTS: dict[Screen, tuple[str, ...]] = {
    Screen.PAIRING: (
        "Kết nối máy với máy chủ",
        "Trên máy chủ, mở trang «Máy đánh giá» và bấm «Thêm máy».",
        "Đưa mã QR hiện ra trước đầu đọc của máy này, hoặc bấm «Nhập mã».",
        "Chờ vài giây. Máy tự nhận đơn vị, cán bộ và câu hỏi.",
    ),
    Screen.IDLE: ("Xin mời Ông/Bà chạm vào màn hình để đánh giá cán bộ vừa phục vụ.",),
    Screen.SCAN: ("Xin đưa mã QR trên phiếu vào giữa hình",),
    Screen.HOME: ("Xin Ông/Bà trao lại máy cho cán bộ",),
    Screen.HANDOVER: ("Xin mời Ông/Bà cho ý kiến về cán bộ vừa phục vụ tại nhà", "Chạm để đánh giá"),
    Screen.CHOOSE: ("Ai vừa phục vụ Ông/Bà?", "Xin chạm vào tên cán bộ."),
    Screen.RATE: ("Xin chạm vào khuôn mặt hợp với ý kiến của Ông/Bà.",),
    Screen.REASONS: ("Xin chạm vào một hoặc nhiều lý do, rồi bấm «Gửi». Hoặc bấm «Bỏ qua».",),
    Screen.COMMENT: ("Ông/Bà muốn nói thêm điều gì?", "Xin không ghi tên, số giấy tờ."),
    Screen.THANKS: ("Xin cảm ơn Ông/Bà", "Ý kiến của Ông/Bà đã được ghi nhận và giữ kín."),
    Screen.RESTING: ("Máy nghỉ một lát", "Xin Ông/Bà chờ trong giây lát. Ý kiến đã gửi vẫn được giữ."),
}
"""The sentences of each screen; asleep, the staff screen and what an officer sets before a home visit say nothing. At
the faces the question comes first."""


def prompt(visit: Visit) -> tuple[str, ...]:
    """What this screen says, in the visit's language. At the faces: the question, what to do, the words from the
    best to the worst, as they stand."""
    sentences = [say(sentence, visit.language) for sentence in PROMPTS.get(visit.screen, ())]
    setup = visit.terms.setup
    if visit.screen is Screen.RATE and setup is not None:
        faces = [words_in(level.words, visit.language) for level in reversed(setup.scale.levels)]
        sentences = [words_in(setup.survey.question, visit.language), *sentences, *faces]
    return tuple(sentences)


def every_prompt(language: str) -> Iterator[str]:
    """All sentences that need a sound: those of the screens, the questions and the faces' words that we ship."""
    for sentences in PROMPTS.values():
        for sentence in sentences:
            yield say(sentence, language)
    for words in _shipped_words():
        yield words_in(words, language)


def sound_name(sentence: str) -> str:
    """The file name of a sentence's sound: it changes with every letter of the sentence."""
    return hashlib.sha256(sentence.encode()).hexdigest()[:12] + ".ogg"


def sounds_of(sentences: tuple[str, ...], language: str) -> tuple[Path, ...]:
    """The sounds there are for these sentences, in their order."""
    folder = sounds_folder() / language
    files = (folder / sound_name(sentence) for sentence in sentences)
    return tuple(file for file in files if file.is_file())


def sounds_folder() -> Path:
    """Where a folder a language lies, and the sounds that are not spoken."""
    return resources.assets() / "sounds"


def _shipped_words() -> Iterator[Words]:
    for file in sorted((resources.config() / "surveys").glob("*.toml")):
        yield tomllib.loads(file.read_text(encoding="utf-8"))["question"]
    for scale in read_scales(resources.config() / "scales.toml").values():
        for level in scale.levels:
            yield level.words
