"""Pages for what goes wrong: plain words, a way on, and no word about the inside of the server."""

import logging

from flask import Flask, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, ServiceUnavailable, default_exceptions
from werkzeug.wrappers import Response

from sync_server.db import PASSING, is_passing
from sync_server.errors import NotFound, NotYours, Refused

RETRY_S = 10
log = logging.getLogger(__name__)


def attach(app: Flask) -> None:
    """Answer errors with pages, except under /api, which answers for itself."""
    for code in (400, 401, 403, 404, 405, 413, 429, 500, 503):
        app.register_error_handler(code, page)
    for kind in PASSING:
        app.register_error_handler(kind, _busy)
    app.register_error_handler(NotFound, lambda _: page(_http(404)))
    app.register_error_handler(NotYours, lambda _: page(_http(403)))
    app.register_error_handler(Refused, lambda error: _page(409, gettext("Không thực hiện được"), str(error)))


def page(error: HTTPException) -> HTTPException | Response:
    """The page for an HTTP error."""
    if request.path.startswith("/api/"):
        return error
    code = error.code or 500
    try:
        title, words = _expired() if isinstance(error, CSRFError) else _words(code)
        answer = _page(code, title, words)
    except Exception:  # the database itself may be what failed; the page of last resort needs nothing
        log.exception("the page for an error could not be drawn")
        answer = Response(_LAST_RESORT, status=code, mimetype="text/html")
    wait = dict(error.get_headers()).get("Retry-After")
    if wait:
        answer.headers["Retry-After"] = wait
    return answer


def _busy(error: Exception) -> HTTPException | Response:
    """The database is locked, away, or has lost its primary: that passes, and nothing has to be repaired."""
    if not is_passing(error):
        raise error
    log.warning("the database did not answer %s: %s", request.path, error)
    return page(ServiceUnavailable(retry_after=RETRY_S))


_LAST_RESORT = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>Máy chủ gặp lỗi</title>
<h1>Máy chủ gặp lỗi</h1><p>Xin thử lại sau ít phút. Các máy đánh giá vẫn giữ đủ dữ liệu.</p>
<p lang="en">The server has a fault. Please try again in a few minutes.</p></html>"""


def _expired() -> tuple[str, str]:
    return gettext("Trang đã quá hạn"), gettext("Xin quay lại, tải lại trang rồi gửi lần nữa.")


def _words(code: int) -> tuple[str, str]:
    return {
        400: (gettext("Yêu cầu chưa đúng"), gettext("Máy chủ không hiểu điều vừa gửi. Xin quay lại và thử lần nữa.")),
        403: (
            gettext("Không thuộc quyền của Ông/Bà"),
            gettext("Trang này dành cho người có nhiệm vụ khác. Nếu cần, xin liên hệ quản trị viên."),
        ),
        404: (
            gettext("Không tìm thấy trang"),
            gettext("Trang không có, đã được chuyển đi, hoặc không thuộc đơn vị của Ông/Bà."),
        ),
        405: (gettext("Yêu cầu chưa đúng"), gettext("Trang này không nhận cách gửi như vậy. Xin quay lại.")),
        413: (gettext("Dữ liệu quá lớn"), gettext("Xin gửi tệp nhỏ hơn.")),
        429: (gettext("Xin chờ một lát"), gettext("Có quá nhiều yêu cầu. Xin thử lại sau ít phút.")),
        503: (gettext("Máy chủ đang bận"), gettext("Xin thử lại sau ít phút. Không có dữ liệu nào bị mất.")),
    }.get(
        code,
        (
            gettext("Máy chủ gặp lỗi"),
            gettext("Lỗi đã được ghi lại. Các máy đánh giá vẫn hoạt động và giữ đủ dữ liệu. Xin thử lại sau ít phút."),
        ),
    )


def _page(code: int, title: str, words: str) -> Response:
    return Response(
        render_template("fault.html", code=code, title=title, words=words), status=code, mimetype="text/html"
    )


def _http(code: int) -> HTTPException:
    return default_exceptions[code]()
