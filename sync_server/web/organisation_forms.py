"""The forms of the organisation's pages."""

import re
from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.validators import AnyOf, DataRequired, Length, Optional, Regexp, ValidationError

from sync_server.opening import WEEKDAYS
from sync_server.services.organisation import CATEGORIES, UNIT_KINDS

_SPAN = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)\Z")


def _day(field: DateField) -> int | None:
    return field.data.toordinal() if isinstance(field.data, date) else None


def date_of(ordinal: int | None) -> date | None:
    """The date of a day, for a form's field."""
    return date.fromordinal(ordinal) if ordinal else None


class Dated(FlaskForm):  # type: ignore[misc]
    """What has a first and a last day."""

    valid_from = DateField(lazy_gettext("Từ ngày"), validators=[Optional()])
    valid_until = DateField(lazy_gettext("Không còn từ ngày"), validators=[Optional()])

    def validate_valid_until(self, field: DateField) -> None:
        """The end lies after the beginning."""
        if field.data and self.valid_from.data and field.data <= self.valid_from.data:
            raise ValidationError(gettext("Ngày kết thúc phải sau ngày bắt đầu."))

    @property
    def first_day(self) -> int | None:
        """The first day as an ordinal."""
        return _day(self.valid_from)

    @property
    def end_day(self) -> int | None:
        """The first day no longer, as an ordinal."""
        return _day(self.valid_until)


class UnitForm(Dated):
    """A unit."""

    name = StringField(lazy_gettext("Tên đơn vị"), validators=[DataRequired(), Length(max=200)])
    kind = SelectField(lazy_gettext("Loại"), validate_choice=False, validators=[AnyOf(UNIT_KINDS)])
    parent = SelectField(lazy_gettext("Trực thuộc"), coerce=int, validate_choice=False, default=0)
    hotline = StringField(lazy_gettext("Đường dây nóng"), validators=[Length(max=50)])


class BehaviourForm(FlaskForm):  # type: ignore[misc]
    """How a unit's kiosks behave: opening hours of each weekday, photos, PIN of the staff screen."""

    mon = StringField(lazy_gettext("Thứ Hai"))
    tue = StringField(lazy_gettext("Thứ Ba"))
    wed = StringField(lazy_gettext("Thứ Tư"))
    thu = StringField(lazy_gettext("Thứ Năm"))
    fri = StringField(lazy_gettext("Thứ Sáu"))
    sat = StringField(lazy_gettext("Thứ Bảy"))
    sun = StringField(lazy_gettext("Chủ nhật"))
    show_photos = BooleanField(lazy_gettext("Hiện ảnh cán bộ trên máy"))
    pin = PasswordField(
        lazy_gettext("Mã PIN mới của màn hình nhân viên"),
        validators=[Optional(), Regexp(r"\d{4,12}\Z", message=lazy_gettext("Từ 4 đến 12 chữ số."))],
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Each span is HH:MM-HH:MM and ends after it begins."""
        is_good = bool(super().validate(extra_validators))
        for weekday in WEEKDAYS:
            for span in _spans(self[weekday].data):
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
        return {weekday: spans for weekday in WEEKDAYS if (spans := _spans(self[weekday].data))}


class OfficerForm(Dated):
    """An officer."""

    name = StringField(lazy_gettext("Họ và tên"), validators=[DataRequired(), Length(max=120)])
    title = StringField(lazy_gettext("Chức danh"), validators=[DataRequired(), Length(max=120)])
    category = SelectField(lazy_gettext("Lực lượng"), validate_choice=False, validators=[AnyOf(CATEGORIES)])
    unit = SelectField(lazy_gettext("Đơn vị"), coerce=int, validate_choice=False)
    services = SelectMultipleField(lazy_gettext("Thủ tục đảm nhận"), coerce=int, validate_choice=False)
    declared = SelectField(lazy_gettext("Thủ tục chính"), coerce=int, validate_choice=False, default=0)
    photo = FileField(lazy_gettext("Ảnh chân dung"))
    without_photo = BooleanField(lazy_gettext("Bỏ ảnh"))


class NameForm(FlaskForm):  # type: ignore[misc]
    """A name, with its English where it has one."""

    name = StringField(lazy_gettext("Tên"), validators=[DataRequired(), Length(max=300)])
    name_en = StringField(lazy_gettext("Tên tiếng Anh"), validators=[Length(max=300)])


def _spans(text: str | None) -> list[str]:
    """`7:30–11:30; 13h30-17:00` as it is stored: ["07:30-11:30", "13:30-17:00"]."""
    spans = []
    for part in re.split(r"[,;]", text or ""):
        plain = re.sub(r"\s", "", part).replace("–", "-").replace("h", ":").replace("g", ":")
        if plain:
            spans.append("-".join(clock.zfill(5) for clock in plain.split("-")))
    return spans
