"""Vietnamese on our own keyboard: letters one by one, and a tone that goes to the vowel where it belongs.

Pure functions of text to text, always NFC. The tone stands where school-books put it («hòa», «của», «khuyên»):
on a vowel that has a mark of its own (ê, ơ …), on the last vowel before a final consonant, else on the last but
one of several. It moves by itself as the word grows: «hòa» and then n gives «hoàn».
"""

import unicodedata

TONES = {"acute": "\u0301", "grave": "\u0300", "hook": "\u0309", "tilde": "\u0303", "dot": "\u0323"}
"""The five tones by name: sắc, huyền, hỏi, ngã, nặng."""

_MARKS = frozenset(TONES.values())
_VOWELS = frozenset("aăâeêioôơuưy")
_MARKED = frozenset("ăâêôơư")


def typed(text: str, letter: str, limit: int) -> str:
    """The text with `letter` behind it; unchanged when that would be longer than `limit` code points."""
    longer = _spelt(unicodedata.normalize("NFC", text + letter))
    return longer if len(longer) <= limit else text


def toned(text: str, tone: str) -> str:
    """The text with the tone of its last syllable set; the same tone again takes it away. No vowel: unchanged."""
    head, word = _last_word(text)
    plain, old = _without_tone(word)
    mark = TONES[tone]
    return head + _with_tone(plain, None if old == mark else mark)


def erased(text: str) -> str:
    """The text without its last letter; the tone goes back to where the shorter word has it."""
    return _spelt(text[:-1])


def _spelt(text: str) -> str:
    head, word = _last_word(text)
    return head + _with_tone(*_without_tone(word))


def _last_word(text: str) -> tuple[str, str]:
    at = len(text)
    while at and text[at - 1].isalpha():
        at -= 1
    return text[:at], text[at:]


def _without_tone(word: str) -> tuple[str, str | None]:
    """The word with no tone, and the last tone that was in it."""
    spread = unicodedata.normalize("NFD", word)
    tone = next((char for char in reversed(spread) if char in _MARKS), None)
    return unicodedata.normalize("NFC", "".join(char for char in spread if char not in _MARKS)), tone


def _with_tone(plain: str, tone: str | None) -> str:
    at = _place(plain.lower()) if tone else None
    if at is None or tone is None:
        return plain
    return unicodedata.normalize("NFC", plain[: at + 1] + tone + plain[at + 1 :])


def _place(word: str) -> int | None:
    """Which letter of a word without tones carries its tone."""
    begin, end = _vowels(word)
    group = word[begin:end]
    if not group:
        return None
    marked = [begin + index for index, char in enumerate(group) if char in _MARKED]
    if marked:
        return marked[-1]
    closed = end < len(word)
    if len(group) == 1 or (closed and len(group) == 2):
        return end - 1
    return end - 2


def _vowels(word: str) -> tuple[int, int]:
    """Where the last group of vowels begins and ends; the u of «qu» and the i of «gia» belong to the consonant."""
    end = len(word)
    while end and word[end - 1] not in _VOWELS:
        end -= 1
    begin = end
    while begin and word[begin - 1] in _VOWELS:
        begin -= 1
    group = word[begin:end]
    before = word[begin - 1] if begin else ""
    if len(group) > 1 and (before, group[0]) in (("q", "u"), ("g", "i")):
        begin += 1
    return begin, end
