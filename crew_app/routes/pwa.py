"""The files of the phone app and of the desk, as `make` built them. The service worker keeps the app's on the phone."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, current_app, send_from_directory

from crew_app.errors import NotFound

bp = Blueprint("pwa", __name__)

FOREVER = "public, max-age=31536000, immutable"  # files whose name holds their digest
ASK_FIRST = "no-cache"


def built() -> Path:
    return Path(current_app.root_path).parent / "pwa" / "dist"


@bp.get("/crew/")
@bp.get("/crew/<path:path>")  # no `defaults`: Flask would redirect /crew/index.html, and a service worker keeps no redirect
def crew(path: str = "index.html") -> Response:
    """A file of the app, or the app itself for one of its own addresses."""
    if not (built() / "index.html").exists():
        raise NotFound("The phone app is not built yet: run `make setup`.")
    if not (built() / path).is_file():
        if path.startswith(("assets/", "icons/", "desk/", "languages/")):
            raise NotFound("There is no such file.")
        path = "index.html"
    return send(path)


@bp.get("/site.css")
def site() -> Response:
    """Styles of the pages the server renders. Their script is /crew/site.js, beside the parts it loads."""
    return send("site.css")


def send(path: str) -> Response:
    """A file of the build; 404 if there is none of this name."""
    response = send_from_directory(built(), path)
    response.headers["Cache-Control"] = FOREVER if path.startswith(("assets/", "desk/assets/")) else ASK_FIRST
    return response
