"""The way around: one entry a page, shown to those who may open it."""

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


ENTRIES = (
    ("home.page", lazy_gettext("Hôm nay")),
    ("officers.listing", lazy_gettext("Cán bộ")),
    ("cases.listing", lazy_gettext("Vụ việc")),
    ("own.page", lazy_gettext("Của tôi")),
    ("results.page", lazy_gettext("Số liệu")),
    ("handled.page", lazy_gettext("Kết quả xử lý")),
    ("kiosks.listing", lazy_gettext("Máy đánh giá")),
    ("slips.form", lazy_gettext("Phiếu QR")),
    ("organisation.tree", lazy_gettext("Tổ chức")),
    ("people.listing", lazy_gettext("Tài khoản")),
    ("log.page", lazy_gettext("Nhật ký")),
)


BESIDE = {"imports": "organisation", "figures": "results", "roster": "organisation", "account": ""}
"""Blueprints whose pages belong to another one's entry."""


def entries() -> list[Entry]:
    """The pages that the person signed in may open, in order."""
    house = (request.endpoint or "").partition(".")[0]
    house = BESIDE.get(house, house)
    return [
        Entry(endpoint, str(label), is_here=endpoint.partition(".")[0] == house)
        for endpoint, label in ENTRIES
        if may_open(endpoint)
    ]


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
