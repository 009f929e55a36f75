"""The way around: groups of pages, each shown to those who may open it.

A new page to go to: a line in the group where a person would look for it; a page beside another one: a line in
`BESIDE`. A group of which a person may open one page only is shown as that page, and who may open few pages in all
(a clerk with a queue) finds each in one click, without groups.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import request
from flask_babel import gettext, lazy_gettext

from sync_server.web.access import may_open


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the navigation. endpoint: its view; `may_open` decides from the view's own `@roles`."""

    endpoint: str
    label: str
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that belong together, at least one. label: the group's, or the only page's."""

    label: str
    entries: tuple[Entry, ...]

    @property
    def endpoint(self) -> str:
        """Where the group's name leads to: its first page."""
        return self.entries[0].endpoint

    @property
    def is_here(self) -> bool:
        return any(entry.is_here for entry in self.entries)


GROUPS = (
    (lazy_gettext("Hôm nay"), (("home.page", lazy_gettext("Hôm nay")),)),
    (
        lazy_gettext("Đánh giá"),
        (
            ("officers.listing", lazy_gettext("Cán bộ")),
            ("cases.listing", lazy_gettext("Vụ việc")),
            ("own.page", lazy_gettext("Của tôi")),
            ("handled.page", lazy_gettext("Kết quả xử lý")),
        ),
    ),
    (
        lazy_gettext("Số liệu"),
        (("results.page", lazy_gettext("Số liệu")), ("reports.listing", lazy_gettext("Báo cáo"))),
    ),
    (
        lazy_gettext("Tại quầy"),
        (
            ("slips.form", lazy_gettext("Phiếu QR")),
            ("kiosks.listing", lazy_gettext("Máy đánh giá")),
            ("outages.listing", lazy_gettext("Sự cố")),
        ),
    ),
    (
        lazy_gettext("Người dân"),
        (
            ("opinions.listing", lazy_gettext("Ý kiến")),
            ("keying.new_form", lazy_gettext("Nhập ý kiến")),
            ("home_requests.listing", lazy_gettext("Phục vụ tại nhà")),
            ("board.mine", lazy_gettext("Bảng công khai")),
            ("letters.listing", lazy_gettext("Thư gửi dân")),
        ),
    ),
    (
        lazy_gettext("Mô hình"),
        (
            ("rollout.listing", lazy_gettext("Triển khai")),
            ("emulation.listing", lazy_gettext("Thi đua")),
        ),
    ),
    (
        lazy_gettext("Quản lý"),
        (
            ("organisation.tree", lazy_gettext("Tổ chức")),
            ("surveys.listing", lazy_gettext("Bộ câu hỏi")),
            ("rounds.listing", lazy_gettext("Đợt khảo sát")),
            ("people.listing", lazy_gettext("Tài khoản")),
            ("notices.outbox", lazy_gettext("Gửi thông báo")),
            ("log.page", lazy_gettext("Nhật ký")),
        ),
    ),
)


BESIDE = {
    "account": "",
    "second_factor": "",
    "assignments": "surveys",
    "figures": "results",
    "imports": "organisation",
    "kiosk_settings": "kiosks",
    "letter_templates": "letters",
    "paper_templates": "reports",
    "patterns": "results",
    "remote": "organisation",
    "roster": "organisation",
    "service_imports": "organisation",
    "slip_batches": "slips",
    "succession": "organisation",
    "seals": "rounds",
    "sticks": "kiosks",
}
"""Blueprints whose pages belong to another one's entry."""


FEW = 7
"""Pages that fit a row side by side, also on the narrowest desk's screen."""


def groups() -> list[Group]:
    """The groups of pages that the person signed in may open, in order; a group without such a page is left out."""
    house = (request.endpoint or "").partition(".")[0]
    house = BESIDE.get(house, house)
    found = list(_openable(house))
    entries = [entry for group in found for entry in group.entries]
    if len(entries) <= FEW:
        return [Group(entry.label, (entry,)) for entry in entries]
    return found


def _openable(house: str) -> Iterator[Group]:
    for label, pages in GROUPS:
        entries = tuple(
            Entry(endpoint, str(name), is_here=endpoint.partition(".")[0] == house)
            for endpoint, name in pages
            if may_open(endpoint)
        )
        if entries:
            yield Group(entries[0].label if len(entries) == 1 else str(label), entries)


def role_name(role: str) -> str:
    """What a role is called."""
    names: dict[str, str] = {
        "administrator": gettext("Quản trị viên"),
        "town_staff": gettext("Cán bộ Nội vụ"),
        "head": gettext("Lãnh đạo đơn vị"),
        "clerk": gettext("Bộ phận một cửa"),
        "officer": gettext("Cán bộ, công chức"),
        "inspector": gettext("Thanh tra"),
        "observer": gettext("Giám sát"),
    }
    return names.get(role, role)
