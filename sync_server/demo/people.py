"""Plausible Vietnamese names, family name first; nobody real is meant."""

from collections.abc import Iterator

from faker import Faker

MIDDLE_OF_WOMEN = ("Thị", "Thị", "Thị", "Thị Thu", "Thị Thanh", "Thị Minh", "Ngọc", "Thu")
MIDDLE_OF_MEN = ("Văn", "Văn", "Văn", "Đức", "Quang", "Hữu", "Xuân", "Thế", "Minh", "Ngọc")


def names(seed: int) -> Iterator[str]:
    """Names without end, no two alike; the same seed gives the same ones.

    Faker's own Vietnamese names put the given name first, as English does; its lists of parts are right.
    """
    fake = Faker("vi_VN")
    fake.seed_instance(seed)
    seen: set[str] = set()
    while True:
        if fake.random.random() < 0.55:
            middle, given = fake.random.choice(MIDDLE_OF_WOMEN), fake.first_name_female()
        else:
            middle, given = fake.random.choice(MIDDLE_OF_MEN), fake.first_name_male()
        name = f"{fake.last_name()} {middle} {given}"
        if name not in seen and middle.rpartition(" ")[2] != given:
            seen.add(name)
            yield name
