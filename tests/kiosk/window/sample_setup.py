"""A setup with the longest real words we know, for screens that must hold them."""

import tomllib

from survey import resources
from survey.questionnaire import Survey, read_reasons, read_scales
from survey.setup import Behaviour, Counter, Officer, Service, Setup, Slogan, Unit

SURVEY = resources.config() / "surveys" / "default.toml"

OFFICERS = (
    Officer(id="of-1", name="Nguyễn Thị Phương Thảo", title="Công chức Tư pháp – Hộ tịch"),
    Officer(id="of-2", name="Trần Văn An", title="Công chức Địa chính – Nông nghiệp – Xây dựng và Môi trường"),
    Officer(id="of-3", name="Thượng úy Tôn Nữ Hoàng Nguyễn Khánh Huyền", title="Công an phường, phụ trách cư trú"),
    Officer(id="of-4", name="Lê Hữu Đức", title="Văn phòng – Thống kê"),
    Officer(id="of-5", name="Phạm Ngọc Ánh", title="Công chức Văn hóa – Xã hội"),
    Officer(id="of-6", name="Vũ Đình Khôi", title="Chỉ huy trưởng Ban chỉ huy quân sự xã"),
)

SERVICES = (
    Service(
        id="land",
        name={
            "vi": "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất",
            "en": "Registering a change of land-use rights and of property attached to land",
        },
        field={"vi": "Đất đai", "en": "Land"},
    ),
    Service(id="birth", name={"vi": "Đăng ký khai sinh", "en": "Birth registration"}, field={"vi": "Hộ tịch"}),
)

SLOGANS = (
    Slogan(
        title="5 biết",
        lines=("Biết nghe dân nói", "Biết nói dân hiểu", "Biết làm dân tin", "Biết xin lỗi", "Biết cảm ơn"),
    ),
    Slogan(title="3 thể hiện", lines=("Tôn trọng", "Văn minh", "Gần gũi")),
)


def sample_setup(
    *, scale: str = "hl5", ask_comment: bool = False, behaviour: Behaviour | None = None, staff_pin: str | None = None
) -> Setup:
    """A unit with six officers, two services, all reasons."""
    reasons = read_reasons(resources.config() / "reasons.toml")
    return Setup(
        unit=Unit(id="dv", name="UBND phường Đồng Văn, thị xã Duy Tiên"),
        counter=Counter(id="q1", name="Quầy số 3: Tư pháp – Hộ tịch – Chứng thực"),
        hotline="0226 3830 123",
        officers=OFFICERS,
        services=SERVICES,
        survey=Survey(
            id="s1",
            scale=scale,
            question={
                "vi": "Ông/Bà có hài lòng về cách phục vụ của cán bộ không?",
                "en": "How satisfied are you with the officer's service?",
            },
            reasons=tuple(tomllib.loads(SURVEY.read_text(encoding="utf-8"))["reasons"]),
            ask_comment=ask_comment,
        ),
        scale=read_scales(resources.config() / "scales.toml")[scale],
        reasons=tuple(reasons.values()),
        slogans=SLOGANS,
        dossier_pattern=r"^H\d{2}\.\d{2}-\d{6}-\d{4}$",
        behaviour=behaviour or Behaviour(),
        staff_pin=staff_pin,
    )
