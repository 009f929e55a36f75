"""What can go wrong on a kiosk. Each docstring says: try again, or park?"""

from survey.questionnaire import Words


class KioskError(Exception):
    """Root of all errors of the kiosk.

    The message is one English sentence for logs and the command line; `words` is the same for the staff's screen,
    in each language, Vietnamese at least.
    """

    def __init__(self, message: str, words: Words | None = None) -> None:
        super().__init__(message)
        self.words: Words = words or {"vi": message, "en": message}


class StoreError(KioskError):
    """The store cannot keep a rating now. The tap is not acknowledged; the kiosk rests and tries again."""


class StoreBusy(StoreError):
    """Another process owns the data directory. Never try again: two kiosks must not share one store."""


class ServerAway(KioskError):
    """The server was not reached, or did not answer sense. Safe to send the same again later."""


class ServerBusy(ServerAway):
    """The server asks to wait. Safe to send the same again after `retry_after_s` seconds."""

    def __init__(self, message: str, retry_after_s: float, words: Words | None = None) -> None:
        super().__init__(message, words)
        self.retry_after_s = retry_after_s


class NotWelcome(KioskError):
    """The server knows this kiosk no longer (retired, or a wrong key). Ratings stay; staff must enrol again."""


class EnrolmentFailed(KioskError):
    """The enrolment code was wrong, used or too old. Make a new one on the server; trying the same is useless."""


class BatchRejected(KioskError):
    """The server calls the whole request wrong. The same again is useless; smaller or single ratings may pass.

    code: the server's problem code (docs/wire.md), None when it was not our server that refused.
    """

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class NotPaired(KioskError):
    """This kiosk has no server yet. Enrol it first; nothing was sent."""


class CarryFailed(KioskError):
    """The ratings could not be copied to the stick. Nothing on the kiosk changed; try again, or another stick."""


class NoDisplay(KioskError):
    """There is no screen to open a window on. Start from a desktop, or set DISPLAY."""


class CameraAway(KioskError):
    """There is no camera, or it takes no pictures. Plug one in, or try another; scanning goes on with a scanner."""
