"""What can go wrong on the server. A message says what is wrong, with the value, and what to do."""


class ServerError(Exception):
    """Root of all errors of the server."""


class NotFound(ServerError):
    """There is no such thing, or not for the person who asks (who cannot tell the two apart)."""


class Refused(ServerError):
    """What was asked breaks a rule of the house. The message is fit to be shown; the same again is useless."""


class NotYours(Refused):
    """It belongs to others, who alone may change it; the same again is useless. Nothing was changed."""


class BadSeal(ServerError):
    """A sealed or signed text is forged, damaged, expired, or was made with another secret."""


class DatabaseNotReady(ServerError):
    """The database is missing its tables or some of them: run `nucuoi-server init` (safe to run again)."""


class BrokenKeys(ServerError):
    """A change of tables would leave rows without their parent. It was rolled back; the migration must be mended."""


class BadCode(ServerError):
    """An enrolment code is wrong, used or too old. Staff make a new one; the same again is useless."""


class TooManyTries(ServerError):
    """Wrong codes came too often. The same again may work after `wait_ms` milliseconds."""

    def __init__(self, message: str, *, wait_ms: int) -> None:
        self.wait_ms = wait_ms
        super().__init__(f"{message}; wait {-(-wait_ms // 1000)} seconds")


class BadKey(ServerError):
    """A kiosk's key is missing or unknown: the kiosk must be enrolled again."""


class KioskRetired(ServerError):
    """Staff retired this kiosk: it must be enrolled again before it may send."""


class WrongSecret(ServerError):
    """The server's secret is not the one that the database's keys are sealed with. Nothing was changed."""


class PortTaken(ServerError):
    """The server cannot listen where it is told to. The message names the address and the remedy."""


class Busy(ServerError):
    """The database could not do it now. Nothing was stored; the same again later is safe and likely to work."""


class BackupFailed(ServerError):
    """A backup could not be written or read. The database is as before."""
