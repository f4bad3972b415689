"""create_app(config): binds everything together, decides nothing."""

from __future__ import annotations

import errno
import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, jsonify, redirect, request, url_for
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Config
from crew_app.adapters.backup_folder import BackupFolder
from crew_app.adapters.city_sign_in import CitySignIn
from crew_app.adapters.mail import open_mailer
from crew_app.adapters.photo_store import DiskPhotoStore
from crew_app.adapters.rate_limits import RateLimits
from crew_app.adapters.request_log import bind_request_log
from crew_app.adapters.roads import graph_file, open_roads
from crew_app.adapters.s3_photo_store import S3PhotoStore
from crew_app.adapters.sealing import Seal
from crew_app.adapters.web_push import open_sender
from crew_app.cli import COMMANDS
from crew_app.doors import bind_doors
from crew_app.errors import Busy, Full, Problem, SignInNeeded
from crew_app.extensions import bind_database
from crew_app.guards import SECOND_STEP_NEEDED, is_at_office, refuse_cross_site
from crew_app.jobs import bind_jobs
from crew_app.languages import keep_language
from crew_app.limits import keep_within_limits
from crew_app.routes import BLUEPRINTS
from crew_app.routes.open311 import open311_problem
from crew_app.wire.pages import PAGE_FILTERS, PAGE_GLOBALS, problem_page

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "worker-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob: {photos}",
        "connect-src 'self' {photos}",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


def create_app(config: Config) -> Flask:
    """The application; NotDurable if its database would lose acknowledged work."""
    app = Flask(__name__, static_folder=None)  # what is served is built: routes/pwa.py
    app.config.from_object(config)
    config.INSTANCE.mkdir(parents=True, exist_ok=True)
    config.PHOTO_FOLDER.mkdir(parents=True, exist_ok=True)
    app.logger.setLevel(logging.INFO)
    if config.TRUSTED_PROXIES:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.TRUSTED_PROXIES, x_proto=config.TRUSTED_PROXIES)  # type: ignore[method-assign]
    bind_database(app)
    bind_doors(app)
    bind_photos(app)
    app.extensions["seal"] = Seal(config.SECRET_KEY)
    app.extensions["city_sign_in"] = (
        CitySignIn(app, config.OIDC_ISSUER, config.OIDC_CLIENT_ID, config.OIDC_CLIENT_SECRET) if config.OIDC_ISSUER else None
    )
    app.extensions["rate_limits"] = RateLimits(config.INSTANCE / "rate_limits.sqlite")
    app.extensions["backups"] = BackupFolder(Path(config.BACKUP_FOLDER), config.BACKUP_KEY) if config.BACKUP_FOLDER else None
    app.extensions["legs_of"] = open_roads(config.ROADS, graph_file(config.INSTANCE))
    app.extensions["push_sender"] = open_sender(config.VAPID_KEY_FILE, config.PUSH_CONTACT, config.PUSH_SERVICES)
    app.extensions["mailer"] = open_mailer(config.MAIL_URL, config.MAIL_FROM)
    bind_jobs(app)
    bind_request_log(app, as_json=config.LOG_FORMAT == "json")
    app.before_request(refuse_cross_site)
    app.before_request(keep_within_limits)
    app.after_request(set_security_headers)
    app.after_request(keep_language)
    app.register_error_handler(Problem, answer_problem)
    app.register_error_handler(HTTPException, answer_http_exception)
    app.register_error_handler(OperationalError, answer_busy_database)
    app.register_error_handler(OSError, answer_full_disk)
    for blueprint, prefix, guard in BLUEPRINTS:
        app.before_request_funcs.setdefault(blueprint.name, []).append(guard)  # before the blueprint's own
        app.register_blueprint(blueprint, url_prefix=None if prefix == "/" else prefix)
    for command in COMMANDS:
        app.cli.add_command(command)
    app.jinja_env.filters.update(PAGE_FILTERS)
    app.jinja_env.globals.update(PAGE_GLOBALS)
    return app


def bind_photos(app: Flask) -> None:
    """The store, and from where pages may show pictures: from us, and with signed links from the bucket's server."""
    address, signs_links = app.config["PHOTO_STORE"], app.config["PHOTO_READS"] == "signed"
    store = S3PhotoStore(address, signs_links=signs_links) if address else DiskPhotoStore(app.config["PHOTO_FOLDER"])
    link = store.link(f"{'0' * 64}/original")
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(link)) if link else ""
    app.config["CONTENT_SECURITY_POLICY"] = CONTENT_SECURITY_POLICY.format(photos=origin).replace(" ;", ";")
    app.extensions["photo_store"] = store


def wants_json() -> bool:
    return (
        request.path.startswith(("/sync/", "/console/api/", "/console/live/"))
        or request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def answer_problem(problem: Problem) -> Any:
    """problem+json for programs, a page with words for people."""
    if request.path.startswith("/open311"):
        return with_retry_after(open311_problem(problem), problem)
    if problem.code == SECOND_STEP_NEEDED and not wants_json():
        return redirect(url_for("account.second_step"))
    if isinstance(problem, SignInNeeded) and not wants_json() and not is_at_office():
        return redirect(url_for("public.sign_in", next=request.full_path if request.method == "GET" else None))
    if wants_json():
        response = jsonify(problem.body())
        response.content_type = "application/problem+json"
        if request.path.startswith("/sync/"):
            response.content_type = "application/json"  # what a phone takes for an answer of ours
    else:
        response = Response(problem_page(problem), mimetype="text/html")
    response.status_code = problem.status
    return with_retry_after(response, problem)


def with_retry_after(response: Response, problem: Problem) -> Response:
    if problem.retry_after_s is not None:
        response.headers["Retry-After"] = str(problem.retry_after_s)
    return response


# SQLite's words for a full disk, and for one that refuses to grow a file (a quota, a limit of the process).
FULL_IN_WORDS = ("database or disk is full", "disk i/o error")
NO_ROOM = "The city has no room left. Keep this; it will be taken when there is room again."
FULL_BY_NUMBER = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def answer_full_disk(error: OSError) -> Any:
    """507: new work is refused honestly, and what is here stays. Any other failure of the system is our fault: 500."""
    if error.errno not in FULL_BY_NUMBER:
        raise error
    current_app.logger.error("there is no room left: %s", error)
    return answer_problem(Full(NO_ROOM))


def answer_busy_database(error: OperationalError) -> Any:
    """Locked for too long, or away: busy is slow, not lost. Full is said as such."""
    current_app.logger.error("the database does not take work: %s", error.orig)
    if any(words in str(error.orig).lower() for words in FULL_IN_WORDS):
        return answer_problem(Full(NO_ROOM))
    return answer_problem(Busy("The city cannot take this right now. Nothing is lost; it will be tried again."))


def answer_http_exception(error: HTTPException) -> Any:
    """Werkzeug's own refusals (404, 405, 413 ...) in our shape."""
    if error.response is not None:
        return error.response
    problem = Problem(error.description or error.name, code=error.name.lower().replace(" ", "-"))
    problem.status, problem.title = error.code or 500, error.name
    response = answer_problem(problem)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "content-range", "retry-after"):
            response.headers[name] = value
    return response


def set_security_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", current_app.config["CONTENT_SECURITY_POLICY"])
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self)")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
