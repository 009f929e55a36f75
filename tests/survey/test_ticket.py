"""What a scanner may read, tried against real signed tokens and against rubbish."""

import contextlib
import json
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from survey import resources
from survey.errors import BadScan
from survey.ticket import Badge, DossierCode, Enrolment, Ticket, read_scan, read_token, shown_code

RULES = tomllib.loads((resources.config() / "rules.toml").read_text(encoding="utf-8"))
PATTERN: str = RULES["dossier_code"][-1]["pattern"]
CODE = "H29.147-260406-9248"


def signed(content: object) -> str:
    """A token as the server signs it."""
    token = URLSafeSerializer(b"a secret of the server").dumps(content)
    return token if isinstance(token, str) else token.decode()


def slip(content: object, host: str = "https://nucuoi.example", kind: str = "r") -> str:
    return f"{host}/{kind}/{signed(content)}"


# docs/domain.md: codes seen on slips, and what looks like one.
CODES = [
    ("000.A0.01.H26-210212-9090", True),
    ("H29.147-260406-9248", True),
    ("H15.50-260706-1377", True),
    ("H42.12-210301-0007", True),
    ("000.00.04.H42-240115-00012", True),
    ("H42-240115-0001", True),
    ("1.011442.000.00.00.H38", False),
    ("2.000908.000.00.00.H42", False),
    ("H29.147-260406", False),
    ("H29.147-260406-924", False),
    ("H29.147-260406-9248123", False),
    ("h29.147-260406-9248", False),
    ("H29.147-260406-9248 x", False),
    ("H29.147-26O406-9248", False),
    ("H٢٩.147-260406-9248", False),
    ("", False),
]


@pytest.mark.parametrize(("text", "is_code"), CODES)
def test_a_dossier_code_is_told_from_what_looks_like_one(text, is_code):
    if is_code:
        assert read_scan(text, PATTERN) == DossierCode(dossier_code=text)
    else:
        with pytest.raises(BadScan):
            read_scan(text, PATTERN)


def test_blanks_and_line_ends_around_a_code_do_not_matter():
    assert read_scan(f"  {CODE}\r\n", PATTERN) == DossierCode(dossier_code=CODE)


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)


@given(words, st.none() | words, st.none() | words, st.none() | st.integers(0, 2**40))
@settings(max_examples=60)
def test_a_ticket_is_read_as_the_server_signed_it(code, officer, service, expires):
    """Long contents are deflated by itsdangerous, short ones not: both are read."""
    link = slip({"d": code, "o": officer, "s": service, "e": expires})
    if len(link) > 2048:
        with pytest.raises(BadScan, match="characters"):
            read_scan(link, PATTERN)
        return
    assert read_scan(link, PATTERN) == Ticket(
        token=link.rpartition("/")[2], dossier_code=code, officer_id=officer, service_id=service, expires=expires
    )


def test_a_deflated_ticket_is_read():
    token = signed({"d": CODE, "o": "o" * 400})
    assert token.startswith(".")
    assert read_token(token)["d"] == CODE


def test_fields_of_a_wrong_kind_are_left_out_of_a_ticket():
    read = read_scan(slip({"d": CODE, "o": 7, "s": ["x"], "e": True}), PATTERN)
    assert isinstance(read, Ticket)
    assert (read.officer_id, read.service_id, read.expires) == (None, None, None)


def test_a_badge_names_its_officer():
    link = slip({"o": "o17"}, kind="b")
    assert read_scan(link, PATTERN) == Badge(token=link.rpartition("/")[2], officer_id="o17")


def test_a_path_before_the_token_and_a_capital_scheme_are_fine():
    read = read_scan(slip({"d": CODE}, host="HTTPS://town.example/nucuoi"), PATTERN)
    assert isinstance(read, Ticket)


@pytest.mark.parametrize(
    "link",
    [
        slip({"o": "o1"}),
        slip({"d": ""}),
        slip({"d": 7}),
        slip({"d": CODE}, kind="b"),
        slip({"d": CODE}, kind="x"),
        slip([CODE]),
        slip("text"),
        "https://nucuoi.example/r/",
        "https://nucuoi.example/r/abc",
        "https://nucuoi.example/r/!!!!.sig",
        "https://nucuoi.example/r/.eJw.sig",
        "https://nucuoi.example",
        "https://example.com/dangerous",
        "https://[/r/abc.def",
        "http://a]b/r/abc.def",
    ],
)
def test_a_link_that_is_neither_ticket_nor_badge_is_refused(link):
    with pytest.raises(BadScan):
        read_scan(link, PATTERN)


def test_an_enrolment_is_where_and_a_code_that_works_once():
    scan = read_scan(json.dumps({"nucuoi": 1, "url": "https://nucuoi.example", "code": "AB12-CD34"}), PATTERN)
    assert scan == Enrolment(url="https://nucuoi.example", code="AB12-CD34")


@pytest.mark.parametrize(
    "content",
    [
        {"nucuoi": 2, "url": "https://a.example", "code": "x"},
        {"nucuoi": 1, "url": "ftp://a.example", "code": "x"},
        {"nucuoi": 1, "url": "https://", "code": "x"},
        {"nucuoi": 1, "url": "https://[", "code": "x"},
        {"nucuoi": 1, "url": 7, "code": "x"},
        {"nucuoi": 1, "code": "x"},
        {},
    ],
)
def test_json_that_is_no_enrolment_is_refused(content):
    with pytest.raises(BadScan):
        read_scan(json.dumps(content), PATTERN)


def test_an_enrolment_that_was_cut_off_says_so():
    with pytest.raises(BadScan, match="cut off"):
        read_scan('{"nucuoi": 1, "url": "https://a', PATTERN)


def test_a_bomb_in_a_token_stays_small():
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(b'{"d":"' + b"a" * 900_000, 9)).decode().rstrip("=")
    with pytest.raises(BadScan):
        read_token(f".{bomb}.sig")


@given(st.text(max_size=300) | st.text(max_size=60).map(lambda text: f"https://h/r/{text}.x"))
@settings(max_examples=100)
def test_whatever_is_scanned_is_read_or_refused(text):
    with contextlib.suppress(BadScan):
        assert isinstance(read_scan(text, PATTERN), (Ticket, DossierCode, Badge, Enrolment))


def test_only_the_last_four_characters_of_a_code_are_shown():
    assert shown_code(CODE) == "…9248"
