"""What was entered for letters, read and checked row by row: a form is a list of one row.

A fault never repeats what was entered: it may be a name, and a fault may be logged.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sync_server.casework.workdays import WorkCalendar
from sync_server.correspondence.kinds import LETTERS_MAX, SALUTATIONS, Entry, Kind
from sync_server.correspondence.rules import Extension
from sync_server.lists import Fault, Row

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the server knows of the things that rows name. pattern: of dossier codes; extended: the codes that have got
    all their new dates; founded: the cases that were found true."""

    today: int
    calendar: WorkCalendar
    extension: Extension
    pattern: str
    extended: Collection[str] = field(default=frozenset())
    founded: Collection[int] = field(default=frozenset())


def rows_of(kind: Kind, rows: Sequence[Row]) -> list[tuple[int, Values]]:
    """The rows with anything in them, with their number in the list (headings are row 1), tidied."""
    found: list[tuple[int, Values]] = []
    for number, row in enumerate(rows, start=2):
        values = {entry.key: _tidy(entry, cell) for entry, cell in zip(kind.entries, row, strict=False)}
        if any(values.values()):
            found.append((number, {entry.key: values.get(entry.key, "") for entry in kind.entries}))
    return found


def faults(kind: Kind, rows: Sequence[tuple[int, Values]], known: Known) -> list[Fault]:
    """Everything that is wrong, in order. Codes beside those of `lists.Fault`: `bad_code`, `not_offered`, `past_term`,
    `not_later`, `day_off`, `extended`, `not_founded`, `to_come`, `none`, `too_many`."""
    found = [] if rows else [Fault(row=1, column="", code="none")]
    if len(rows) > LETTERS_MAX:
        found.append(Fault(row=LETTERS_MAX + 2, column="", code="too_many"))
    seen: set[str] = set()
    for number, values in rows[:LETTERS_MAX]:
        simple = [fault for entry in kind.entries if (fault := _simple(entry, values[entry.key], number))]
        found += simple
        if not simple:
            found += [Fault(row=number, column=key, code=code) for key, code in _together(kind, values, known)]
        if code := values.get("code"):
            if code in seen:
                found.append(Fault(row=number, column="code", code="twice"))
            seen.add(code)
    return found


def day_of(text: str) -> int | None:
    """The ordinal day of «2026-03-05» or «5/3/2026»; None for anything else."""
    try:
        if match := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text, re.ASCII):
            return date(int(match[3]), int(match[2]), int(match[1])).toordinal()
        return date.fromisoformat(text).toordinal()
    except ValueError:
        return None


def due_day(values: Values, calendar: WorkCalendar) -> int:
    """When a dossier is due in law: a day off moves to the next working day (Bộ luật Dân sự 2015, Điều 148)."""
    return calendar.after(date.fromordinal(day_of(values["due"]) or 1), 0).toordinal()


def _tidy(entry: Entry, cell: str) -> str:
    """One line, with signs that can be printed, without the stop at its end that the letter sets itself."""
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in cell).split())
    if entry.form == "code":
        return text.replace(" ", "").upper()
    return text.rstrip(" .;,") if entry.form == "text" else text


def _simple(entry: Entry, text: str, row: int) -> Fault | None:
    """What is wrong with one entry by itself."""
    code = ""
    if not text:
        code = "missing" if entry.is_required else ""
    elif len(text) > entry.most:
        code = "too_long"
    elif entry.form == "day" and day_of(text) is None:
        code = "bad_date"
    elif entry.form == "salutation" and text not in SALUTATIONS:
        code = "not_offered"
    elif entry.form == "case" and not (text.isascii() and text.isdigit()):
        code = "not_founded"
    return Fault(row=row, column=entry.key, code=code) if code else None


def _together(kind: Kind, values: Values, known: Known) -> list[tuple[str, str]]:
    """What is wrong with a row by the rules of its kind: column and code."""
    if kind.key == "late":
        return _late(values, known)
    if kind.key == "case" and int(values["case"]) not in known.founded:
        return [("case", "not_founded")]
    died = day_of(values["died"]) if kind.key == "condolence" and values["died"] else None
    return [("died", "to_come")] if died is not None and died > known.today else []


def _late(values: Values, known: Known) -> list[tuple[str, str]]:
    found = []
    if not re.fullmatch(known.pattern, values["code"], re.ASCII):
        found.append(("code", "bad_code"))
    elif values["code"] in known.extended:
        found.append(("code", "extended"))
    due, new = due_day(values, known.calendar), day_of(values["new"]) or 0
    if known.today > due - known.extension.notice_days:
        found.append(("due", "past_term"))
    if new <= due:
        found.append(("new", "not_later"))
    elif not known.calendar.is_working_day(date.fromordinal(new)):
        found.append(("new", "day_off"))
    return found


def example(kind: Kind, today: int, calendar: WorkCalendar) -> Values:
    """A row of made-up names, with days that fit."""
    first = date.fromordinal(today)
    days = {
        "due": calendar.after(first, 3),
        "new": calendar.after(first, 8),
        "died": first - timedelta(days=1),
    }
    return {
        entry.key: f"{days[entry.key]:%d/%m/%Y}" if entry.form == "day" else entry.example for entry in kind.entries
    }
