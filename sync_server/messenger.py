"""The one door to apprise: e-mail through the town's own mail server, and the chat services that the settings allow."""

import re
from collections.abc import Collection
from urllib.parse import quote, urlencode

from sync_server.config import ServerSettings
from sync_server.notices.wording import Message

EMAIL = "email:"
"""What an address of an e-mail channel begins with; any other is apprise's own."""
FAULT_MAX = 200
_MAILBOX = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]{1,190}\.[A-Za-z]{2,24}")
_SECRETS = re.compile(r"\S+@\S+|[A-Za-z0-9_\-]{20,}|\b\w+://\S+")
_SECURITY = {"none": ("mailto", "insecure"), "starttls": ("mailtos", "starttls"), "tls": ("mailtos", "ssl")}


class Messenger:
    """Sends messages. Safe to use from several processes; it keeps nothing."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings

    @property
    def has_mail(self) -> bool:
        """Whether a mail server is set."""
        return bool(self._settings.smtp_host and self._settings.mail_from)

    @property
    def schemes(self) -> tuple[str, ...]:
        """The services of apprise that are allowed, by the scheme of their addresses."""
        return tuple(name.strip().lower() for name in self._settings.notice_services.split(",") if name.strip())

    def deliver(self, address: str, message: Message) -> str:
        """Send a message; '' when the other side took it, else why not, without addresses and secrets.

        A reply that was lost looks like a failure: trying again may tell somebody twice, and never loses anything.
        """
        import apprise  # takes a second: only who sends pays for it

        is_mail = address.startswith(EMAIL)
        url = self._mail_url(address.removeprefix(EMAIL)) if is_mail else address
        sender = apprise.Apprise()
        # Made here, since `add` takes a text with commas for several addresses, each of any service.
        one = apprise.Apprise.instantiate(url) if url and (is_mail or is_one_of(url, self.schemes)) else None
        if one is None or not sender.add(one):
            return "the channel's address is not one that can be sent to; remove it and add it again"
        with apprise.LogCapture(level=30, fmt="%(message)s") as log:  # type: ignore[no-untyped-call]  # 30: warnings
            is_sent = bool(sender.notify(title=message.title, body=message.body, body_format="text"))
            said = log.getvalue()
        return "" if is_sent else _without_secrets(said) or "not taken by the other side"

    def _mail_url(self, mailbox: str) -> str:
        if not self.has_mail:
            return ""
        given = self._settings
        scheme, mode = _SECURITY[given.smtp_security]
        who = f"{quote(given.smtp_user, safe='')}:{quote(given.smtp_password, safe='')}@" if given.smtp_user else ""
        query = urlencode(
            {"from": f"Nụ Cười <{given.mail_from}>", "to": mailbox, "mode": mode, "format": "text"}, quote_via=quote
        )
        return f"{scheme}://{who}{given.smtp_host}:{given.smtp_port}/?{query}"


def is_one_of(address: str, schemes: Collection[str]) -> bool:
    """Whether a text is one address, and of one of these services of apprise."""
    scheme, _, rest = address.partition("://")
    return scheme.lower() in schemes and "://" not in rest


def is_mailbox(text: str) -> bool:
    """Whether a text is one plain e-mail address."""
    return _MAILBOX.fullmatch(text) is not None


def _without_secrets(said: str) -> str:
    last = said.strip().splitlines()[-1] if said.strip() else ""
    return _SECRETS.sub("…", last)[:FAULT_MAX]
