"""Pages for what goes wrong: plain words, a way on, and no word about the inside of the server."""

import logging

from flask import Flask, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from sync_server.errors import NotFound, Refused

log = logging.getLogger(__name__)


def attach(app: Flask) -> None:
    """Answer errors with pages, except under /api, which answers for itself."""
    for code in (400, 401, 403, 404, 405, 413, 429, 500, 503):
        app.register_error_handler(code, page)
    app.register_error_handler(NotFound, lambda _: page(_http(404)))
    app.register_error_handler(Refused, lambda error: _page(409, gettext("Không thực hiện được"), str(error)))


def page(error: HTTPException) -> HTTPException | tuple[str, int] | Response:
    """The page for an HTTP error."""
    if request.path.startswith("/api/"):
        return error
    if isinstance(error, CSRFError):
        title, words = gettext("Trang đã quá hạn"), gettext("Xin quay lại, tải lại trang rồi gửi lần nữa.")
    else:
        title, words = _words(error.code or 500)
    answer = _page(error.code or 500, title, words)
    if error.response is None and hasattr(error, "get_headers"):
        wait = dict(error.get_headers()).get("Retry-After")
        if wait:
            return Response(answer[0], status=answer[1], headers={"Retry-After": wait}, mimetype="text/html")
    return answer


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


def _page(code: int, title: str, words: str) -> tuple[str, int]:
    try:
        return render_template("fault.html", code=code, title=title, words=words), code
    except Exception:  # the database itself may be what failed; the page of last resort needs nothing
        log.exception("the page for an error could not be drawn")
        return f'<!doctype html><html lang="vi"><meta charset="utf-8"><title>{code}</title><h1>{title}</h1>', code


def _http(code: int) -> HTTPException:
    from werkzeug.exceptions import default_exceptions

    return default_exceptions[code]()
