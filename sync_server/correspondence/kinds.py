"""The kinds of letters, and what is entered for each: the same for a form and for a row of a list."""

from collections.abc import Mapping
from dataclasses import dataclass

KINDS = ("late", "case", "thanks", "congratulation", "condolence")
PAPERS = ("apology", "thanks", "congratulation", "condolence")
LETTERS_MAX = 100
"""So many letters at once: more would keep LibreOffice longer than anybody waits."""
SALUTATIONS = ("Ông", "Bà", "Ông/Bà", "Anh", "Chị", "Gia đình", "Gia đình Ông", "Gia đình Bà")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is entered for a letter. label: the heading of its column; form: line, text, day, code, case or salutation.
    example: made up, for the list's template and a template's trial."""

    key: str
    label: str
    example: str
    form: str = "line"
    most: int = 200
    is_required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of letter. title: above the letter; paper: which template it is written on."""

    key: str
    title: str
    paper: str
    entries: tuple[Entry, ...]

    @property
    def headings(self) -> list[str]:
        """The columns of a list of such letters."""
        return [entry.label for entry in self.entries]


_WHO = (
    Entry(key="salutation", label="Danh xưng", example="Bà", form="salutation", most=20),
    Entry(key="name", label="Họ và tên", example="Nguyễn Thị Mẫu", most=120),
    Entry(key="address", label="Địa chỉ", example="Thôn 1", is_required=False),
)
_FAMILY = (
    Entry(key="salutation", label="Danh xưng", example="Gia đình Bà", form="salutation", most=20),
    *_WHO[1:],
)
_ALL = (
    Kind(
        key="late",
        title="THƯ XIN LỖI",
        paper="apology",
        entries=(
            *_WHO,
            Entry(key="code", label="Mã hồ sơ", example="H42.11-261124-9901", form="code", most=60),
            Entry(key="service", label="Thủ tục", example="Đăng ký biến động đất đai"),
            Entry(key="due", label="Ngày hẹn trả", example="", form="day", most=10),
            Entry(key="new", label="Ngày hẹn lại", example="", form="day", most=10),
            Entry(
                key="reason",
                label="Lý do chậm",
                example="phải lấy thêm ý kiến của cơ quan chuyên môn",
                form="text",
                most=400,
            ),
        ),
    ),
    Kind(
        key="case",
        title="THƯ XIN LỖI",
        paper="apology",
        entries=(
            *_WHO,
            Entry(key="case", label="Vụ việc số", example="1", form="case", most=9),
            Entry(key="matter", label="Sự việc", example="thái độ hướng dẫn chưa chu đáo", form="text", most=400),
            Entry(
                key="done",
                label="Việc đã làm",
                example="kiểm điểm, nhắc nhở và phân công lại người hướng dẫn hồ sơ",
                form="text",
                most=400,
            ),
        ),
    ),
    Kind(
        key="thanks",
        title="THƯ CẢM ƠN",
        paper="thanks",
        entries=(
            *_WHO,
            Entry(
                key="matter",
                label="Nội dung góp ý",
                example="bố trí ghế ngồi chờ cho người cao tuổi",
                form="text",
                most=400,
            ),
            Entry(
                key="done",
                label="Việc đã làm",
                example="bố trí thêm hai hàng ghế và quạt tại bộ phận một cửa",
                form="text",
                most=400,
                is_required=False,
            ),
        ),
    ),
    Kind(
        key="congratulation",
        title="THƯ CHÚC MỪNG",
        paper="congratulation",
        entries=(*_FAMILY, Entry(key="occasion", label="Nhân dịp", example="cháu bé chào đời", most=300)),
    ),
    Kind(
        key="condolence",
        title="THƯ CHIA BUỒN",
        paper="condolence",
        entries=(
            *_FAMILY,
            Entry(key="deceased", label="Người từ trần", example="cụ Nguyễn Văn Mẫu", most=120),
            Entry(key="died", label="Ngày từ trần", example="", form="day", most=10, is_required=False),
        ),
    ),
)
BY_KEY: Mapping[str, Kind] = {kind.key: kind for kind in _ALL}
