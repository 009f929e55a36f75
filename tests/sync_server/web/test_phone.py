"""A slip on the citizen's own phone: one rating a dossier, together with the kiosk's."""

import html
import re
import threading
import uuid
from pathlib import Path

import pytest
from sqlalchemy import func, select

from survey import resources
from survey.rating import Dossier, receipt_code
from survey.wire import Verdict, to_json
from sync_server.models.kiosk import Epoch, Kiosk
from sync_server.models.rating import Counted, Rating, Tally
from sync_server.queries import kiosk_list, phone
from sync_server.services import slips
from sync_server.services.reception import receive
from sync_server.services.slips import Slip
from tests.builders import a_batch, a_rating
from tests.sync_server.conftest import SetClock
from tests.sync_server.web.conftest import Person, Town

CODE = "H42.12-260302-0007"


def make_slip(town: Town, code: str = CODE, *, days: int = 90) -> Slip:
    """A slip printed now for Mộc Bắc's officer."""
    office, now = town.office, town.office.now()
    with office.database.write() as writing:
        return slips.make_slip(
            writing,
            office.seals,
            dossier_code=code,
            officer_id=town.officer.id,
            service_id=town.service.id,
            now=now,
            day=office.day(now),
            days=days,
            folder=resources.config(),
        )


def form_id(text: str) -> str:
    """The id in a question page's form."""
    found = re.search(r'name="id" value="([^"]+)"', text)
    assert found
    return found[1]


def answer(person: Person, slip: Slip, **form: object) -> str:
    """Open the slip, answer, and return the receipt code."""
    page = person.get(f"/r/{slip.token}")
    assert page.status_code == 200
    sent = person.client.post(f"/r/{slip.token}", data={"id": form_id(page.text), "level": "2", **form})
    assert sent.status_code == 303, sent.text
    return str(sent.location).rpartition("/")[2]


def stored(town: Town) -> list[Rating]:
    """All ratings."""
    with town.office.database.read() as reading:
        return list(reading.scalars(select(Rating).order_by(Rating.seq)))


def counted_in_tallies(town: Town) -> int:
    """Ratings in the tallies."""
    with town.office.database.read() as reading:
        return reading.scalar(select(func.sum(Tally.n1 + Tally.n2 + Tally.n3 + Tally.n4 + Tally.n5))) or 0


def send_from_kiosk(town: Town, slip: Slip) -> str:
    """The same dossier rated at the kiosk; the verdict."""
    rating = a_rating(
        officer_id=f"o{town.officer.id}",
        counter_id=f"c{town.counter.id}",
        service_id=f"s{town.service.id}",
        dossier=Dossier(code=slip.dossier_code, ticket=slip.token),
    )
    batch = a_batch(rating)
    reply = receive(town.office, town.kiosk.id, to_json(batch), now=town.office.now() + 60_000, touched=lambda *_: None)
    return reply.receipts[0].verdict


def test_a_rating_by_phone_is_stored_and_counted(town_on_both: Town) -> None:
    town = town_on_both
    code = answer(town.person(), make_slip(town), reason=["attitude", "rude"])
    (rating,) = stored(town)
    assert (rating.level, rating.counted, rating.officer_id) == (2, Counted.YES, town.officer.id)
    assert rating.service_id == town.service.id
    assert rating.happened_at == town.office.now()
    assert receipt_code(str(uuid.UUID(bytes=rating.id))) == code
    assert counted_in_tallies(town) == 1


def test_phone_then_kiosk_is_one_rating(town_on_both: Town) -> None:
    town = town_on_both
    slip = make_slip(town)
    answer(town.person(), slip)
    assert send_from_kiosk(town, slip) == Verdict.STORED
    assert counted_in_tallies(town) == 1
    assert len(stored(town)) == 2


def test_kiosk_then_phone_is_one_rating(town: Town) -> None:
    slip = make_slip(town)
    send_from_kiosk(town, slip)
    page = town.person().get(f"/r/{slip.token}")
    assert "đã được đánh giá" in page.text
    assert counted_in_tallies(town) == 1


def test_a_form_opened_before_the_kiosk_and_sent_after_it_counts_nothing_more(town: Town) -> None:
    slip, person = make_slip(town), town.person()
    opened = form_id(person.get(f"/r/{slip.token}").text)
    send_from_kiosk(town, slip)
    person.client.post(f"/r/{slip.token}", data={"id": opened, "level": "1"})
    assert counted_in_tallies(town) == 1


def test_a_form_sent_twice_is_one_rating_with_one_receipt(town: Town) -> None:
    slip, person = make_slip(town), town.person()
    form = {"id": form_id(person.get(f"/r/{slip.token}").text), "level": "4"}
    answers = [person.client.post(f"/r/{slip.token}", data=form).location for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(stored(town)) == 1


def test_the_ratings_of_a_units_phones_are_one_unbroken_ledger(town: Town, clock: SetClock) -> None:
    for number in range(1, 5):
        answer(town.person(), make_slip(town, f"H42.12-260302-{number:04}"), level=str(number))
        clock.advance(s=40)
    assert [rating.seq for rating in stored(town)] == [1, 2, 3, 4]
    with town.office.database.read() as reading:
        assert reading.scalar(select(func.count()).select_from(Epoch)) == 1
        line = reading.scalars(select(Kiosk).where(Kiosk.name == "Điện thoại của người dân")).one()
        assert line.stored_total == 4
        shown = kiosk_list.listing(reading, {town.moc_bac.id}, now=clock(), zone=town.office.zone)
        assert [each.id for each in shown] == [town.kiosk.id]


def test_many_phones_at_once_each_count_once(town_on_both: Town) -> None:
    town = town_on_both
    made = [make_slip(town, f"H42.12-260302-{number:04}") for number in range(8)]
    faults: list[BaseException] = []

    def send(slip: Slip) -> None:
        try:
            answer(town.person(), slip, level="5")
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=send, args=(slip,)) for slip in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults
    assert sorted(rating.seq for rating in stored(town)) == list(range(1, 9))
    assert counted_in_tallies(town) == 8


def test_reasons_of_the_other_side_are_left_out(town: Town) -> None:
    answer(town.person(), make_slip(town), level="5", reason=["rude", "friendly", "no_such_reason"])
    (rating,) = stored(town)
    assert rating.reasons == 1 << 9


@pytest.mark.parametrize("level", ["", "0", "6", "9", "-1", "²", "1.0", "55", "x"])
def test_a_level_that_is_none_asks_again_and_stores_nothing(town: Town, level: str) -> None:
    slip, person = make_slip(town), town.person()
    page = person.get(f"/r/{slip.token}")
    sent = person.client.post(f"/r/{slip.token}", data={"id": form_id(page.text), "level": level})
    assert sent.status_code == 422
    assert form_id(sent.text) == form_id(page.text)
    assert stored(town) == []


def test_an_id_that_is_none_is_refused(town: Town) -> None:
    slip = make_slip(town)
    sent = town.person().client.post(f"/r/{slip.token}", data={"id": "'; drop table rating", "level": "5"})
    assert sent.status_code == 409
    assert stored(town) == []


def test_an_expired_slip_is_told_so(town: Town, clock: SetClock) -> None:
    slip = make_slip(town, days=1)
    clock.advance(days=1, s=1)
    assert town.person().get(f"/r/{slip.token}").status_code == 410
    sent = town.person().client.post(f"/r/{slip.token}", data={"id": str(uuid.uuid4()), "level": "5"})
    assert sent.status_code == 410
    assert stored(town) == []


@pytest.mark.parametrize("change", [lambda token: token[:-3] + "AAA", lambda token: "x", lambda token: token + ".y"])
def test_a_forged_slip_is_no_slip(town: Town, change) -> None:
    token = change(make_slip(town).token)
    assert town.person().get(f"/r/{token}").status_code == 410


def test_a_badge_is_no_slip_and_a_slip_no_badge(town: Town) -> None:
    badge = slips.badge_token(town.office.seals, town.officer.id)
    assert town.person().get(f"/r/{badge}").status_code == 410
    assert town.person().get(f"/b/{make_slip(town).token}").status_code == 410
    assert town.person().get(f"/b/{badge}").status_code == 200


def test_the_page_needs_no_cookie_and_shows_only_the_end_of_the_dossier_code(town: Town) -> None:
    slip = make_slip(town)
    text = html.unescape(town.person().get(f"/r/{slip.token}").text)
    assert "…0007" in text
    assert CODE not in text
    assert town.officer.name in text
    assert "Đăng ký khai sinh" in text


def test_a_receipt_says_counted_and_neither_level_nor_officer(town: Town) -> None:
    code = answer(town.person(), make_slip(town))
    text = html.unescape(town.person().get(f"/n/{code.lower()}").text)
    assert "Đã được tính" in text
    assert town.officer.name not in text
    assert "hài lòng</" not in text


def test_a_receipt_of_a_repeated_dossier_says_so(town_on_both: Town) -> None:
    town = town_on_both
    slip = make_slip(town)
    answer(town.person(), slip)
    send_from_kiosk(town, slip)
    repeated = next(rating for rating in stored(town) if rating.counted == Counted.DOSSIER_REPEATED)
    with town.office.database.read() as reading:
        code = receipt_code(str(uuid.UUID(bytes=repeated.id)))
        assert phone.receipt(reading, code) is Counted.DOSSIER_REPEATED
        assert phone.receipt(reading, "ZZZZZZZZ") is None


@pytest.mark.parametrize("code", ["ABCDEFGH", "short", "%00", "<script>"])
def test_an_unknown_receipt_is_answered_kindly(town: Town, code: str) -> None:
    answered = town.person().get(f"/n/{code}")
    assert answered.status_code == 200
    assert "<script>alert" not in answered.text
    assert "Đã được tính" not in answered.text


def test_typing_a_receipt_code_leads_to_its_page(town: Town) -> None:
    assert town.person().get("/n/?code=AB12-CD34").location == "/n/AB12-CD34"


def test_phones_cannot_send_by_the_kiosks_api(town: Town, tmp_path: Path) -> None:
    answer(town.person(), make_slip(town))
    tried = town.app.test_client().post(
        "/api/v1/batches", data=b"{}", headers={"Authorization": "Bearer phones", "Content-Type": "application/json"}
    )
    assert tried.status_code == 401
