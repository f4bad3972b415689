"""Settings, read from the environment, with the embedded defaults a town can start from.

Each setting is one attribute; the environment variable has the same name. A secret may also be given
as a file (`SECRET_KEY_FILE=/run/secrets/key`), the way container platforms hand them over.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent


def read_setting(env: Mapping[str, str], name: str, default: str = "") -> str:
    """The value of `name`, or the stripped content of the file that `name`_FILE points to."""
    if file_name := env.get(f"{name}_FILE"):
        return Path(file_name).read_text().strip()
    return env.get(name, default)


def read_choice(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """One of `choices`, the first by default; ValueError names the setting and them all."""
    value = read_setting(env, name, choices[0])
    if value not in choices:
        raise ValueError(f"{name}={value!r} is none of {', '.join(choices)}")
    return value


class Config:
    """The embedded city: SQLite and a photo folder below `instance/`."""

    TESTING = False

    def __init__(self, env: Mapping[str, str] | None = None) -> None:
        env = os.environ if env is None else env
        self.INSTANCE = Path(read_setting(env, "INSTANCE", str(HERE / "instance")))
        self.SECRET_KEY = read_setting(env, "SECRET_KEY") or self._kept_secret()
        self.DATABASE_URL = read_setting(env, "DATABASE_URL", f"sqlite:///{self.INSTANCE / 'crew311.sqlite'}")
        self.PHOTO_FOLDER = Path(read_setting(env, "PHOTO_FOLDER", str(self.INSTANCE / "photos")))
        # "" the folder above; "s3://bucket/prefix" a bucket (adapters/s3_photo_store.py names the keys it reads).
        self.PHOTO_STORE = read_setting(env, "PHOTO_STORE")
        # "through": every picture comes by way of us; "signed": browsers fetch it from S3 by a link that lives minutes.
        self.PHOTO_READS = read_choice(env, "PHOTO_READS", ("through", "signed"))
        # A folder, best on another machine, for backups minute by minute; an age public key (age1...) seals them; so many
        # days can be gone back to.
        self.BACKUP_FOLDER = read_setting(env, "BACKUP_FOLDER")
        self.BACKUP_KEY = read_setting(env, "BACKUP_KEY")
        self.BACKUP_DAYS = int(read_setting(env, "BACKUP_DAYS", "14"))
        self.REDIS_URL = read_setting(env, "REDIS_URL")
        self.HUEY_URL = read_setting(env, "HUEY_URL", self._usual_queue())

        self.CITY_NAME = read_setting(env, "CITY_NAME", "Boston")
        self.CITY_TIMEZONE = read_setting(env, "CITY_TIMEZONE", "America/New_York")
        # Public holidays (ISO dates, comma separated) on which the business clock stands still. Boston's own clock
        # skipped them in most years and ran through them in 2018 and 2022, so a city says which days it means.
        self.CITY_HOLIDAYS = read_setting(env, "CITY_HOLIDAYS", "")

        # "lat,lon;lat,lon": where a geocoder puts what it cannot find. In Boston that is City Hall.
        self.CITY_STAND_IN_POINTS = read_setting(env, "CITY_STAND_IN_POINTS", "42.3594,-71.0587")
        # "planned": rounds for all crews together, planned anew as things happen; "nearest": each case, as it arrives, to
        # the nearest crew with room; "on_free": the nearest case to each crew that comes free.
        self.DISPATCH_POLICY = read_choice(env, "DISPATCH_POLICY", ("planned", "nearest", "on_free"))
        # How long the rolling plan may search each minute; an event is answered within a fifth of it. A number of
        # iterations instead makes equal plans on every machine.
        self.DISPATCH_SECONDS = float(read_setting(env, "DISPATCH_SECONDS", "1"))
        self.DISPATCH_ITERATIONS = int(read_setting(env, "DISPATCH_ITERATIONS", "0"))
        # A crew not heard of for longer is out of contact: it keeps its jobs and gets no new ones.
        self.CREW_CONTACT_MINUTES = int(read_setting(env, "CREW_CONTACT_MINUTES", "30"))
        # How ways are reckoned: "" by the city's road graph if `flask roads` made one, else by air; "air";
        # "osrm+http://..." or "valhalla+http://..." where such a server runs.
        self.ROADS = read_setting(env, "ROADS", "")
        # "mailto:..." or "https://...": where to write about a hole in the city's security (/.well-known/security.txt).
        self.SECURITY_CONTACT = read_setting(env, "SECURITY_CONTACT")
        if self.SECURITY_CONTACT and not self.SECURITY_CONTACT.startswith(("mailto:", "https://", "tel:")):
            raise ValueError(f"SECURITY_CONTACT={self.SECURITY_CONTACT!r} begins with none of mailto:, https://, tel:")
        # So many months after a case was closed, who reported it is forgotten; the case stays. 0: not by itself.
        self.RETENTION_MONTHS = int(read_setting(env, "RETENTION_MONTHS", "0"))
        # "offered": who works at the office may set up a second step of signing in; "demanded": the office opens with one only.
        self.SECOND_STEP = read_choice(env, "SECOND_STEP", ("offered", "demanded"))
        # The city's own sign-in (OpenID Connect) for the office: its issuer, and who we are there. Its redirect address is
        # PUBLIC_URL/sign-in/city/back.
        self.OIDC_ISSUER = read_setting(env, "OIDC_ISSUER")
        self.OIDC_CLIENT_ID = read_setting(env, "OIDC_CLIENT_ID")
        self.OIDC_CLIENT_SECRET = read_setting(env, "OIDC_CLIENT_SECRET")
        if self.OIDC_ISSUER and not self.OIDC_CLIENT_ID:
            raise ValueError("OIDC_ISSUER is set and OIDC_CLIENT_ID is not")
        # "words" for people at a terminal; "json": each request and each event of the server one line, with its id.
        self.LOG_FORMAT = read_choice(env, "LOG_FORMAT", ("words", "json"))
        # What Prometheus sends as "Authorization: Bearer ..."; without one, /metrics answers this machine only.
        self.METRICS_TOKEN = read_setting(env, "METRICS_TOKEN")
        self.PUBLIC_URL = read_setting(env, "PUBLIC_URL", "http://localhost:3110")
        # Where people and programs reach whoever runs this: an address or a number, shown to everybody.
        self.CITY_CONTACT = read_setting(env, "CITY_CONTACT", self.PUBLIC_URL)
        # What the phone asks for beside photos, outcome and note when a job is closed: "minutes", "materials", or both.
        self.CLOSING_ASKS = tuple(name for name in ("minutes", "materials") if name in read_setting(env, "CLOSING_ASKS").split(","))
        # The key that names this server to the push services of browsers; `flask init` makes it. Another key, and every phone
        # has to subscribe anew (the app does, at its next start).
        self.VAPID_KEY_FILE = Path(read_setting(env, "VAPID_KEY_FILE", str(self.INSTANCE / "vapid_key.pem")))
        # Where a push service can write to whoever runs this server.
        self.PUSH_CONTACT = read_setting(env, "PUSH_CONTACT") or f"webmaster@{urlsplit(self.PUBLIC_URL).hostname or 'localhost'}"
        # The mail server that sends news to residents who follow: smtp://host:25, smtp+tls://name:password@host:587 or
        # smtps://name:password@host:465. Without one nobody is offered to follow by e-mail.
        self.MAIL_URL = read_setting(env, "MAIL_URL")
        self.MAIL_FROM = read_setting(env, "MAIL_FROM") or f"311@{urlsplit(self.PUBLIC_URL).hostname or 'localhost'}"
        # Push services beside those of browser makers, as origins: "https://push.city.gov:8443,...".
        self.PUSH_SERVICES = tuple(filter(None, read_setting(env, "PUSH_SERVICES").split(",")))
        # How many proxies in front of us may be believed about the caller's address and scheme.
        self.TRUSTED_PROXIES = int(read_setting(env, "TRUSTED_PROXIES", "0"))

        # Desks that may hold a live stream, and with it a thread, in each web process (of WEB_THREADS); others ask again.
        self.LIVE_STREAMS = int(read_setting(env, "LIVE_STREAMS", "16"))

        self.MAX_PHOTO_BYTES = 20 * 1024 * 1024
        self.MAX_PUSH_BYTES = 1024 * 1024
        self.MAX_CONTENT_LENGTH = 24 * 1024 * 1024  # one resident's report with its photo

        self.SESSION_COOKIE_NAME = "__Host-session" if self.PUBLIC_URL.startswith("https://") else "session"
        self.SESSION_COOKIE_HTTPONLY = True
        self.SESSION_COOKIE_SAMESITE = "Lax"
        self.SESSION_COOKIE_SECURE = self.PUBLIC_URL.startswith("https://")
        # A crew must not be signed out in mid-shift, nor lose a three-day-old outbox to a sign-in page.
        self.PERMANENT_SESSION_LIFETIME = 30 * 24 * 3600

        # What Flask-SQLAlchemy reads; the engine's own options are set in crew_app/extensions.py.
        self.SQLALCHEMY_DATABASE_URI = self.DATABASE_URL

    def _usual_queue(self) -> str:
        """Redis where there is one; else the database's own server; else a file. All processes of a city share one queue."""
        if self.REDIS_URL:
            return self.REDIS_URL
        if self.DATABASE_URL.startswith("postgresql"):
            return self.DATABASE_URL
        return f"sqlite:///{self.INSTANCE / 'jobs.sqlite'}"

    def _kept_secret(self) -> str:
        """A key made once and kept beside the database, so that sign-ins survive a restart."""
        path = self.INSTANCE / "secret_key"
        if not path.exists():
            self.INSTANCE.mkdir(parents=True, exist_ok=True)
            with open(path, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(secrets.token_hex(32))
        return path.read_text().strip()


class TestConfig(Config):
    """For tests: everything below a folder of the test's own, jobs run at once when asked for."""

    __test__ = False  # pytest: this is not a test class
    TESTING = True

    def __init__(self, folder: Path, **settings: str) -> None:
        defaults = {"INSTANCE": str(folder), "SECRET_KEY": "test", "DISPATCH_POLICY": "nearest", "DISPATCH_ITERATIONS": "40"}
        defaults["HUEY_URL"] = f"sqlite:///{folder / 'jobs.sqlite'}"
        super().__init__(defaults | settings)
