"""The second step of signing in: a code that changes every half minute (RFC 6238), from an app on the person's own phone.

For the office, whose accounts see residents' addresses. The codes on paper are for the day that phone is lost; each works once.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime
from hmac import compare_digest
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from crew_app.adapters.sealing import Seal
from crew_app.errors import BadInput
from crew_app.models import Person, Proof
from crew_app.services.settings import change_setting
from crew_app.transaction import Tx

STEP_S = 30
CODES_ON_PAPER = 10


def new_secret() -> str:
    """160 random bits, in letters that can be typed."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def secret_address(secret: str, email: str, city: str) -> str:
    """What an app for codes reads from the QR code."""
    return f"otpauth://totp/{quote(f'{city} 311:{email}')}?{urlencode({'secret': secret, 'issuer': f'{city} 311'})}"


def code_of(secret: str, step: int) -> str:
    # SHA-1 and six digits: what every such app knows. RFC 6238 allows it, and HMAC does not need its collisions to be hard.
    totp = TOTP(base64.b32decode(secret), 6, SHA1(), STEP_S, enforce_key_length=False)  # noqa: S303
    return totp.generate(step * STEP_S).decode()


def step_of(secret: str, code: str, now: datetime, after: int = 0) -> int | None:
    """The half minute this code belongs to: this one or its neighbours, for clocks differ; only one later than `after`."""
    here = int(now.timestamp()) // STEP_S
    good = [step for step in (here - 1, here, here + 1) if step > after and compare_digest(code_of(secret, step), code)]
    return good[0] if good else None


def set_up(tx: Tx, seal: Seal, person: Person, secret: str, code: str) -> list[str]:
    """From now on signing in at the office takes a code; the codes on paper, to be shown this once. BadInput if this one is wrong."""
    step = step_of(secret, plain(code), tx.now)
    if step is None:
        raise BadInput("That is not the code of this minute.", errors={"code": ["Write the six digits your app shows now."]})
    paper = [_on_paper() for _ in range(CODES_ON_PAPER)]
    values = {
        "code_secret": seal.close(secret),
        "code_step": step,
        "recovery_digests": " ".join(_digest(plain(words)) for words in paper),
    }
    change_setting(tx, person, values, person.id, said="a second step at sign-in")
    return paper


def take_away(tx: Tx, person: Person, by: int) -> None:
    change_setting(tx, person, {"code_secret": None, "code_step": 0, "recovery_digests": ""}, by, said="no second step any more")


def prove(tx: Tx, seal: Seal, person: Person, code: str) -> Proof | None:
    """What this code proves; None if it is wrong, or was used before. It is used up."""
    typed = plain(code)
    secret = seal.open(person.code_secret or "")
    step = step_of(secret, typed, tx.now, person.code_step) if secret else None
    if step is not None:
        person.code_step = step
        return Proof.CODE
    digests = person.recovery_digests.split()
    if (digest := _digest(typed)) in digests:
        person.recovery_digests = " ".join(it for it in digests if it != digest)
        return Proof.RECOVERY
    return None


def plain(code: str) -> str:
    """As it is compared: however it was spaced."""
    return code.replace(" ", "").replace("-", "").lower()


def _on_paper() -> str:
    words = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(words[i : i + 4] for i in range(0, 16, 4))


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()
