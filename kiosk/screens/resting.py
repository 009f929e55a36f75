"""«Máy nghỉ một lát»: after any fault; wakes by itself."""

from kiosk.screens.base import Page


class RestingPage(Page):
    """Says nothing of what happened: that is in the log."""
