"""Values that are valid by default, for tests of the kiosk: say only what matters."""

from datetime import datetime, timedelta, timezone
from typing import Any

from kiosk.events import OpenRating
from survey import resources
from survey.questionnaire import Survey, read_reasons, read_scales
from survey.rating import Dossier, Rating
from survey.setup import Behaviour, Counter, Duty, Officer, Service, Setup, Unit
from survey.ticket import Ticket

SCALES = read_scales(resources.config() / "scales.toml")
REASONS = read_reasons(resources.config() / "reasons.toml")
VIETNAM = timezone(timedelta(hours=7))
MONDAY = datetime(2021, 3, 1, 8, 0, tzinfo=VIETNAM)
HOA, NAM, LAN = "off-hoa", "off-nam", "off-lan"
PATTERN = r"^[A-Z]\d{2}(\.[0-9A-Z]{1,3}){0,3}-\d{6}-\d{4,6}$"


def an_id(number: int) -> str:
    """The `number`-th UUID of a test."""
    return f"00000000-0000-4000-8000-{number:012x}"


def a_survey(**changes: Any) -> Survey:
    given: dict[str, Any] = {
        "id": "survey-1",
        "scale": "hl5",
        "question": {"vi": "Ông/Bà có hài lòng không?", "en": "Are you satisfied?"},
        "reasons": ("slow", "attitude", "rude", "other", "quick", "friendly"),
    }
    return Survey(**(given | changes))


def a_setup(**changes: Any) -> Setup:
    scale = SCALES[changes.pop("scale", "hl5")]
    given: dict[str, Any] = {
        "unit": Unit(id="unit-1", name="UBND phường Hòa Mạc"),
        "counter": Counter(id="counter-1", name="Quầy số 1"),
        "hotline": "0226 3830 111",
        "officers": (
            Officer(id=HOA, name="Nguyễn Thị Hòa", title="Công chức Tư pháp – Hộ tịch", services=("copies",)),
            Officer(id=NAM, name="Trần Văn Nam", title="Công chức Địa chính"),
            Officer(id=LAN, name="Lê Thị Lan", title="Công chức Văn phòng"),
        ),
        "duty": (Duty(counter_id="counter-1", officer_id=HOA, since="2021-01-04T07:30:00+07:00"),),
        "services": (Service(id="copies", name={"vi": "Chứng thực bản sao"}, field={"vi": "Tư pháp"}),),
        "survey": a_survey(scale=scale.id),
        "scale": scale,
        "reasons": tuple(REASONS.values()),
        "dossier_pattern": PATTERN,
        "behaviour": Behaviour(),
    }
    return Setup(**(given | changes))


def a_ticket(number: int = 7, **changes: Any) -> Ticket:
    code = f"H42.12-210301-{number:04d}"
    given: dict[str, Any] = {"token": f"token-{number}.sig", "dossier_code": code, "officer_id": HOA}
    return Ticket(**(given | changes))


def a_tap(number: int = 1, **changes: Any) -> OpenRating:
    given: dict[str, Any] = {
        "rating_id": an_id(number),
        "officer_id": HOA,
        "service_id": None,
        "dossier": None,
        "survey_id": "survey-1",
        "scale": "hl5",
        "level": 4,
        "language": "vi",
        "source": "kiosk",
    }
    return OpenRating(**(given | changes))


def a_rating(number: int, **changes: Any) -> Rating:
    """An open rating, not in a ledger yet."""
    given: dict[str, Any] = {
        "id": an_id(number),
        "officer_id": "off-hoa",
        "survey_id": "survey-1",
        "scale": "hl5",
        "level": 1 + number % 5,
        "dossier": Dossier(code=f"H42.12-210301-{number:04d}"),
        "tapped_at": "2021-03-01T08:00:00.000+07:00",
        "boot_id": "boot-1",
        "monotonic_ms": number * 1000,
    }
    return Rating(**(given | changes))
