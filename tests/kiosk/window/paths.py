"""Every path through the screens, as a table: what is touched, scanned or waited for, and what the store must hold.

`walking_kiosk` plays them. A step is a name and its details: ("tap", target), ("scan", text), ("wait", seconds),
("see", screen), ("say", a sentence on the glass) and some of their own. Every path begins and ends at rest.
"""

from typing import Any

PIN = "2468"
SLIP = "H42.12-210301-0007"
Kept = tuple[Any, ...]
Step = tuple[Any, ...]


def rating(level: int, reasons: tuple[str, ...] = (), **said: Any) -> Kept:
    """What the store must hold of one visit."""
    rest = {"officer": "of-1", "comment": None, "dossier": None, "language": "vi", "source": "kiosk", **said}
    return (level, reasons, *(rest[name] for name in ("officer", "comment", "dossier", "language", "source")))


TO_RATE: tuple[Step, ...] = (("tap", "start"), ("tap", "officer_of-1"))
TO_REASONS: tuple[Step, ...] = (*TO_RATE, ("tap", "face_2"))
TO_COMMENT: tuple[Step, ...] = (*TO_REASONS, ("tap", "reason_slow"), ("tap", "send"))
TO_THANKS: tuple[Step, ...] = (*TO_COMMENT, ("tap", "skip"))
UNLOCKED: tuple[Step, ...] = (("corner",), *(("tap", f"pin_{digit}") for digit in PIN), ("tap", "pin_enter"), ("rest",))
PREPARED: tuple[Step, ...] = (("hold", "begin"), ("tap", "officer_of-4"), ("tap", "service_birth"))
AT_HOME = {"officer": "of-4", "source": "home"}
SLOW = rating(2, ("slow",))
SKIPPED: tuple[Step, ...] = (("tap", "skip"), ("tap", "skip"))
"""The reasons and the comment."""
SCANNED = (("scan", SLIP), ("see", "choose"), ("tap", "officer_of-4"), ("tap", "face_5"), *SKIPPED)
OF_SLIP = rating(5, officer="of-4", dossier=SLIP)

PATHS: dict[str, tuple[tuple[Step, ...], tuple[Kept, ...]]] = {
    "a whole visit, touched away": ((*TO_THANKS, ("see", "thanks"), ("anywhere",)), (SLOW,)),
    "a whole visit, left to go by itself": ((*TO_THANKS, ("wait", 5.1)), (SLOW,)),
    "the choice is left alone": ((("tap", "start"), ("see", "choose"), ("wait", 30.1)), ()),
    "the faces are left alone": ((*TO_RATE, ("see", "rate"), ("wait", 30.1)), ()),
    "the reasons are left alone": ((*TO_REASONS, ("tap", "reason_rude"), ("wait", 30.1)), (rating(2, ("rude",)),)),
    "the comment is left alone": ((*TO_COMMENT, ("tap", "key_a"), ("see", "comment"), ("wait", 30.1)), (SLOW,)),
    "another language is left alone": ((("tap", "language"), ("say", "Touch to rate"), ("wait", 30.1)), ()),
    "staff's PIN is left alone": ((("corner",), ("tap", "pin_1"), ("see", "staff"), ("wait", 60.1)), ()),
    "staff's panel is left alone": ((*UNLOCKED, ("say", "Gửi ngay"), ("wait", 60.1)), ()),
    "staff's duty is left alone": ((*UNLOCKED, ("tap", "duty"), ("say", "Ai trực quầy này?"), ("wait", 60.1)), ()),
    "a fault rests and wakes": ((*TO_RATE, ("break",), ("tap", "face_1"), ("see", "resting"), ("wake",)), ()),
    "back from the faces and the choice": ((*TO_RATE, ("tap", "back"), ("see", "choose"), ("tap", "back")), ()),
    "another officer after all": (
        (*TO_RATE, ("tap", "wrong_officer"), ("tap", "officer_of-4"), ("tap", "face_4"), ("wait", 30.1)),
        (rating(4, officer="of-4"),),
    ),
    "a misclick is corrected": (
        (*TO_RATE, ("tap", "face_1"), ("tap", "misclick"), ("tap", "face_5"), *SKIPPED, ("wait", 6)),
        (rating(5),),
    ),
    "a misclick and away": ((*TO_RATE, ("tap", "face_1"), ("tap", "misclick"), ("wait", 30.1)), (rating(1),)),
    "the language in the middle of everything": (
        (
            ("tap", "start"), ("tap", "language"), ("say", "Please touch the officer's name."), ("tap", "officer_of-1"),
            ("say", "Very satisfied"), ("tap", "language"), ("say", "Rất hài lòng"), ("tap", "language"),
            ("tap", "face_2"), ("say", "What was not good?"), ("tap", "language"), ("tap", "reason_slow"),
            ("tap", "send"), ("tap", "language"), ("say", "Skip"), ("tap", "skip"), ("say", "Thank you"),
            ("tap", "language"), ("say", "Xin cảm ơn Ông/Bà"), ("wait", 30.1),
        ),
        (rating(2, ("slow",), language="en"),),
    ),
    "a scan at rest": ((*SCANNED, ("wait", 6)), (OF_SLIP,)),
    "a scan in the middle of the choice": ((("tap", "start"), *SCANNED, ("wait", 6)), (OF_SLIP,)),
    "a scan in the middle of the faces": ((*TO_RATE, *SCANNED, ("wait", 6)), (OF_SLIP,)),
    "a scan in the middle of the reasons": ((*TO_REASONS, *SCANNED, ("wait", 6)), (rating(2), OF_SLIP)),
    "a scan in the middle of the comment": ((*TO_COMMENT, ("tap", "key_a"), *SCANNED, ("wait", 6)), (SLOW, OF_SLIP)),
    "a scan in the middle of thanks": ((*TO_THANKS, *SCANNED, ("wait", 6)), (SLOW, OF_SLIP)),
    "a scan in another's language": (
        (*TO_RATE, ("tap", "language"), ("scan", SLIP), ("say", "Ai vừa phục vụ Ông/Bà?"), ("wait", 30.1)),
        (),
    ),
    "what is no code": ((("scan", "8934563138165"), ("say", "Mã không hợp lệ"), ("quiet",)), ()),
    "a storm of touches at rest": ((("storm", 1), ("wait", 31)), ()),
    "a storm of touches on the faces": ((*TO_RATE, ("faces",), ("wait", 31), ("wait", 6)), (rating(5),)),
    "ten fingers on the faces": ((*TO_RATE, ("fingers",), ("wait", 31), ("wait", 6)), (rating(1),)),
    "a storm of touches while a screen is new": ((*TO_REASONS, ("storm", 2), ("wait", 31)), (rating(2),)),
    "a home visit": (
        (("go", True), ("see", "home"), *PREPARED, ("tap", "start"), ("tap", "face_4"), *SKIPPED,
         ("anywhere",), ("see", "home"), ("go", False)),
        (rating(4, **AT_HOME),),
    ),
    "a home visit is left alone at every step": (
        (("go", True), *PREPARED[:1], ("wait", 30.1), ("see", "home"), *PREPARED[:2], ("see", "service"),
         ("wait", 30.1), ("see", "home"), *PREPARED, ("tap", "start"), ("wait", 30.1), ("see", "handover"),
         ("tap", "start"), ("tap", "face_1"), ("wait", 30.1), ("see", "home"), *PREPARED, ("wait", 900.1),
         ("see", "home"), ("go", False)),
        (rating(1, **AT_HOME),),
    ),
}  # fmt: skip
