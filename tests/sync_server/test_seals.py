"""Tickets are read as itsdangerous reads them: the signed one by a shorter way, every other one not at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from itsdangerous import BadData, URLSafeSerializer

from sync_server.errors import BadSeal
from sync_server.seals import BADGE, TICKET, Seals

SEALS = Seals("the secret of a test")
THEIRS = URLSafeSerializer(SEALS.derived(TICKET))
contents = st.dictionaries(st.text(max_size=4), st.none() | st.integers() | st.text(max_size=300), max_size=4)


@given(contents)
@settings(max_examples=50, deadline=None)
def test_what_was_signed_is_read_again_and_is_what_itsdangerous_signs_and_reads(content):
    token = SEALS.sign(content, TICKET)
    assert token == THEIRS.dumps(content)
    assert SEALS.read(token, TICKET) == THEIRS.loads(token) == content


def test_a_long_content_goes_compressed_and_is_read():
    content = {"d": "H42" * 200}
    assert SEALS.sign(content, TICKET).startswith(".")
    assert SEALS.read(SEALS.sign(content, TICKET), TICKET) == content


@given(contents, st.data())
@settings(max_examples=50, deadline=None)
def test_a_changed_token_is_read_only_where_itsdangerous_reads_it(content, data):
    token = SEALS.sign(content, TICKET)
    place = data.draw(st.integers(0, len(token) - 1))
    changed = token[:place] + data.draw(st.sampled_from("Aa0._-=é ")) + token[place + 1 :]
    try:
        wanted = THEIRS.loads(changed)
    except BadData:
        with pytest.raises(BadSeal):
            SEALS.read(changed, TICKET)
    else:
        assert SEALS.read(changed, TICKET) == wanted


@pytest.mark.parametrize("token", ["", ".", "..", "a", "a.", ".a", "W10.", SEALS.sign({}, BADGE)])
def test_a_token_that_is_none_or_of_another_kind_is_refused(token):
    with pytest.raises(BadSeal):
        SEALS.read(token, TICKET)


def test_another_servers_ticket_is_refused():
    with pytest.raises(BadSeal):
        SEALS.read(Seals("another secret").sign({"d": "H42"}, TICKET), TICKET)
