"""Secrets the server must read again (not only compare) lie in the database sealed with the server's key: a stolen backup opens none."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Seal:
    def __init__(self, secret_key: str) -> None:
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"crew311 sealed secrets").derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def close(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str, within_s: int | None = None) -> str | None:
        """None if it was not sealed with this server's key, or longer ago than that."""
        try:
            return self._fernet.decrypt(sealed.encode(), ttl=within_s).decode()
        except (InvalidToken, UnicodeEncodeError):
            return None
