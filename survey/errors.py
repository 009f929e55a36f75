"""What can be wrong with the words that both programs speak. Each message names the value and the remedy."""

from collections.abc import Sequence


class SurveyError(ValueError):
    """Root of all errors of this package. Trying the same again never helps: the data must change."""


class BadDocument(SurveyError):
    """A document (setup, batch, receipts, settings) does not have the shape it must have.

    `faults` holds every fault found, each one sentence that begins with the place (`ratings[3].level: …`).
    """

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


class BadScan(SurveyError):
    """A scanned text is none of: ticket, dossier code, officer's badge, enrolment."""


class UnknownVersion(SurveyError):
    """The other side speaks a version of the wire that this program does not."""
