"""The audit log, for those who watch over the watchers."""

from flask import Blueprint, render_template, request
from flask_babel import gettext

from sync_server.casework.record import KINDS
from sync_server.queries import log as queries
from sync_server.web.access import current_user, office, roles, scope
from sync_server.web.case_words import done_words

pages = Blueprint("log", __name__)


@pages.get("/log")
@roles("inspector", "head")
def page() -> str:
    """Who did or saw what: everybody for an inspector, the people of the own unit for its head."""
    before = request.args.get("before", type=int)
    within = None if current_user.role == "inspector" and current_user.unit_id is None else scope()
    with office().database.read() as reading:
        entries = queries.entries(reading, unit_ids=within, before=before)
    older = entries[-1].id if len(entries) == queries.PAGE else None
    return render_template("log/page.html", entries=entries, older=older, act_name=act_name)


def act_name(act: str) -> str:
    """What an act is called; the word itself where it has no name yet."""
    names: dict[str, str] = {
        "account made": gettext("tạo tài khoản"),
        "account invited": gettext("cấp liên kết mật khẩu"),
        "account closed": gettext("đóng tài khoản"),
        "password chosen": gettext("đặt mật khẩu"),
        "password changed": gettext("đổi mật khẩu"),
        "kiosk invited": gettext("cấp mã cho máy"),
        "kiosk retired": gettext("ngừng sử dụng máy"),
        "kiosk settings changed": gettext("đổi giờ làm việc, cài đặt máy"),
        "board decided": gettext("đặt nội dung bảng công khai"),
        "second factor on": gettext("bật xác thực hai lớp"),
        "second factor off": gettext("tắt xác thực hai lớp"),
        "second factor reset": gettext("bỏ xác thực hai lớp của một tài khoản"),
        "emulation points given": gettext("chấm điểm thi đua"),
        "emulation sheet closed": gettext("khóa phiếu thi đua"),
        "rollout begun": gettext("đặt ngày bắt đầu triển khai"),
        "rollout reported": gettext("báo tiến độ triển khai"),
        "rollout reminded": gettext("gửi lời đôn đốc"),
        "unit added": gettext("thêm đơn vị"),
        "unit changed": gettext("sửa đơn vị"),
        "counter added": gettext("thêm quầy"),
        "duty changed": gettext("đổi người trực quầy"),
        "officer added": gettext("thêm cán bộ"),
        "officer changed": gettext("sửa cán bộ"),
        "officer viewed": gettext("xem kết quả của cán bộ"),
        "officers listed": gettext("xem danh sách cán bộ"),
        "field added": gettext("thêm lĩnh vực"),
        "service added": gettext("thêm thủ tục"),
        "results exported": gettext("tải số liệu"),
        "slips printed": gettext("in nhiều phiếu QR"),
        "officers imported": gettext("nhập danh sách cán bộ"),
        "code made": gettext("cấp mã cho máy"),
        "kiosk replaced": gettext("cấp mã để thay máy"),
        "services imported": gettext("nhập danh mục thủ tục"),
        "unit ended": gettext("sáp nhập, chia tách đơn vị"),
        "kiosk texts changed": gettext("đổi khẩu hiệu, lời nhắn trên máy"),
        "survey draft begun": gettext("soạn bộ câu hỏi"),
        "survey draft changed": gettext("sửa bản nháp bộ câu hỏi"),
        "survey draft dropped": gettext("bỏ bản nháp bộ câu hỏi"),
        "survey published": gettext("công bố bộ câu hỏi"),
        "survey assigned": gettext("giao bộ câu hỏi cho đơn vị"),
        "survey assignment ended": gettext("dừng giao bộ câu hỏi"),
        "round opened": gettext("mở đợt khảo sát"),
        "round changed": gettext("sửa đợt khảo sát"),
        "stick imported": gettext("nhập đánh giá từ USB"),
        "case opened": gettext("mở vụ việc"),
        "channel added": gettext("thêm kênh thông báo"),
        "channel removed": gettext("bỏ kênh thông báo"),
        "notices tried again": gettext("gửi lại thông báo"),
        "outage declared": gettext("khai báo sự cố"),
        "outage withdrawn": gettext("rút lại khai báo sự cố"),
        "case seen": gettext("xem vụ việc"),
        "cases seen": gettext("xem các vụ việc"),
    }
    kind = act.removeprefix("case ")
    if act not in names and kind in KINDS:
        return str(gettext("vụ việc: %(step)s", step=done_words(kind)))
    return names.get(act, act)
