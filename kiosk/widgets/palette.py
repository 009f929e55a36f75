"""The colours, and the arithmetic that tells whether eyes can tell them apart.

Deep teal to dark red over off-white. Every pair of text and ground in `TEXT_PAIRS` has a contrast of 7:1 or more.
"""

Colour = tuple[float, float, float, float]


def colour(code: str, alpha: float = 1.0) -> Colour:
    """`#RRGGBB` as Kivy wants it: four numbers from 0 to 1."""
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue, alpha


PAPER = colour("#FBF7EF")
CARD = colour("#FFFFFF")
CARD_EDGE = colour("#E6DDCB")
SHADE = colour("#3B2F14", 0.10)
INK = colour("#14272B")
SOFT_INK = colour("#3A4C50")
TEAL = colour("#00535A")
TEAL_PRESSED = colour("#00393E")
TEAL_PALE = colour("#DDEFEC")
TEAL_EDGE = colour("#A9D3CD")
RED = colour("#8C1620")
RED_PALE = colour("#F8E3DF")
SAND = colour("#F1E8D6")
SAND_PRESSED = colour("#E2D5BB")
TEAL_SOFT = colour("#1B6E74")
AMBER = colour("#C77B16")
WHITE = colour("#FFFFFF")
NIGHT = colour("#0B1719")
NIGHT_TEXT = colour("#A9BDBE")
CLEAR = (0.0, 0.0, 0.0, 0.0)

FACES: dict[str, tuple[Colour, Colour]] = {
    "very_happy": (colour("#00535A"), WHITE),
    "happy": (colour("#6FC0B4"), INK),
    "neutral": (colour("#F0CF7A"), INK),
    "sad": (colour("#EE9F5E"), INK),
    "very_sad": (colour("#8C1620"), WHITE),
}
"""Each face: its ground and its features."""

FACE_PALE: dict[str, Colour] = {
    "very_happy": colour("#D5EBE8"),
    "happy": colour("#E1F2EE"),
    "neutral": colour("#FBF1D5"),
    "sad": colour("#FCE8D6"),
    "very_sad": colour("#F6DFDD"),
}
"""The card under a face while a finger is on it."""

AVATARS = (colour("#00535A"), colour("#2F4A7A"), colour("#5B3A6E"), colour("#6B4213"), colour("#2E5330"))
"""Grounds for a drawn avatar; its letters are white."""

TEXT_PAIRS: dict[str, tuple[Colour, Colour]] = {
    "ink on paper": (INK, PAPER),
    "ink on card": (INK, CARD),
    "ink on sand": (INK, SAND),
    "ink on sand, pressed": (INK, SAND_PRESSED),
    "soft ink on paper": (SOFT_INK, PAPER),
    "soft ink on card": (SOFT_INK, CARD),
    "soft ink on sand": (SOFT_INK, SAND),
    "teal on paper": (TEAL, PAPER),
    "teal on card": (TEAL, CARD),
    "teal on pale teal": (TEAL, TEAL_PALE),
    "ink on pale teal": (INK, TEAL_PALE),
    "white on teal": (WHITE, TEAL),
    "white on teal, pressed": (WHITE, TEAL_PRESSED),
    "red on paper": (RED, PAPER),
    "red on card": (RED, CARD),
    "red on pale red": (RED, RED_PALE),
    "ink on pale red": (INK, RED_PALE),
    "night text": (NIGHT_TEXT, NIGHT),
    **{f"ink on pale {name}": (INK, pale) for name, pale in FACE_PALE.items()},
    **{f"white on avatar {index}": (WHITE, ground) for index, ground in enumerate(AVATARS)},
    **{f"features of {name}": (features, ground) for name, (ground, features) in FACES.items()},
}


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG 2.2 (1 to 21) of two opaque colours."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(of: Colour) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in of[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
