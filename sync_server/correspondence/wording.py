"""What letters say, and the values that their templates are filled with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sync_server.correspondence.entered import Values, day_of
from sync_server.correspondence.kinds import Kind
from sync_server.reporting.draft import full_name, place_of
from sync_server.reporting.periods import day_words, long_day_words
from sync_server.reporting.rules import Letterhead

SEAL = "Trân trọng./."


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Whose letters they are, who signs, and when. is_deputy: signs for the head («KT.»); hotline: may be empty."""

    unit: str
    letterhead: Letterhead
    code: str
    signer: str
    is_deputy: bool
    hotline: str
    day: int

    @property
    def sign(self) -> str:
        """What stands after the number: the letter's code and the unit's part of its reports' sign."""
        _, dash, rest = self.letterhead.sign.partition("-")
        return f"{self.code}{dash}{rest}"

    @property
    def speaker(self) -> str:
        """Who speaks, within a sentence."""
        name = full_name(self.unit)
        return self.letterhead.speaker.format(unit=name[:1].lower() + name[1:])


def context(kind: Kind, values: Values, sender: Sender, number: int | None) -> dict[str, Any]:
    """The values of a letter's template. number: None while it has none yet."""
    head, name = sender.letterhead, full_name(sender.unit)
    title = head.title
    return {
        "above": head.above.format(name=name.upper()),
        "organ": head.organ.format(name=name.removeprefix("Ủy ban nhân dân ").upper()).splitlines(),
        "number": f"{number:02d}" if number else "      ",
        "sign": sender.sign,
        "place_and_date": f"{place_of(sender.unit)}, {long_day_words(sender.day)}",
        "title": kind.title,
        "to": f"{values['salutation']} {values['name']}",
        "address": values["address"],
        "paragraphs": _PARAGRAPHS[kind.key](values, sender),
        "closing": "Thành kính phân ưu!" if kind.key == "condolence" else SEAL,
        "on_behalf": head.on_behalf.splitlines(),
        "signer_title": [f"KT. {title}", f"PHÓ {title}"] if sender.is_deputy else title.splitlines(),
        "signer": sender.signer,
    }


def lines(values: dict[str, Any]) -> Sequence[str]:
    """The text of a letter between its title and its signature, for pages and tests."""
    return [f"Kính gửi: {values['to']}", *values["paragraphs"], values["closing"]]


def _you(values: Values) -> str:
    """How the letter speaks to whom it goes to, within a sentence."""
    said = values["salutation"]
    return "gia đình" if said.startswith("Gia đình") else said


def _fragment(text: str) -> str:
    """A text that goes on within a sentence: its first letter small, unless the whole first word is in capitals."""
    first = text.partition(" ")[0]
    return text if len(first) > 1 and first.isupper() else text[:1].lower() + text[1:]


def _begin(text: str) -> str:
    return text[:1].upper() + text[1:]


def _late(values: Values, sender: Sender) -> list[str]:
    you, speaker = _you(values), sender.speaker
    due, new = (day_words(day_of(values[key]) or 1) for key in ("due", "new"))
    said = [
        f"{_begin(speaker)} đã tiếp nhận hồ sơ mã số {values['code']} của {you} về thủ tục “{values['service']}”, hẹn "
        f"trả kết quả vào ngày {due}.",
        f"Do {_fragment(values['reason'])}, hồ sơ của {you} chưa thể giải quyết xong đúng hẹn. {_begin(speaker)} thành "
        f"thật xin lỗi {you} vì sự chậm trễ này.",
        f"{_begin(speaker)} xin hẹn lại và cam kết trả kết quả cho {you} chậm nhất vào ngày {new}, tại Bộ phận tiếp "
        "nhận và trả kết quả. Ngày hẹn này sẽ không thay đổi thêm lần nữa.",
    ]
    asked = f" Mọi thắc mắc, xin {you} gọi số điện thoại {sender.hotline}." if sender.hotline else ""
    return [*said, f"Rất mong nhận được sự thông cảm của {you}.{asked}"]


def _case(values: Values, sender: Sender) -> list[str]:
    you, speaker = _you(values), sender.speaker
    return [
        f"{_begin(speaker)} đã tiếp nhận và xác minh phản ánh của {you} về việc {_fragment(values['matter'])}. Kết quả "
        f"cho thấy phản ánh của {you} là có cơ sở.",
        f"Thay mặt tập thể cán bộ, công chức, {speaker} chân thành xin lỗi {you} về sự việc nêu trên.",
        f"Để khắc phục và không để sự việc lặp lại, chúng tôi đã {_fragment(values['done'])}.",
        f"Xin cảm ơn {you} đã thẳng thắn phản ánh, giúp chúng tôi phục vụ Nhân dân ngày càng tốt hơn. Rất mong tiếp "
        f"tục nhận được sự giám sát, góp ý của {you}.",
    ]


def _thanks(values: Values, sender: Sender) -> list[str]:
    you, speaker = _you(values), sender.speaker
    taken = f" Tiếp thu ý kiến đó, chúng tôi đã {_fragment(values['done'])}." if values["done"] else ""
    return [
        f"{_begin(speaker)} trân trọng cảm ơn {you} đã dành thời gian góp ý về việc {_fragment(values['matter'])}.",
        f"Đây là ý kiến tâm huyết, thiết thực, thể hiện tinh thần trách nhiệm của {you} đối với chính quyền và "
        f"cộng đồng.{taken}",
        f"Chúng tôi mong tiếp tục nhận được sự quan tâm, góp ý của {you} để xây dựng chính quyền thân thiện, vì Nhân "
        f"dân phục vụ. Kính chúc {you} luôn mạnh khỏe, hạnh phúc.",
    ]


def _congratulation(values: Values, sender: Sender) -> list[str]:
    you, speaker = _you(values), sender.speaker
    all_of_you = "gia đình" if you == "gia đình" else f"{you} cùng gia đình"
    return [
        f"Nhân dịp {_fragment(values['occasion'])}, thay mặt cấp ủy, chính quyền và Nhân dân địa phương, {speaker} xin "
        f"gửi tới {all_of_you} lời chúc mừng tốt đẹp nhất.",
        f"Kính chúc {all_of_you} luôn mạnh khỏe, hạnh phúc, thành công; tiếp tục phát huy truyền thống tốt đẹp, chung "
        f"tay xây dựng quê hương {place_of(sender.unit)} ngày càng giàu đẹp, văn minh.",
    ]


def _condolence(values: Values, sender: Sender) -> list[str]:
    deceased, speaker = _fragment(values["deceased"]), sender.speaker
    when = f" ngày {day_words(day_of(values['died']) or 1)}" if values["died"] else ""
    return [
        f"Được tin {deceased} đã từ trần{when}, {speaker} vô cùng thương tiếc.",
        f"Thay mặt cấp ủy, chính quyền và Nhân dân địa phương, {speaker} xin gửi tới {_you(values)} cùng toàn thể gia "
        "quyến lời chia buồn sâu sắc nhất."
        if _you(values) != "gia đình"
        else f"Thay mặt cấp ủy, chính quyền và Nhân dân địa phương, {speaker} xin gửi tới gia đình và toàn thể tang "
        "quyến lời chia buồn sâu sắc nhất.",
        f"Xin kính cẩn nghiêng mình trước hương hồn {deceased} và mong gia quyến sớm vượt qua nỗi đau thương, mất mát "
        "to lớn này.",
    ]


_PARAGRAPHS = {
    "late": _late,
    "case": _case,
    "thanks": _thanks,
    "congratulation": _congratulation,
    "condolence": _condolence,
}
