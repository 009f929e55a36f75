"""What can be wrong with what the rule is given. Trying the same again never helps."""


class FlaggingError(ValueError):
    """Root of all errors of the flagging rule: the numbers or tallies given do not go together."""


class PeersMissing(FlaggingError):
    """The peers of a week were not frozen yet. Advance the totals to that Monday first, then fold again."""


class BadRule(FlaggingError):
    """A block of numbers in the rules file is wrong. `faults` holds every fault, each one sentence."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(faults))
