"""Long answers are packed for those who take gzip, and only for them."""

import gzip

import pytest
from flask import Flask

from sync_server.api.bodies import write_body

LONG, SHORT = b"[" + b"1," * 1000 + b"1]", b"[1]"


@pytest.mark.parametrize(
    ("body", "accepts", "is_packed"),
    [(LONG, "gzip, deflate", True), (LONG, "", False), (LONG, "gzip;q=0", False), (SHORT, "gzip", False)],
)
def test_an_answer_is_packed_when_it_is_long_and_the_asker_takes_gzip(
    body: bytes, accepts: str, is_packed: bool
) -> None:
    with Flask("test").test_request_context(headers={"Accept-Encoding": accepts} if accepts else {}):
        answer = write_body(body)
    assert (answer.headers.get("Content-Encoding") == "gzip") is is_packed
    sent = answer.get_data()
    assert (gzip.decompress(sent) if is_packed else sent) == body
    assert answer.headers["Vary"] == "Accept-Encoding"
