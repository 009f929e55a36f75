"""Where a kiosk serves: at its counter, or carried on home visits. Pure functions of who said what."""

from kiosk.kept import ChosenPlace
from survey.setup import Setup

HOME, KIOSK, OBSERVER = "home", "kiosk", "observer"


def told_place(source: str, setup: Setup | None) -> bool:
    """Whether the device's own settings (`source`) or the server's setup say that it is for home visits."""
    return source == HOME or (setup is not None and setup.behaviour.home_visits)


def source_now(source: str, setup: Setup | None, chosen: ChosenPlace | None) -> str:
    """What ratings made now say of where they were given (docs/wire.md).

    What staff chose at the glass holds until the server, or the settings, say something else than they did then.
    An observer's kiosk stays one: nobody at the counter may turn it into something else.
    """
    if setup is not None and setup.behaviour.observer:
        return OBSERVER
    if source not in (HOME, KIOSK):
        return source
    told = told_place(source, setup)
    at_home = chosen.at_home if chosen is not None and chosen.told == told else told
    return HOME if at_home else KIOSK
