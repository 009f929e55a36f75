"""The forms of surveys, of where they are asked, and of rounds."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional, ValidationError

from survey.questionnaire import Reason, Survey
from sync_server.models.survey import ROUND_KINDS
from sync_server.services.surveys import CHIPS_MAX, QUESTION_MAX


class NewDraftForm(FlaskForm):  # type: ignore[misc]
    """A draft's name, and the version that it begins as a copy of."""

    name = StringField(lazy_gettext("Tên bộ câu hỏi"), validators=[DataRequired(), Length(max=120)])
    based_on = SelectField(lazy_gettext("Bắt đầu từ"), coerce=int, validate_choice=False)


class DraftForm(FlaskForm):  # type: ignore[misc]
    """What a survey asks. Which reasons, and in which order, comes beside it: see `chosen_reasons`."""

    name = StringField(lazy_gettext("Tên bộ câu hỏi"), validators=[DataRequired(), Length(max=120)])
    question_vi = TextAreaField(
        lazy_gettext("Câu hỏi (tiếng Việt)"), validators=[DataRequired(), Length(max=QUESTION_MAX)]
    )
    question_en = TextAreaField(lazy_gettext("Câu hỏi (tiếng Anh)"), validators=[Length(max=QUESTION_MAX)])
    scale = SelectField(lazy_gettext("Thang mức độ"), validate_choice=False, validators=[DataRequired()])
    ask_reasons_when_satisfied = BooleanField(lazy_gettext("Cũng hỏi lý do khi người dân hài lòng"))
    ask_comment = BooleanField(lazy_gettext("Mời viết thêm ý kiến (không bắt buộc)"))

    @classmethod
    def of(cls, name: str, survey: Survey) -> "DraftForm":
        """The form filled with a draft as it is."""
        return cls(
            name=name,
            question_vi=survey.question.get("vi", ""),
            question_en=survey.question.get("en", ""),
            scale=survey.scale,
            ask_reasons_when_satisfied=survey.ask_reasons_when_satisfied,
            ask_comment=survey.ask_comment,
        )

    def content(self, reasons: Sequence[str]) -> dict[str, Any]:
        """The survey as `services.surveys.checked` takes it."""
        question = {"vi": " ".join((self.question_vi.data or "").split())}
        if english := " ".join((self.question_en.data or "").split()):
            question["en"] = english
        return {
            "scale": self.scale.data,
            "question": question,
            "reasons": list(reasons),
            "ask_reasons_when_satisfied": bool(self.ask_reasons_when_satisfied.data),
            "ask_comment": bool(self.ask_comment.data),
        }


def chosen_reasons(known: Mapping[str, Reason]) -> tuple[str, ...]:
    """The reasons ticked in the form sent, by the numbers beside them; those without a number last."""
    ticked = [code for code in dict.fromkeys(request.form.getlist("reason")) if code in known]

    def place(code: str) -> tuple[int, int]:
        text = request.form.get(f"place-{code}", "").strip()
        is_number = text.isascii() and text.isdigit() and len(text) <= 3
        return int(text) if is_number else 999, known[code].bit

    return tuple(sorted(ticked, key=place))


def reason_fault(reasons: Sequence[str], known: Mapping[str, Reason]) -> str:
    """What is wrong with a choice of reasons, '' when nothing is."""
    for after, words in (("dissatisfied", gettext("chưa hài lòng")), ("satisfied", gettext("hài lòng"))):
        count = sum(after in known[code].after for code in reasons)
        if count > CHIPS_MAX:
            return str(
                gettext(
                    "Màn hình chứa nhiều nhất %(most)s lý do khi %(when)s; đang chọn %(count)s.",
                    most=CHIPS_MAX,
                    when=words,
                    count=count,
                )
            )
    return ""


class DaysForm(FlaskForm):  # type: ignore[misc]
    """From a day to the end of another, or without end."""

    first = DateField(lazy_gettext("Từ ngày"), validators=[InputRequired(lazy_gettext("Xin chọn ngày."))])
    last = DateField(lazy_gettext("Đến hết ngày"), validators=[Optional()])

    def validate_last(self, field: DateField) -> None:
        """The last day is not before the first."""
        if field.data and self.first.data and field.data < self.first.data:
            raise ValidationError(gettext("Ngày cuối phải không trước ngày đầu."))

    @property
    def first_day(self) -> int:
        """The first day as an ordinal."""
        return int(self.first.data.toordinal())

    @property
    def until_day(self) -> int | None:
        """The first day no longer, as an ordinal; null without end."""
        return self.last.data.toordinal() + 1 if self.last.data else None


class AssignForm(DaysForm):
    """Where a survey is asked, and from which day to which."""

    survey = SelectField(lazy_gettext("Bộ câu hỏi"), coerce=int, validate_choice=False)
    unit = SelectField(lazy_gettext("Đơn vị (và các đơn vị bên dưới)"), coerce=int, validate_choice=False)


class RoundForm(DaysForm):
    """A round: what it is, whose, and when."""

    name = StringField(lazy_gettext("Tên đợt"), validators=[DataRequired(), Length(max=120)])
    kind = SelectField(lazy_gettext("Loại đợt"), validate_choice=False, validators=[AnyOf(ROUND_KINDS)])
    unit = SelectField(lazy_gettext("Đơn vị (và các đơn vị bên dưới)"), coerce=int, validate_choice=False)
    owner = SelectField(lazy_gettext("Người chịu trách nhiệm"), coerce=int, validate_choice=False, default=0)
