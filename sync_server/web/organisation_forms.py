"""The forms of the organisation's pages."""

from datetime import date

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, SelectField, SelectMultipleField, StringField
from wtforms.validators import AnyOf, DataRequired, Length, Optional, ValidationError

from sync_server.services.organisation import CATEGORIES, UNIT_KINDS


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
