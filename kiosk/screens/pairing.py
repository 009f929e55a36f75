"""First start: how this kiosk joins its server."""

from kiosk.screens.base import Page


class PairingPage(Page):
    """Three steps; the scan of the server's QR does the rest."""
