"""Letters out, by SMTP (RFC 5321), to whatever mail server the city names.

`MAIL_URL`: smtp://host:25, smtp+tls://name:password@host:587 (STARTTLS), smtps://name:password@host:465.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from enum import StrEnum
from urllib.parse import unquote, urlsplit

ANSWER_S = 15.0
PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


class Posted(StrEnum):
    """What became of a letter."""

    TAKEN = "taken"
    NOBODY_THERE = "nobody_there"  # the server says that this address takes no letters
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """`id`: stays the same when it is sent again, so a mail program shows it once. `stop_url`: ends it by one press (RFC 8058)."""

    to: str
    subject: str
    text: str
    id: str
    language: str
    stop_url: str


class Mailer:
    """`sender`: what letters come from, e.g. "311 <311@city.gov>". ValueError if the address is none of the three kinds."""

    def __init__(self, url: str, sender: str) -> None:
        self._parts, self._sender = urlsplit(url), sender
        if self._parts.scheme not in PORTS or not self._parts.hostname:
            raise ValueError(f"MAIL_URL={url!r} is none of smtp://, smtp+tls://, smtps:// with a host")

    def send(self, letter: Outgoing) -> tuple[Posted, str]:
        """What became of it, and why if it was not taken."""
        try:
            with self._connection() as server:
                server.send_message(self._message(letter))
        except smtplib.SMTPRecipientsRefused as error:
            code, _ = next(iter(error.recipients.values()))
            return (Posted.NOBODY_THERE if code >= 500 else Posted.LATER), f"{code} for this address"  # which, no log keeps
        except (OSError, smtplib.SMTPException) as error:
            return Posted.LATER, f"{type(error).__name__}: {error}"
        return Posted.TAKEN, ""

    def _connection(self) -> smtplib.SMTP:
        parts, port = self._parts, self._parts.port or PORTS[self._parts.scheme]
        host = parts.hostname or ""
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=ANSWER_S, context=ssl.create_default_context())
        else:
            server = smtplib.SMTP(host, port, timeout=ANSWER_S)
        if parts.scheme == "smtp+tls":
            server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        return server

    def _message(self, letter: Outgoing) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, letter.to, " ".join(letter.subject.split())
        message["Message-ID"], message["Date"] = letter.id, formatdate(usegmt=True)
        message["Auto-Submitted"] = "auto-generated"
        message["List-Unsubscribe"], message["List-Unsubscribe-Post"] = f"<{letter.stop_url}>", "List-Unsubscribe=One-Click"
        message.set_content(letter.text)
        message["Content-Language"] = letter.language  # after the text, which drops what was said of another
        return message


def open_mailer(url: str, sender: str) -> Mailer | None:
    """None while no mail server is named: then nobody can follow by e-mail, and no page offers it."""
    return Mailer(url, sender) if url else None
