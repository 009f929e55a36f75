"""What may stand on the public board: what was changed, and nobody's name, number or dossier.

A check against slips of the pen, not against malice: who releases the words is in the audit log.
"""

import re
from collections.abc import Iterable

from sync_server.casework.steps import N_
from sync_server.errors import Refused

_CALLED = r"(?:anh|chi|ong|ba|co|chu|bac|em|d/c|dong chi|can bo|cong chuc)"
"""How somebody is called whose given name follows, without marks."""
_NUMBER = re.compile(r"\d(?:[ .\-]?\d){8,}")
"""Nine digits or more: a telephone, an identity card, an account."""
_DOSSIER = re.compile(r"[a-z]\d{2}(?:\.[0-9a-z]{1,3}){0,3}-\d{6}-\d{4,6}")


def check_public(plain_text: str, plain_names: Iterable[str]) -> None:
    """Raises `Refused` for words that name an officer, or hold a number or a dossier code.

    Both are given in lower case without Vietnamese marks, so that «Chị HẠNH» and «chi Hanh» are the same.
    """
    for name in plain_names:
        given = name.split()[-1] if name.split() else ""
        called = given and re.search(rf"\b{_CALLED}\s+{re.escape(given)}\b", plain_text)
        if called or (name and re.search(rf"\b{re.escape(name)}\b", plain_text)):
            raise Refused(N_("Nội dung công khai không được nêu tên cán bộ; hãy viết việc gì đã được sửa."))
    if _DOSSIER.search(plain_text) or _NUMBER.search(plain_text):
        raise Refused(N_("Nội dung công khai không được có mã hồ sơ, số điện thoại hay số giấy tờ."))
