"""The pages of notices: the own channels, and the administrator's look at what did not go out."""

import html
import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from sync_server import cli
from sync_server.models.notice import Notice, NoticeChannel
from sync_server.office import Office
from sync_server.services import notice_sending
from tests.sync_server.conftest import SECRET
from tests.sync_server.web.conftest import Person, Town, build_town

SECRET_ADDRESS = "ntfy://lan:m4tkh4u@ntfy.xa.gov.vn/kenh"


@pytest.fixture
def town(sqlite_office: Office) -> Town:
    """The town, whose server has a mail server."""
    settings = replace(sqlite_office.settings, smtp_host="127.0.0.1", mail_from="nucuoi@xa.gov.vn")
    return build_town(replace(sqlite_office, settings=settings))


def text_of(person: Person, path: str) -> str:
    text = person.get(path).text
    return re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", html.unescape(text[text.index("<main") : text.index("</main>")]))
    )


def test_a_person_adds_a_channel_chooses_and_removes_it(town: Town) -> None:
    person = town.as_("alice")
    assert "Chưa có kênh nào" in text_of(person, "/account/notices")
    assert person.send("/account/notices", address="alice@xa.gov.vn", kind=["flag", "digest"]).status_code == 303
    assert "a…@xa.gov.vn" in text_of(person, "/account/notices")
    page = person.get("/account/notices").text.partition("Thêm kênh")[0]
    assert re.findall(r'value="(\w+)" checked', page) == ["flag", "digest"]
    assert person.send("/account/notices/1", kind=["grave"]).status_code == 303
    page = person.get("/account/notices").text.partition("Thêm kênh")[0]
    assert re.findall(r'value="(\w+)" checked', page) == ["grave"]
    assert person.send("/account/notices/1/remove").status_code == 303
    assert "Chưa có kênh nào" in text_of(person, "/account/notices")


def test_a_role_is_offered_only_what_it_may_see(town: Town) -> None:
    offered = {
        name: set(re.findall(r'name="kind" value="(\w+)"', town.as_(name).get("/account/notices").text))
        for name in ("administrator", "officer", "observer", "inspector")
    }
    assert offered["administrator"] == {"silent", "battery", "disk"}
    assert offered["officer"] == {"due", "overdue"}
    assert offered["observer"] == {"digest"}
    assert offered["inspector"] > offered["administrator"] | offered["officer"]


def test_a_channel_of_somebody_else_is_not_found(town: Town) -> None:
    town.as_("alice").send("/account/notices", address="alice@xa.gov.vn")
    other = town.as_("chi")
    assert other.send("/account/notices/1", kind=["flag"]).status_code == 404
    assert other.send("/account/notices/1/remove").status_code == 404


def test_a_secret_in_an_address_is_shown_to_nobody(town: Town) -> None:
    person = town.as_("alice")
    assert person.send("/account/notices", address=SECRET_ADDRESS, kind=["flag"]).status_code == 303
    notice_sending.send_due(town.office, lambda address, message: "the other side is away")
    pages = person.get("/account/notices").text + town.as_("administrator").get("/notices").text
    assert "m4tkh4u" not in pages
    assert "the other side is away" in pages
    with town.office.database.read() as session:
        assert b"m4tkh4u" not in session.scalars(select(NoticeChannel.sealed)).one()


def test_what_cannot_be_an_address_is_told_and_what_was_typed_stays(town: Town) -> None:
    person = town.as_("alice")
    answer = person.send("/account/notices", address="file:///etc/passwd", kind=["flag"])
    assert answer.status_code == 422
    assert "chưa được phép" in html.unescape(answer.text)
    assert 'value="file:///etc/passwd"' in answer.text


def test_the_administrator_sees_what_did_not_go_out_and_sends_it_again(town: Town) -> None:
    administrator = town.as_("administrator")
    assert "Mọi thông báo đều đã đến nơi" in text_of(administrator, "/notices")
    town.as_("alice").send("/account/notices", address="alice@xa.gov.vn")
    clock = town.office.now
    for _ in range(20):
        notice_sending.send_due(town.office, lambda address, message: "no mail server")
        clock.advance(days=1)  # type: ignore[attr-defined]  # the tests' clock
    told = text_of(town.as_("administrator"), "/notices")
    assert "Bà Alice" in told
    assert "no mail server" in told
    assert "Đã thôi gửi" in told
    again = town.as_("administrator")
    assert again.send("/notices/again").status_code == 303
    assert "1 thông báo sẽ được gửi lại" in text_of(again, "/notices")
    assert notice_sending.send_due(town.office, lambda address, message: "").sent == 1


def test_the_command_sends_and_says_how_many(
    town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    town.as_("alice").send("/account/notices", address="alice@xa.gov.vn")
    for name, value in (("SMTP_HOST", "127.0.0.1"), ("SMTP_PORT", "1"), ("MAIL_FROM", "nucuoi@xa.gov.vn")):
        monkeypatch.setenv(f"NUCUOI_{name}", value)  # nobody listens on port 1
    monkeypatch.setenv("NUCUOI_SECRET", SECRET)
    assert cli.main(["notices", "--database", town.office.settings.database]) == 0
    assert capsys.readouterr().out == "0 notices sent, 1 tried again later, 0 given up\n"
    with town.office.database.read() as session:
        assert session.scalars(select(Notice.tries)).one() == 1
