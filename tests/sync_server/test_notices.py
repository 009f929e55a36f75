"""Notices: who is told of what, in which words, once, and until they are taken."""

import asyncio
import email
import email.policy
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from sync_server.casework import steps
from sync_server.errors import NotFound, Refused
from sync_server.messenger import EMAIL, Messenger
from sync_server.models.casework import CaseFile
from sync_server.models.kiosk import Kiosk
from sync_server.models.notice import Notice, NoticeChannel, NoticeChoice
from sync_server.models.people import Staff
from sync_server.notices.kinds import OFFERED, Kind
from sync_server.notices.tries import MOST_TRIES, pause_ms
from sync_server.notices.wording import Line, Message, message, sentence
from sync_server.office import Office
from sync_server.services import cases, followup, notice_sending, notice_watch, notices, organisation
from tests.sync_server import builders
from tests.sync_server.casework.town import MONEY, RUDE, CaseTown, found_case_town, said_at
from tests.sync_server.conftest import SetClock

HOUR = 3_600_000
SCHEMES = ("ntfy", "tgram")


@pytest.fixture
def town(office: Office) -> CaseTown:
    return found_case_town(office)


def channel(town: CaseTown, name: str, *kinds: Kind, address: str = "") -> int:
    """A channel of a person, whose first notice is sent already."""
    with town.office.database.write() as session:
        number = notices.add_channel(
            session, town.office.seals, town.staff[name].id, address or f"{name}@xa.gov.vn", kinds or list(Kind),
            schemes=SCHEMES, has_mail=True, now=town.office.now(),
        )  # fmt: skip
        session.execute(delete(Notice).where(Notice.channel_id == number))
    return number


def outbox(town: CaseTown) -> list[tuple[str, str]]:
    """Whom is told of what: (username, kind), in order."""
    with town.office.database.read() as session:
        rows = session.execute(
            select(Staff.username, Notice.kind)
            .join(NoticeChannel, NoticeChannel.staff_id == Staff.id)
            .join(Notice, Notice.channel_id == NoticeChannel.id)
            .order_by(Notice.id)
        )
        return [(row.username, row.kind) for row in rows]


def complain(town: CaseTown, clock: SetClock, reason: str = RUDE) -> None:
    clock.advance(minutes=30)
    town.say(said_at(town.desk, clock.at - 60_000, 1, reasons=(reason,), comment="Chị ấy quát bà Tư, 0912345678"))


@dataclass
class Post:
    """A mail server of the test's own: takes messages, or fails as told."""

    faults: list[str] = field(default_factory=list)
    taken: list[tuple[str, Message]] = field(default_factory=list)

    def __call__(self, address: str, sent: Message) -> str:
        if self.faults:
            return self.faults.pop(0)
        self.taken.append((address, sent))
        return ""


# Who is told ---------------------------------------------------------------------------------------------------------


def test_a_grave_complaint_is_told_to_those_who_handle_that_unit(town: CaseTown, clock: SetClock) -> None:
    for name in ("alice", "chi", "town_staff", "inspector", "observer", "officer"):
        channel(town, name)
    complain(town, clock)
    assert outbox(town) == [("alice", "grave"), ("town_staff", "grave"), ("inspector", "grave")]


def test_asking_for_money_is_told_to_inspectors_only(town: CaseTown, clock: SetClock) -> None:
    for name in ("alice", "town_staff", "inspector"):
        channel(town, name)
    complain(town, clock, MONEY)
    assert outbox(town) == [("inspector", "grave")]


def test_each_person_chooses_the_kinds(town: CaseTown, clock: SetClock) -> None:
    channel(town, "alice", Kind.DIGEST)
    number = channel(town, "town_staff", Kind.GRAVE)
    complain(town, clock)
    assert outbox(town) == [("town_staff", "grave")]
    with town.office.database.write() as session:
        notices.choose(session, town.staff["town_staff"].id, number, [])
        with pytest.raises(NotFound):
            notices.choose(session, town.staff["alice"].id, number, [Kind.FLAG])
        session.execute(delete(CaseFile).where(CaseFile.id == 0))
    complain(town, clock, MONEY)
    assert outbox(town) == [("town_staff", "grave")]


def test_what_a_role_is_not_offered_cannot_be_chosen(town: CaseTown) -> None:
    number = channel(town, "officer", *Kind)
    with town.office.database.read() as session:
        chosen = session.scalars(select(NoticeChoice.kind).where(NoticeChoice.channel_id == number)).all()
    assert set(chosen) == set(OFFERED["officer"]) == {"due", "overdue"}


def test_nobody_is_told_after_the_account_is_closed_or_the_channel_removed(town: CaseTown, clock: SetClock) -> None:
    channel(town, "alice")
    number = channel(town, "town_staff")
    with town.office.database.write() as session:
        session.execute(update(Staff).where(Staff.username == "alice").values(closed_at=1))
        notices.remove_channel(session, town.staff["town_staff"].id, number, now=clock.at)
        assert session.get_one(NoticeChannel, number).sealed == b""
    complain(town, clock)
    assert outbox(town) == []


def test_a_notice_is_in_the_transaction_of_what_it_tells(town: CaseTown) -> None:
    channel(town, "alice")

    def fails_after_all() -> None:
        with town.office.database.write() as session:
            file = CaseFile(
                officer_id=town.officer.id, unit_id=town.desk.unit_id, trigger="flag", opened_at=0, state="opened"
            )
            session.add(file)
            session.flush()
            notices.case_opened(session, file, 0)
            assert session.scalars(select(Notice.kind)).all() == ["flag"]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails_after_all()
    assert outbox(town) == []


def test_steps_are_told_before_on_and_after_their_day_to_whose_turn_it_is(town: CaseTown, clock: SetClock) -> None:
    for name in ("alice", "chi", "inspector", "officer"):
        channel(town, name, Kind.DUE, Kind.OVERDUE)
    staff = {name: person.id for name, person in town.staff.items()}
    with town.office.database.write() as session:
        number = cases.open_by_hand(session, town.officer.id, by=staff["alice"], note="đơn thư", today=town.today)
        cases.do(session, number, steps.TakeUp(by=staff["alice"], note="mời", released="Xin giải trình."), town.today)
    for _ in range(10):
        with town.office.database.write() as session:
            followup.every_night(session, town.today)
            followup.every_night(session, town.today)  # a night that is run twice tells nothing twice
        clock.advance(days=1)
    assert outbox(town) == [("officer", "due"), ("officer", "due"), ("officer", "overdue")]
    with town.office.database.read() as session:
        assert set(session.scalars(select(Notice.path))) == {"/own"}


# Kiosks and the week -------------------------------------------------------------------------------------------------


def watch(town: CaseTown) -> None:
    with town.office.database.write() as session:
        notice_watch.watch(session, town.office)


def test_a_kiosk_in_need_is_told_once_a_day_in_opening_hours(town: CaseTown, clock: SetClock) -> None:
    channel(town, "alice", Kind.SILENT, Kind.BATTERY, Kind.DISK)
    channel(town, "chi", Kind.SILENT, Kind.BATTERY, Kind.DISK)
    hours = {"mon": ["07:30-11:30"], "tue": ["07:30-11:30"]}
    with town.office.database.write() as session:
        organisation.set_behaviour(session, town.desk.unit_id, {"opening_hours": hours})
        status = {"battery_percent": 12, "disk_free_mb": 90}
        session.execute(update(Kiosk).values(last_contact_at=clock.at, status=status))
    watch(town)
    watch(town)
    assert outbox(town) == [("alice", "disk"), ("alice", "battery")]
    clock.advance(hours=2)
    watch(town)
    assert outbox(town)[2:] == [("alice", "silent")]
    clock.advance(hours=14)  # midnight: nobody is told
    watch(town)
    assert len(outbox(town)) == 3
    clock.advance(hours=10)
    watch(town)
    assert sorted(outbox(town)[3:]) == [("alice", "battery"), ("alice", "disk"), ("alice", "silent")]


def test_the_week_is_told_once_with_the_numbers_of_the_own_reach(town: CaseTown, clock: SetClock) -> None:
    for name in ("alice", "chi", "observer"):
        channel(town, name, Kind.DIGEST)
    complain(town, clock)
    complain(town, clock, MONEY)
    clock.advance(days=7)
    watch(town)
    watch(town)
    assert sorted(outbox(town)) == [("alice", "digest"), ("chi", "digest"), ("observer", "digest")]
    with town.office.database.read() as session:
        rows = session.execute(
            select(Staff.username, Notice.params)
            .join(NoticeChannel, NoticeChannel.staff_id == Staff.id)
            .join(Notice, Notice.channel_id == NoticeChannel.id)
        )
        said = {row.username: row.params for row in rows}
    assert (said["alice"]["n"], said["alice"]["opened"], said["alice"]["overdue"]) == (2, 1, 1)
    assert (said["chi"]["n"], said["chi"]["opened"]) == (0, 0)
    assert (said["observer"]["first"], said["observer"]["last"]) == ("02/03", "08/03/2026")


# Sending -------------------------------------------------------------------------------------------------------------


def send(town: CaseTown, post: Post) -> notice_sending.Sent:
    return notice_sending.send_due(town.office, post)


def test_all_that_waits_for_a_person_goes_in_one_message_and_once(town: CaseTown, clock: SetClock) -> None:
    channel(town, "inspector")
    complain(town, clock)
    complain(town, clock, MONEY)
    post = Post()
    assert send(town, post) == notice_sending.Sent(sent=2, later=0, given_up=0)
    assert send(town, post) == notice_sending.Sent(sent=0, later=0, given_up=0)
    ((address, sent),) = post.taken
    assert address == f"{EMAIL}inspector@xa.gov.vn"
    assert sent.title == "Nụ Cười: 2 thông báo mới"
    assert "https://nucuoi.example/cases/1" in sent.body
    assert "https://nucuoi.example/cases/2" in sent.body


def test_no_message_names_an_officer_or_holds_a_citizens_words(town: CaseTown, clock: SetClock) -> None:
    channel(town, "inspector")
    complain(town, clock)
    clock.advance(days=7)
    watch(town)
    post = Post()
    send(town, post)
    ((_, sent),) = post.taken
    whole = sent.title + sent.body
    for hidden in (town.officer.name, "bà Tư", "0912345678", "quát"):
        assert hidden not in whole


def test_what_is_not_taken_is_tried_again_later_and_given_up_at_last(town: CaseTown, clock: SetClock) -> None:
    channel(town, "alice")
    complain(town, clock)
    post = Post(faults=["no mail server"] * MOST_TRIES)
    waited = 0
    for tries in range(1, MOST_TRIES):
        assert send(town, post).later == 1
        assert send(town, post) == notice_sending.Sent(sent=0, later=0, given_up=0)  # not before its time
        clock.advance(ms=pause_ms(tries) or 0)
        waited += pause_ms(tries) or 0
    assert waited > 24 * HOUR
    assert send(town, post).given_up == 1
    clock.advance(days=30)
    assert send(town, post) == notice_sending.Sent(sent=0, later=0, given_up=0)
    with town.office.database.write() as session:
        row = session.scalars(select(Notice)).one()
        assert (row.failed_at is not None, row.fault) == (True, "no mail server")
        assert notices.try_again(session, now=clock.at) == 1
    assert send(town, post).sent == 1


def test_a_process_that_dies_after_sending_sends_again_and_another_one_does_not_meanwhile(
    town: CaseTown, clock: SetClock
) -> None:
    channel(town, "alice")
    complain(town, clock)
    post = Post()

    def dies(address: str, sent: Message) -> str:
        assert send(town, post).sent == 0  # another process finds it claimed
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        notice_sending.send_due(town.office, dies)
    assert send(town, post).sent == 0
    clock.advance(minutes=3)
    assert send(town, post).sent == 1


def test_old_notices_are_forgotten_and_what_waits_is_not(town: CaseTown, clock: SetClock) -> None:
    channel(town, "alice")
    channel(town, "inspector")
    complain(town, clock)
    send(town, Post(faults=["full"]))
    clock.advance(days=91)
    with town.office.database.write() as session:
        assert notices.forget_old(session, now=clock.at) == 1
        assert notices.forget_old(session, now=clock.at) == 0
    assert outbox(town) == [("alice", "grave")]


def test_one_channel_that_fails_does_not_hold_up_another(town: CaseTown, clock: SetClock) -> None:
    channel(town, "alice")
    channel(town, "inspector")
    complain(town, clock)
    post = Post(faults=["full"])
    assert send(town, post) == notice_sending.Sent(sent=1, later=1, given_up=0)
    assert [address for address, _ in post.taken] == [f"{EMAIL}inspector@xa.gov.vn"]


# Channels ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "has_mail", "said"),
    [
        ("", True, "Xin ghi một địa chỉ"),
        ("lan", True, "thư điện tử chưa đúng"),
        ("lan@xa.gov.vn\nbcc: x@y.vn", True, "Xin ghi một địa chỉ"),
        ("lan@xa.gov.vn, tu@xa.gov.vn", True, "thư điện tử chưa đúng"),
        ("lan@xa.gov.vn", False, "chưa được cài đặt"),
        ("file:///etc/passwd", True, "chưa được phép"),
        ("mailto://u:p@evil.example?to=x@y.vn", True, "chưa được phép"),
        ("json://127.0.0.1/x", True, "chưa được phép"),
        ("tgram://123456789:abcdefghijklmnopqrstuvwxyzabcdefghi/1, json://127.0.0.1/x", True, "chưa được phép"),
        ("ntfy://" + "x" * 600, True, "Xin ghi một địa chỉ"),
    ],
)
def test_an_address_that_is_none_is_refused(sqlite_office: Office, address: str, has_mail: bool, said: str) -> None:
    person = builders.make_staff(sqlite_office, "inspector")
    with pytest.raises(Refused, match=said), sqlite_office.database.write() as session:
        notices.add_channel(
            session, sqlite_office.seals, person.id, address, [], schemes=SCHEMES, has_mail=has_mail, now=0
        )


def test_what_is_kept_sends_to_one_allowed_service_only(sqlite_office: Office) -> None:
    messenger = Messenger(sqlite_office.settings)
    for kept in ("json://127.0.0.1:9/x", "ntfy://kenh, json://127.0.0.1:9/x", "ntfy://kenh json://127.0.0.1:9/x"):
        assert "not one that can be sent to" in messenger.deliver(kept, Message(title="t", body="b"))


def test_addresses_are_kept_sealed_and_shown_in_part(sqlite_office: Office) -> None:
    town = found_case_town(sqlite_office)
    secret = "ntfy://user:m4tkh4u@ntfy.xa.gov.vn/kenh-kin"
    numbers = [channel(town, "alice"), channel(town, "alice", address=secret)]
    with sqlite_office.database.read() as session:
        rows = [session.get_one(NoticeChannel, number) for number in numbers]
        assert [row.shown for row in rows] == ["a…@xa.gov.vn", "ntfy://…"]
        assert all(b"m4tkh4u" not in row.sealed and b"alice" not in row.sealed for row in rows)
        assert sqlite_office.seals.open(rows[1].sealed).decode() == secret
    for _ in range(3):
        channel(town, "alice")
    with pytest.raises(Refused, match="đủ số kênh"):
        channel(town, "alice")


def test_nobody_can_make_the_server_write_to_many_strangers(sqlite_office: Office, clock: SetClock) -> None:
    town = found_case_town(sqlite_office)
    for _ in range(10):
        number = channel(town, "alice")
        with sqlite_office.database.write() as session:
            notices.remove_channel(session, town.staff["alice"].id, number, now=clock.at)
    with pytest.raises(Refused, match="ngày mai"):
        channel(town, "alice")
    clock.advance(days=1)
    channel(town, "alice")


# Words ---------------------------------------------------------------------------------------------------------------

PARAMS: dict[str, Any] = {
    "unit": "Xã Mộc Bắc", "case": 7, "day": "09/03/2026", "kiosk": "Máy quầy 1", "percent": 12, "megabytes": 90,
    "period": "tháng 2/2026",
    "first": "02/03", "last": "08/03/2026", "n": 120, "dissatisfied": 3, "opened": 1, "closed": 0, "overdue": 0,
}  # fmt: skip


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_told_in_both_languages(kind: Kind) -> None:
    line = Line(kind=kind, params=PARAMS, link="https://nucuoi.example/cases/7")
    told = [sentence(line, language) for language in ("vi", "en")]
    assert told[0] != told[1]
    assert all("{" not in words for words in told)
    assert sentence(line, "fr") == told[0]


@given(name=st.text(max_size=60))
def test_a_name_never_breaks_a_line_or_a_title(name: str) -> None:
    line = Line(
        kind=Kind.SILENT, params={**PARAMS, "kiosk": name, "unit": name}, link="https://nucuoi.example/kiosks/4"
    )
    made = message([line], "vi", "https://nucuoi.example/account/notices")
    assert len(made.title.splitlines()) == 1
    assert len(made.title) <= 120
    assert made.body.splitlines()[1] == "https://nucuoi.example/kiosks/4"


# A real mail server --------------------------------------------------------------------------------------------------


class Letters:
    """A mail server on loopback, on whatever port is free."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.answer = "250 OK"
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        opening = self._loop.create_server(lambda: SMTP(self, loop=self._loop), "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(opening, self._loop).result(30)
        self.port: int = self._server.sockets[0].getsockname()[1]

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        return self.answer

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)


@pytest.fixture
def letters() -> Iterator[Letters]:
    server = Letters()
    yield server
    server.stop()


def messenger(office: Office, port: int) -> Messenger:
    settings = replace(
        office.settings, smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", mail_from="nucuoi@xa.gov.vn"
    )
    return Messenger(settings)


def test_an_e_mail_arrives_whole_in_vietnamese(sqlite_office: Office, clock: SetClock, letters: Letters) -> None:
    town = found_case_town(sqlite_office)
    channel(town, "alice", address="alice+nc@xa.gov.vn")
    complain(town, clock)
    sent = notice_sending.send_due(sqlite_office, messenger(sqlite_office, letters.port).deliver)
    assert sent == notice_sending.Sent(sent=1, later=0, given_up=0)
    (envelope,) = letters.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("nucuoi@xa.gov.vn", ["alice+nc@xa.gov.vn"])
    read = email.message_from_bytes(envelope.content or b"", policy=email.policy.default)
    assert "có phản ánh nghiêm trọng, vụ việc số 1" in read["subject"]
    assert read["from"].addresses[0].display_name == "Nụ Cười"
    text = read.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "https://nucuoi.example/cases/1" in text
    assert "Chọn nhận thông báo nào: https://nucuoi.example/account/notices" in text


def test_a_mail_server_that_says_no_or_is_away_is_told_of_without_the_address(
    sqlite_office: Office, letters: Letters
) -> None:
    told = Message(title="Nụ Cười", body="Thử")
    letters.answer = "554 alice@xa.gov.vn is not wanted here"
    refused = messenger(sqlite_office, letters.port).deliver(f"{EMAIL}alice@xa.gov.vn", told)
    letters.stop()
    away = messenger(sqlite_office, 1).deliver(f"{EMAIL}alice@xa.gov.vn", told)
    for fault in (refused, away):
        assert fault
        assert "alice" not in fault
    assert "address" in messenger(sqlite_office, 1).deliver("nonsense://x", told)
    assert "address" in Messenger(sqlite_office.settings).deliver(f"{EMAIL}alice@xa.gov.vn", told)
