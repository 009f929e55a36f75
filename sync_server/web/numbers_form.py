"""The form of *what if*: a period and the numbers of the rule, read from the address so that a trial can be sent on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from flask_babel import gettext

from sync_server.flagging.rules import Rule

NUMBERS = ("flag_at", "watch_at", "watch_off", "tolerance", "severity", "day_cap", "half_life_days", "min_bad",
           "min_bad_days", "min_ratings")  # fmt: skip
"""The numbers that the page offers; the command `what-if` takes the others too."""


@dataclass
class NumbersForm:
    """What was asked for. numbers: those that differ from `rule`; faults: what could not be read, one sentence each."""

    given: Mapping[str, str]
    rule: Rule
    today: date
    since: date = field(init=False)
    until: date = field(init=False)
    numbers: dict[str, float] = field(init=False, default_factory=dict)
    faults: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        faults: list[str] = []
        self.until = self._date("until", self.today, faults)
        self.since = self._date("since", self.until - timedelta(days=182), faults)
        for name in NUMBERS:
            text = self.given.get(name, "").strip().replace(",", ".")
            if not text:
                continue
            try:
                value = float(text)
            except ValueError:
                faults.append(gettext("%(label)s: «%(text)s» không phải là số", label=self.label(name), text=text[:20]))
                continue
            if value != getattr(self.rule, name):
                self.numbers[name] = value
        self.faults = tuple(faults)

    @property
    def is_asked(self) -> bool:
        """Whether there is anything to replay."""
        return "since" in self.given

    @property
    def fields(self) -> list[tuple[str, str, str, str]]:
        """Name, label, what to show in the field, and the number in force, of each field."""
        return [
            (name, self.label(name), self.given.get(name, "") or f"{getattr(self.rule, name):g}",
             f"{getattr(self.rule, name):g}")
            for name in NUMBERS
        ]  # fmt: skip

    def label(self, name: str) -> str:
        """What a number is called on the page."""
        labels: dict[str, str] = {
            "flag_at": gettext("Ngưỡng cần xem xét (M)"),
            "watch_at": gettext("Ngưỡng lưu ý (M)"),
            "watch_off": gettext("Thôi lưu ý khi dưới (M)"),
            "tolerance": gettext("Mức còn coi là bình thường (tỷ số odds)"),
            "severity": gettext("Mức xấu cần phát hiện (tỷ số odds)"),
            "day_cap": gettext("Một ngày nhân điểm nhiều nhất"),
            "half_life_days": gettext("Chu kỳ bán rã của đồng nghiệp (ngày làm việc)"),
            "min_bad": gettext("Số lượt không hài lòng ít nhất"),
            "min_bad_days": gettext("Số ngày có lượt không hài lòng ít nhất"),
            "min_ratings": gettext("Số lượt ít nhất"),
        }
        return labels.get(name, name)

    def _date(self, name: str, otherwise: date, faults: list[str]) -> date:
        text = self.given.get(name, "").strip()
        if not text:
            return otherwise
        try:
            return min(date.fromisoformat(text), self.today)
        except ValueError:
            faults.append(gettext("«%(text)s» không phải là ngày", text=text[:20]))
            return otherwise
