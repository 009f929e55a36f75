"""What staff may do at the glass: a PIN that cannot be guessed quickly, and the acts behind it.

No Kivy here: the acts speak to the desk, beside the window where they wait for a stick or a hash.
"""

import hashlib
import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from kiosk.errors import KioskError
from kiosk.events import TakeDuty
from kiosk.tuning import Tuning
from survey.questionnaire import words_in

LOG = logging.getLogger(__name__)

PIN_SHORTEST, PIN_LONGEST = 4, 12
FREE_TRIES = 3
FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 1800.0

NO_STICK = "Chưa thấy USB. Xin cắm USB rồi thử lại."
TWO_STICKS = "Đang có hơn một USB. Xin chỉ để lại một USB rồi thử lại."
NOT_COPIED = "Chép chưa được. Xin thử USB khác."
COPYING = "Đang chép ra USB…"
COPIED = "Đã chép {count} lượt đánh giá ra USB. Có thể rút USB."
SENDING = "Đang gửi…"
AT_HOME = "Máy sẵn sàng phục vụ tại nhà."
AT_COUNTER = "Máy phục vụ tại quầy."


def pin_matches(pin: str, stored: str) -> bool:
    """Whether `pin` is the one of `pbkdf2_sha256$ITERATIONS$SALT$HASH` (hex). Takes as long as its rounds do.

    A stored PIN of any other form matches nothing.
    """
    try:
        kind, rounds, salt, expected = stored.split("$")
        made = hashlib.pbkdf2_hmac("sha256", pin.encode(), bytes.fromhex(salt), int(rounds))
        return kind == "pbkdf2_sha256" and hmac.compare_digest(made, bytes.fromhex(expected))
    except ValueError:
        LOG.error("the staff PIN of the setup is not pbkdf2_sha256$ITERATIONS$SALT$HASH; set it anew on the server")
        return False


@dataclass(frozen=True, slots=True)
class Gate:
    """Slows down who guesses: three tries are free, then each wrong one doubles the wait, from 30 s to half an hour.

    wrong: wrong tries since the last right one. shut_until: monotonic seconds.
    """

    wrong: int = 0
    shut_until: float = 0.0

    def wait_s(self, at: float) -> float:
        """Seconds until the next try is taken."""
        return max(0.0, self.shut_until - at)

    def tried(self, right: bool, at: float) -> "Gate":
        """The gate after a try. A try while it is shut must not be made."""
        if right:
            return Gate()
        wrong = self.wrong + 1
        if wrong < FREE_TRIES:
            return replace(self, wrong=wrong)
        wait = min(FIRST_WAIT_S * 2 ** (wrong - FREE_TRIES), LONGEST_WAIT_S)
        return Gate(wrong=wrong, shut_until=at + wait)


class StaffDesk(Protocol):
    """What staff's acts need of `kiosk.desk.Desk`."""

    def status(self) -> Any: ...
    def send_now(self) -> None: ...
    def perform(self, deed: Any) -> None: ...
    def serve_at_home(self, at_home: bool) -> None: ...
    def sticks(self) -> tuple[Path, ...]: ...
    def export(self, directory: Path) -> Any: ...
    def tuning(self) -> Tuning: ...
    def tune(self, tuning: Tuning) -> None: ...
    @property
    def can_dim(self) -> bool: ...


class Staff:
    """The acts of the staff screen. tell: says a line, from the window's thread; soon: comes back to that thread."""

    def __init__(
        self,
        desk: StaffDesk,
        *,
        tell_how: Callable[..., None],
        soon: Callable[[Callable[[], None]], None],
        beside: Callable[[Callable[[], None]], None],
        monotonic: Callable[[], float],
        language: Callable[[], str],
    ) -> None:
        self._desk = desk
        self._tell_how = tell_how
        self._soon = soon
        self._beside = beside
        self._monotonic = monotonic
        self._language = language
        self._gate = Gate()
        self._trying = False

    @property
    def wait_s(self) -> float:
        """Seconds until another PIN may be tried."""
        return self._gate.wait_s(self._monotonic())

    def try_pin(self, pin: str, stored: str, answer: Callable[[bool], None]) -> None:
        """Check a PIN beside the window and answer in its thread. One try at a time; none while the gate is shut."""
        if self._trying or self.wait_s > 0:
            return
        self._trying = True

        def work() -> None:
            right = pin_matches(pin, stored)
            self._soon(lambda: self._tried(right, answer))

        self._beside(work)

    def status(self) -> Any:
        """How the kiosk is (`kiosk.desk.DeskStatus`)."""
        return self._desk.status()

    def send_now(self) -> None:
        """Send what waits."""
        self._desk.send_now()
        self._tell_how(SENDING)

    def take_duty(self, officer_id: str) -> bool:
        """This officer takes the counter. False, and a line is told, when that could not be kept."""
        try:
            self._desk.perform(TakeDuty(officer_id=officer_id))
        except KioskError as error:
            self._tell_how(words_in(error.words, self._language()))
            return False
        return True

    def serve_at_home(self, at_home: bool) -> bool:
        """The kiosk goes on home visits, or back to its counter. False, and a line is told, if that was not kept."""
        try:
            self._desk.serve_at_home(at_home)
        except KioskError as error:
            self._tell_how(words_in(error.words, self._language()))
            return False
        self._tell_how(AT_HOME if at_home else AT_COUNTER)
        return True

    def tuning(self) -> Tuning:
        """How loud and how bright this device is."""
        return self._desk.tuning()

    def tune(self, tuning: Tuning) -> bool:
        """So loud and so bright from now on. False, and a line is told, when that could not be kept."""
        try:
            self._desk.tune(tuning)
        except KioskError as error:
            self._tell_how(words_in(error.words, self._language()))
            return False
        return True

    @property
    def can_dim(self) -> bool:
        """Whether the panel's light can be set from here."""
        return self._desk.can_dim

    @property
    def stick_count(self) -> int:
        """How many USB sticks are plugged in and writable now. Cheap: the system's table of mounts is read."""
        return len(self._desk.sticks())

    def copy_to_stick(self) -> None:
        """Copy what waits to the stick that is plugged in. With more than one it is not for us to choose."""
        sticks = self._desk.sticks()
        if len(sticks) > 1:
            self._tell_how(TWO_STICKS)
            return
        if not sticks:
            self._tell_how(NO_STICK)
            return
        self._tell_how(COPYING)

        def work() -> None:
            try:
                carried = self._desk.export(sticks[0])
            except KioskError as error:
                words = words_in(error.words, self._language())
                LOG.warning("copy to %s: %s", sticks[0], error)
                self._soon(lambda: self._tell_how(words))
            except Exception:
                LOG.exception("copy to %s failed", sticks[0])
                self._soon(lambda: self._tell_how(NOT_COPIED))
            else:
                self._soon(lambda: self._tell_how(COPIED, count=carried.ratings))

        self._beside(work)

    def _tried(self, right: bool, answer: Callable[[bool], None]) -> None:
        self._trying = False
        self._gate = self._gate.tried(right, self._monotonic())
        if not right:
            LOG.warning("a wrong staff PIN, %d in a row", self._gate.wrong)
        answer(right)


def status_line(status: Any, say: Callable[..., str], now: datetime, sticks: int = 0) -> str:
    """The one honest line: «12 chờ gửi · gửi lần cuối 09:14 · đồng hồ chắc chắn · đã thấy USB»."""
    parts = [say("{count} chờ gửi", count=status.waiting)]
    sent = status.last_sent_at
    if sent is None:
        parts.append(say("chưa gửi lần nào"))
    else:
        sent = sent.astimezone(now.tzinfo)
        when = f"{sent:%H:%M}" if sent.date() == now.date() else f"{sent:%H:%M %d/%m/%Y}"
        parts.append(say("gửi lần cuối {when}", when=when))
    parts.append(say("đồng hồ chắc chắn" if status.clock == "sure" else "đồng hồ chưa chắc chắn"))
    if status.parked:
        parts.append(say("{count} bị giữ lại", count=len(status.parked)))
    if sticks:
        parts.append(say("đã thấy USB") if sticks == 1 else say("đã thấy {count} USB", count=sticks))
    return " · ".join(parts)
