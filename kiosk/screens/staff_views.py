"""What the staff screen shows, one at a time: the PIN, the panel, parked ratings, duty, the map of touches."""

from datetime import datetime
from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.screens.base import officer_in
from kiosk.screens.choose import OfficerCard
from kiosk.staff import PIN_SHORTEST, status_line
from survey.questionnaire import words_in
from survey.setup import Setup

CARDS = 4
LINES = 4


PARKED_BECAUSE = {
    "id_reused": "Máy chủ đã có đánh giá khác cùng số. Cần người xem cả hai.",
    "unknown_officer": "Máy chủ không biết cán bộ này.",
    "unknown_counter": "Máy chủ không biết quầy này.",
    "unknown_service": "Máy chủ không biết thủ tục này.",
    "unknown_survey": "Máy chủ không biết phiếu khảo sát này.",
    "bad_level": "Mức đánh giá không có trong thang.",
    "bad_reason": "Có lý do không nằm trong danh mục.",
    "bad_time": "Giờ đánh giá không đọc được hoặc ở tương lai.",
    "bad_field": "Có mục thiếu hoặc sai kiểu. Xem nhật ký máy chủ.",
}
"""Why the server parked a rating, by its code (docs/wire.md), in the words of staff."""


class StaffView(FloatLayout):
    """page: the staff screen it stands on. leaves: how many pages of cards or lines there are."""

    page = ObjectProperty(None)
    language = StringProperty("vi")
    leaves = NumericProperty(1)

    @property
    def setup(self) -> Setup | None:
        """The setup of now."""
        visit = self.page.visit
        return visit.newest_terms.setup if visit else None

    def refresh(self) -> None:
        """Show how it is now: at first, every two seconds, and after a change of language or leaf."""


class PinView(StaffView):
    """The digits are never shown, only counted."""

    hint = StringProperty("")
    task = StringProperty("")

    def refresh(self) -> None:
        """Ask for the PIN, or say why it cannot be asked for."""
        page = self.page
        has_pin = self.setup is not None and self.setup.staff_pin is not None
        self.ids.pad.disabled = not has_pin
        self.ids.pad.opacity = 1 if has_pin else 0
        self.task = page.say("Nhập mã PIN" if has_pin else "Chưa đặt mã PIN cho đơn vị này. Xin đặt trên máy chủ.")
        wait = page.app.staff.wait_s
        if wait > 0:
            self.hint = page.say("Sai nhiều lần. Xin thử lại sau {seconds} giây.", seconds=round(wait))
        elif not self.ids.pad.pin and not page.wrong_pin:
            self.hint = page.say("Dành cho cán bộ phụ trách.") if has_pin else ""
        elif page.wrong_pin:
            self.hint = page.say("Mã PIN chưa đúng.")

    def enter(self, pin: str) -> None:
        """Try the PIN."""
        self.page.alive()
        if self.setup is not None and self.setup.staff_pin and len(pin) >= PIN_SHORTEST:
            self.page.app.staff.try_pin(pin, self.setup.staff_pin, self.page.answered)


class PanelView(StaffView):
    """One honest line, what must be mended, and the acts."""

    line = StringProperty("")
    fault = StringProperty("")
    parked = NumericProperty(0)
    at_home = BooleanProperty(False)

    def refresh(self) -> None:
        """Ask the desk how the kiosk is."""
        page = self.page
        self.at_home = page.visit is not None and page.visit.newest_terms.at_home
        status = page.app.staff.status()
        self.line = status_line(status, page.say, page.app.wall_clock(), sticks=page.app.staff.stick_count)
        self.parked = len(status.parked)
        words = status.fault_words or status.trouble_words
        faults = [words_in(words, self.language)] if words else []
        if status.difference > 0:
            faults.append(page.say("Máy chủ thừa {count} lượt so với máy này.", count=status.difference))
        elif status.difference < 0:
            faults.append(page.say("Máy chủ thiếu {count} lượt so với máy này.", count=-status.difference))
        self.fault = " ".join(faults)


class ParkedLine(FloatLayout):
    """A parked rating: whose, when, why. Never what was answered."""

    title = StringProperty("")
    reason = StringProperty("")


def moment(written: str) -> str:
    """`2026-03-01T10:11:12+07:00` as «10:11 01/03/2026»; what is no such time stays as it is."""
    try:
        return f"{datetime.fromisoformat(written):%H:%M %d/%m/%Y}"
    except ValueError:
        return written


class ParkedView(StaffView):
    """The ratings that the server refused, with the reason."""

    parked = NumericProperty(0)

    def refresh(self) -> None:
        """The lines of this leaf."""
        parked = self.page.app.staff.status().parked
        self.parked = len(parked)
        self.leaves = max(1, -(-len(parked) // LINES))
        shown = parked[self.page.leaf * LINES : (self.page.leaf + 1) * LINES]
        lines = self.ids.lines
        lines.clear_widgets()
        for item in shown:
            lines.add_widget(
                ParkedLine(title=f"{item.officer_name} · {moment(item.tapped_at)}", reason=self._why(item))
            )

    def _why(self, item: Any) -> str:
        if item.code in PARKED_BECAUSE:
            return str(self.page.say(PARKED_BECAUSE[item.code]))
        return f"{item.code}: {item.meaning}" if item.code else str(item.meaning)


class DutyCard(OfficerCard):
    """An officer who may take the counter."""

    __events__ = ("on_taken",)

    def on_taken(self) -> None:
        """This one takes it."""

    def on_tap(self) -> None:
        """This one."""
        self.dispatch("on_taken")


class DutyView(StaffView):
    """All officers; the touched one takes the counter."""

    def refresh(self) -> None:
        """The cards of this leaf."""
        officers = self.setup.officers if self.setup else ()
        self.leaves = max(1, -(-len(officers) // CARDS))
        shown = officers[self.page.leaf * CARDS : (self.page.leaf + 1) * CARDS]
        grid = self.ids.cards
        targets = [f"duty_{officer.id}" for officer in shown]
        if [card.target for card in reversed(grid.children)] == targets:
            return
        grid.clear_widgets()
        grid.columns = 1 if self.page.app.portrait else 2
        for officer in shown:
            card = DutyCard(officer_id=officer.id, name=officer.name, title=officer.title, target=f"duty_{officer.id}")
            card.photo = self.page.app.photo_of(officer.id)
            card.bind(on_taken=self._take)
            grid.add_widget(card)

    def _take(self, card: Any) -> None:
        page = self.page
        officer = officer_in(self.setup, card.officer_id)
        if officer is not None and page.app.staff.take_duty(officer.id):
            page.app.host.refresh()
            page.app.tell_how("{name} đang trực quầy này", name=officer.name)
            page.open("panel")


class MapView(StaffView):
    """The whole glass but the foot, to be wiped over."""
