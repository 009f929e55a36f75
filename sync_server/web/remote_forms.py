"""The forms of what kiosks show and how they behave."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional, Regexp

from survey.questionnaire import Words
from survey.setup import Slogan
from sync_server.opening import WEEKDAYS
from sync_server.queries.remote import Remote
from sync_server.remote import BOUNDS
from sync_server.shown import LANGUAGES, LINE_LENGTH_MAX, LINES_MAX, MESSAGE_LENGTH_MAX, MESSAGES_MAX, SLOGANS_MAX

_SPAN = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)\Z")
TIMES = ("idle_timeout_s", "idle_warning_s", "thanks_s", "misclick_s", "visit_gap_s", "sent_copies_days")


def _number(name: str, label: Any) -> IntegerField:
    least, most = BOUNDS[name]
    words = lazy_gettext("Từ %(least)s đến %(most)s.", least=least, most=most)
    return IntegerField(label, validators=[Optional(), NumberRange(least, most, message=words)])


class TimesForm(FlaskForm):  # type: ignore[misc]
    """Time-outs, photos, languages and hotline; empty for what the unit above has."""

    idle_timeout_s = _number("idle_timeout_s", lazy_gettext("Chờ khi không ai chạm (giây)"))
    idle_warning_s = _number("idle_warning_s", lazy_gettext("Báo trước khi trở về màn hình chờ (giây)"))
    thanks_s = _number("thanks_s", lazy_gettext("Màn hình cảm ơn (giây)"))
    misclick_s = _number("misclick_s", lazy_gettext("Được bấm «Bấm nhầm» trong (giây)"))
    visit_gap_s = _number("visit_gap_s", lazy_gettext("Nghỉ giữa hai lượt không có phiếu (giây)"))
    sent_copies_days = _number("sent_copies_days", lazy_gettext("Giữ bản sao đã gửi trên máy (ngày)"))
    show_photos = SelectField(lazy_gettext("Ảnh cán bộ trên máy"), validate_choice=False, default="")
    languages = SelectField(lazy_gettext("Ngôn ngữ trên máy"), validate_choice=False, default="")

    @property
    def settings(self) -> dict[str, Any]:
        """What was filled in, as overrides of `survey.setup.Behaviour`."""
        found: dict[str, Any] = {name: self[name].data for name in TIMES if self[name].data is not None}
        if self.show_photos.data in ("yes", "no"):
            found["show_photos"] = self.show_photos.data == "yes"
        return found

    def validate(self, extra_validators: Any = None) -> bool:
        """The warning comes before the end."""
        is_good = bool(super().validate(extra_validators))
        whole, warning = self.idle_timeout_s.data, self.idle_warning_s.data
        if whole is not None and warning is not None and warning >= whole:
            self.idle_warning_s.errors = [gettext("Phải ngắn hơn thời gian chờ.")]
            return False
        return is_good


class UnitRemoteForm(TimesForm):
    """A unit's: opening hours of each weekday and the PIN of the staff screen besides."""

    mon = StringField(lazy_gettext("Thứ Hai"))
    tue = StringField(lazy_gettext("Thứ Ba"))
    wed = StringField(lazy_gettext("Thứ Tư"))
    thu = StringField(lazy_gettext("Thứ Năm"))
    fri = StringField(lazy_gettext("Thứ Sáu"))
    sat = StringField(lazy_gettext("Thứ Bảy"))
    sun = StringField(lazy_gettext("Chủ nhật"))
    pin = PasswordField(
        lazy_gettext("Mã PIN mới của màn hình nhân viên"),
        validators=[Optional(), Regexp(r"\d{4,12}\Z", message=lazy_gettext("Từ 4 đến 12 chữ số."))],
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Each span is HH:MM-HH:MM and ends after it begins."""
        is_good = bool(super().validate(extra_validators))
        for weekday in WEEKDAYS:
            for span in spans_of(self[weekday].data):
                first, _, end = span.partition("-")
                if not _SPAN.match(span) or first >= end:
                    self[weekday].errors = [
                        gettext("Xin ghi giờ dạng 07:30-11:30, 13:30-17:00; chưa hiểu «%(span)s».", span=span[:30])
                    ]
                    is_good = False
        return is_good

    @property
    def hours(self) -> dict[str, list[str]]:
        """The opening hours as `survey.setup.Behaviour` has them; empty when nothing was filled in."""
        return {weekday: spans for weekday in WEEKDAYS if (spans := spans_of(self[weekday].data))}


class KioskRemoteForm(TimesForm):
    """A kiosk's: its name and place, a hotline of its own, home visits."""

    name = StringField(lazy_gettext("Tên máy"), validators=[DataRequired(), Length(max=100)])
    counter = SelectField(lazy_gettext("Nơi đặt"), coerce=int, validate_choice=False, default=0)
    hotline = StringField(lazy_gettext("Đường dây nóng riêng"), validators=[Length(max=50)])
    home_visits = BooleanField(lazy_gettext("Máy mang đến nhà dân"))

    @property
    def settings(self) -> dict[str, Any]:
        """As `TimesForm.settings`, with home visits."""
        found = dict(super().settings)
        if self.home_visits.data:
            found["home_visits"] = True
        return found


class TextsForm(FlaskForm):  # type: ignore[misc]
    """Slogans and idle messages of a unit; empty for those of the unit above."""

    slogans = TextAreaField(lazy_gettext("Khẩu hiệu"))
    idle_messages = TextAreaField(lazy_gettext("Lời nhắn khi chờ"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Not more than a screen holds."""
        is_good = bool(super().validate(extra_validators))
        slogans, messages = slogans_in(self.slogans.data), messages_in(self.idle_messages.data)
        too_long = [line for each in slogans for line in (each["title"], *each["lines"]) if len(line) > LINE_LENGTH_MAX]
        if len(slogans) > SLOGANS_MAX or any(not 1 <= len(each["lines"]) <= LINES_MAX for each in slogans):
            self.slogans.errors = [
                gettext(
                    "Nhiều nhất %(slogans)s khẩu hiệu, mỗi khẩu hiệu một dòng tên và 1 đến %(lines)s dòng nội dung.",
                    slogans=SLOGANS_MAX,
                    lines=LINES_MAX,
                )
            ]
            is_good = False
        elif too_long:
            self.slogans.errors = [gettext("Dòng quá dài: «%(line)s».", line=too_long[0][:60])]
            is_good = False
        if len(messages) > MESSAGES_MAX or any(
            not words["vi"] or len(text) > MESSAGE_LENGTH_MAX for words in messages for text in words.values()
        ):
            self.idle_messages.errors = [
                gettext(
                    "Nhiều nhất %(most)s lời nhắn, mỗi lời nhiều nhất %(letters)s chữ cái.",
                    most=MESSAGES_MAX,
                    letters=MESSAGE_LENGTH_MAX,
                )
            ]
            is_good = False
        return is_good


def slogans_in(text: str | None) -> list[dict[str, Any]]:
    """Blocks apart by an empty line: the first line is the title."""
    blocks = re.split(r"\n\s*\n", (text or "").replace("\r\n", "\n").strip())
    lines = [[" ".join(line.split()) for line in block.split("\n") if line.strip()] for block in blocks]
    return [{"title": block[0], "lines": block[1:]} for block in lines if block]


def slogans_as_text(slogans: Iterable[Slogan]) -> str:
    """The text that `slogans_in` reads."""
    return "\n\n".join("\n".join((each.title, *each.lines)) for each in slogans)


def messages_in(text: str | None) -> list[dict[str, str]]:
    """A line each, its English after a bar."""
    found = []
    for line in (text or "").splitlines():
        vi, _, en = (" ".join(part.split()) for part in line.partition("|"))
        if vi or en:
            found.append({"vi": vi, "en": en} if en else {"vi": vi})
    return found


def messages_as_text(messages: Iterable[Words]) -> str:
    """The text that `messages_in` reads."""
    return "\n".join(" | ".join(filter(None, (words["vi"], words.get("en", "")))) for words in messages)


def filled(settings: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `TimesForm` as they are stored."""
    photos = {None: "", True: "yes", False: "no"}[settings.get("show_photos")]
    times = {name: settings.get(name) for name in TIMES}
    return {**times, "show_photos": photos, "languages": ",".join(shown.get("languages") or ())}


def spans_of(text: str | None) -> list[str]:
    """`7:30–11:30; 13h30-17:00` as it is stored: ["07:30-11:30", "13:30-17:00"]."""
    spans = []
    for part in re.split(r"[,;]", text or ""):
        plain = re.sub(r"\s", "", part).replace("–", "-").replace("h", ":").replace("g", ":")
        if plain:
            spans.append("-".join(clock.zfill(5) for clock in plain.split("-")))
    return spans


def kept(found: Remote) -> dict[str, Any]:
    """The settings that no form shows, which stay."""
    return {key: value for key, value in found.settings.items() if key not in (*TIMES, "show_photos", "home_visits")}


def with_languages(shown: Mapping[str, Any], entered: TimesForm) -> dict[str, Any]:
    """What is shown, with the languages of a form."""
    others = {key: value for key, value in shown.items() if key != "languages"}
    languages = [code for code in (entered.languages.data or "").split(",") if code in LANGUAGES]
    return {**others, "languages": languages} if "vi" in languages else others


def choices(found: Remote) -> dict[str, Any]:
    """What the form's two selects offer, the first beside what holds without a choice."""
    as_above = gettext("Theo đơn vị")
    photos = gettext("hiện") if found.behaviour.show_photos else gettext("không hiện")
    spoken = found.inherited.languages or tuple(LANGUAGES)
    return {
        "photo_choices": [("", f"{as_above}: {photos}"), ("yes", gettext("Hiện")), ("no", gettext("Không hiện"))],
        "language_choices": [
            ("", f"{as_above}: {', '.join(LANGUAGES.get(code, code) for code in spoken)}"),
            (",".join(LANGUAGES), ", ".join(LANGUAGES.values())),
            ("vi", LANGUAGES["vi"]),
        ],
    }
