"""Keys for programs: made, found, revoked. Only a digest is kept."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import select

from crew_app.errors import BadInput, NotFound
from crew_app.extensions import AnySession
from crew_app.models import ApiKey
from crew_app.transaction import Tx


def make_api_key(tx: Tx, name: str, contact: str = "", per_minute: int = 120) -> tuple[ApiKey, str]:
    """A new key; its words are returned this once and can never be read again."""
    if not 1 <= len(name) <= 60:
        raise BadInput("A key needs a name of at most 60 characters.", errors={"name": ["1 to 60 characters"]})
    if per_minute < 1:
        raise BadInput("A key must allow at least one request a minute.", errors={"per_minute": ["less than 1"]})
    words = secrets.token_urlsafe(32)
    key = ApiKey(name=name, contact=contact, digest=_digest(words), begins_with=words[:6], per_minute=per_minute, made_at=tx.now)
    tx.session.add(key)
    tx.session.flush()
    return key, words


def revoke_api_key(tx: Tx, key_id: int) -> ApiKey:
    key = tx.session.get(ApiKey, key_id)
    if key is None:
        raise NotFound("There is no such key.")
    key.revoked_at = key.revoked_at or tx.now
    return key


def valid_api_key(session: AnySession, words: str) -> ApiKey | None:
    """The key with these words, unless it was revoked."""
    return session.scalar(select(ApiKey).where(ApiKey.digest == _digest(words), ApiKey.revoked_at.is_(None)))


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()
