"""A USB scanner is a keyboard that types fast and ends with Enter. This tells it from a person.

Keys are read by their place on the keyboard (the USB usage number that SDL calls scancode), as a scanner set to the
US layout means them. So neither a Vietnamese input method (Telex turns `aa` into `â`, VNI turns `a1` into `á`), nor
another layout (on AZERTY `a` comes as `q`), nor Caps Lock changes what is read. Where a system gives no scancode the
character itself is taken.
"""

import statistics
import unicodedata

LONGEST_PAUSE_S = 0.5
"""After this a line begins anew. A slow frame of the interface may hold keys back so long, a scanner does not."""
TYPICAL_PAUSE_S = 0.04
"""The median pause of a scanner stays below; nobody types so fast (that is 300 words a minute)."""
SHORTEST = 4
"""Characters; shorter lines are no code of ours."""
_LONGEST = 4096

ENTER_SCANCODES = frozenset({40, 88})
"""Enter, and Enter of the number pad."""
_PLAIN = dict(zip(range(4, 40), "abcdefghijklmnopqrstuvwxyz1234567890", strict=True)) | {
    44: " ", 45: "-", 46: "=", 47: "[", 48: "]", 49: "\\", 51: ";", 52: "'", 53: "`", 54: ",", 55: ".", 56: "/",
    84: "/", 85: "*", 86: "-", 87: "+", 99: ".", **dict(zip(range(89, 99), "1234567890", strict=True)),
}  # fmt: skip
_SHIFTED = {char: char.upper() for char in "abcdefghijklmnopqrstuvwxyz"} | dict(
    zip("1234567890-=[]\\;'`,./", '!@#$%^&*()_+{}|:"~<>?', strict=True)
)
_NUMBER_PAD = range(84, 100)


class Wedge:
    """Fed with every key press; gives back a line when a scanner typed one."""

    def __init__(self) -> None:
        self._line: list[str] = []
        self._pauses: list[float] = []
        self._last_at = 0.0

    def key(self, text: str, at: float, *, scancode: int = 0, shift: bool = False) -> str | None:
        """A key was pressed at `at` (seconds, monotonic). Returns the line when this key ends a scanner's, else None.

        text: the character that the system made of it, "\\r" or "\\n" for Enter, "" for none (Shift itself).
        scancode: the key's USB usage number, 0 when the system gives none. shift: whether Shift is held.
        """
        if at - self._last_at > LONGEST_PAUSE_S or len(self._line) > _LONGEST:
            self._forget()
        is_enter = scancode in ENTER_SCANCODES or text in ("\r", "\n")
        char = "" if is_enter else _character(text, scancode, shift)
        if self._line:
            # Shift counts as well: a scanner presses it before every capital.
            self._pauses.append(at - self._last_at)
        self._last_at = at
        if not is_enter:
            self._line.extend(char)
            return None
        line, pauses = "".join(self._line), self._pauses
        self._forget()
        return line if is_scanned(line, pauses) else None

    def is_listening(self, at: float) -> bool:
        """Whether the latest keys look like a scanner in the middle of a line: a text field should not take them."""
        recent = at - self._last_at <= LONGEST_PAUSE_S
        return recent and len(self._pauses) >= 2 and statistics.median(self._pauses) <= TYPICAL_PAUSE_S

    def _forget(self) -> None:
        self._line, self._pauses = [], []


def is_scanned(line: str, pauses: list[float]) -> bool:
    """Whether a scanner typed this line: fast all along, and not one key held down (which repeats as fast).

    pauses: seconds before each key press but the first, Enter's included.
    """
    if len(line) < SHORTEST or len(set(line)) < 3:
        return False
    return bool(pauses) and statistics.median(pauses) <= TYPICAL_PAUSE_S


def _character(text: str, scancode: int, shift: bool) -> str:
    if scancode in _PLAIN:
        char = _PLAIN[scancode]
        return _SHIFTED.get(char, char) if shift and scancode not in _NUMBER_PAD else char
    if scancode == 0:
        # An input method may send several characters at once; those that a code may hold are ASCII.
        return "".join(c for c in unicodedata.normalize("NFC", text) if c.isprintable())
    return ""
