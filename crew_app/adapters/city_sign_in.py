"""The city's own sign-in (OpenID Connect), where it has one: people go there, and come back with its word for who they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask
from joserfc.errors import JoseError
from requests import RequestException

PATIENCE_S = 10


class NotVouched(Exception):
    """The city's sign-in did not say who this is."""


@dataclass(frozen=True, slots=True)
class CityAccount:
    subject: str  # who they are there, for ever
    email: str  # "" if it does not vouch for one


class CitySignIn:
    """The code flow with PKCE, state and nonce; the answer's signature, issuer, audience and age are checked."""

    def __init__(self, app: Flask, issuer: str, client_id: str, client_secret: str) -> None:
        self._client: Any = OAuth(app).register(
            "city",
            server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
            client_id=client_id,
            client_secret=client_secret,
            client_kwargs={"scope": "openid email", "code_challenge_method": "S256", "default_timeout": PATIENCE_S},
        )

    def way_there(self, way_back: str) -> Any:
        """The redirect; NotVouched if the city's sign-in is away."""
        try:
            return self._client.authorize_redirect(way_back)
        except (RequestException, AuthlibBaseError, ValueError) as error:
            raise NotVouched(str(error)) from error

    def who_came_back(self) -> CityAccount:
        try:
            said = self._client.authorize_access_token().get("userinfo") or {}
        except (RequestException, AuthlibBaseError, JoseError, ValueError) as error:
            raise NotVouched(f"{type(error).__name__}: {error}") from error
        if not said.get("sub"):
            raise NotVouched("its answer names nobody")
        return CityAccount(str(said["sub"])[:255], str(said.get("email", "")) if said.get("email_verified") is True else "")
