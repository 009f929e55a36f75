"""What letters, their entries, faults and reasons are called on pages."""

from typing import Any

from flask_babel import gettext

from sync_server.correspondence.kinds import KINDS
from sync_server.lists import Fault


def for_templates() -> dict[str, Any]:
    """What a blueprint's context processor gives to its templates."""
    return {
        "letter_kinds": KINDS,
        "letter_kind": kind_words,
        "entry_name": entry_words,
        "entry_hint": hint_words,
        "letter_fault": fault_words,
        "cancel_reason": cancel_words,
    }


def kind_words(kind: str) -> str:
    """What a kind of letter is called."""
    words: dict[str, str] = {
        "late": gettext("Thư xin lỗi (hồ sơ trễ hẹn)"),
        "case": gettext("Thư xin lỗi (sau vụ việc)"),
        "thanks": gettext("Thư cảm ơn"),
        "congratulation": gettext("Thư chúc mừng"),
        "condolence": gettext("Thư chia buồn"),
    }
    return words[kind]


def entry_words(key: str, kind: str) -> str:
    """What an entry of a letter is called."""
    words: dict[str, str] = {
        "salutation": gettext("Danh xưng"),
        "name": gettext("Họ và tên"),
        "address": gettext("Địa chỉ"),
        "code": gettext("Mã hồ sơ"),
        "service": gettext("Thủ tục"),
        "due": gettext("Ngày hẹn trả"),
        "new": gettext("Ngày hẹn lại"),
        "reason": gettext("Lý do chậm"),
        "case": gettext("Vụ việc số"),
        "matter": gettext("Nội dung góp ý") if kind == "thanks" else gettext("Sự việc"),
        "done": gettext("Việc đã làm"),
        "occasion": gettext("Nhân dịp"),
        "deceased": gettext("Người từ trần"),
        "died": gettext("Ngày từ trần"),
    }
    return words.get(key, "")


def hint_words(key: str, kind: str) -> str:
    """What helps to fill an entry in; empty for those that need no help."""
    words: dict[str, str] = {
        "code": gettext("Mã chỉ in trên thư. Máy chủ không lưu mã, chỉ ghi nhận là hồ sơ đã được hẹn lại."),
        "new": gettext("Ngày làm việc, sau ngày hẹn trả. Mỗi hồ sơ chỉ được hẹn lại một lần."),
        "due": gettext("Thư phải lập chậm nhất một ngày trước ngày này."),
        "reason": gettext("Viết tiếp sau chữ “Do …”, ví dụ: phải lấy thêm ý kiến của cơ quan chuyên môn"),
        "case": gettext("Vụ việc đã xác minh là có căn cứ."),
        "matter": gettext("Viết tiếp sau chữ “về việc …”"),
        "done": gettext("Viết tiếp sau chữ “chúng tôi đã …”"),
        "occasion": gettext("Viết tiếp sau chữ “Nhân dịp …”, ví dụ: cụ tròn 90 tuổi"),
        "deceased": gettext("Ví dụ: cụ Nguyễn Văn A"),
    }
    return words.get(key, "")


def fault_words(fault: Fault) -> str:
    """What is wrong, and what to do."""
    words: dict[str, str] = {
        "missing": gettext("còn trống"),
        "too_long": gettext("quá dài"),
        "bad_date": gettext("không phải ngày; xin ghi ngày/tháng/năm"),
        "twice": gettext("đã có ở dòng khác trong tệp"),
        "not_offered": gettext("không có trong các danh xưng; xin chọn như trong mẫu"),
        "bad_code": gettext("không đúng dạng mã hồ sơ"),
        "extended": gettext("hồ sơ này đã được hẹn lại một lần; không được hẹn thêm"),
        "past_term": gettext("đã quá hạn gửi thư hẹn lại; xin báo lãnh đạo và giải quyết hồ sơ ngay"),
        "not_later": gettext("phải sau ngày hẹn trả"),
        "day_off": gettext("là ngày nghỉ; xin chọn ngày làm việc"),
        "not_founded": gettext("không có vụ việc này, hoặc chưa kết luận là có căn cứ"),
        "to_come": gettext("là ngày chưa tới"),
        "none": gettext("Danh sách không có dòng nào."),
        "too_many": gettext("Danh sách quá dài; xin chia thành nhiều tệp."),
    }
    return words[fault.code]


def cancel_words(reason: str) -> str:
    """Why a number was cancelled."""
    words: dict[str, str] = {
        "misprint": gettext("In sai hoặc hỏng"),
        "twice": gettext("Lập trùng"),
        "wrong_kind": gettext("Chọn nhầm loại thư hoặc nơi nhận"),
        "not_sent": gettext("Không gửi nữa"),
    }
    return words.get(reason, reason)
