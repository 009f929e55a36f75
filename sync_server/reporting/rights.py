"""Who makes reports, who signs them, who reads them. Administrators have nothing to do with them."""

MAKERS = ("town_staff", "head")
"""Who writes drafts for units within reach, and sees them."""
READERS = ("town_staff", "head", "inspector", "observer")
"""Who reads signed reports of units within reach."""


def may_sign(role: str, own_unit: int | None, *, unit_id: int, parent_id: int | None, unit_kind: str) -> bool:
    """Whether somebody signs for a unit that is within reach.

    A report is the word of its unit: the town sums up what communes said, and does not speak for them. So heads and
    town staff sign for their own unit; the whole tree's staff for its top; a head also for offices below, which have
    none of their own.
    """
    if role not in MAKERS:
        return False
    if own_unit == unit_id or (own_unit is None and parent_id is None and role == "town_staff"):
        return True
    return role == "head" and unit_kind == "office"
