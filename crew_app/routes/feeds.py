"""Feeds of the city, of one service, of one district: for readers, and for councillors who follow where they were elected."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request, url_for
from flask.typing import ResponseValue

from crew_app.errors import NotFound
from crew_app.extensions import db
from crew_app.queries.public import district_by_code, lately_changed, public_service
from crew_app.wire.feeds import CONTENT_TYPES, Feed, feed_bytes

bp = Blueprint("feeds", __name__)

MOST_ENTRIES = 100


@bp.get("/cases.<any(atom,json,rss):form>")
def cases(form: str) -> ResponseValue:
    public_url, title = current_app.config["PUBLIC_URL"], f"{current_app.config['CITY_NAME']} 311"
    service = district = None
    chosen = {}
    if code := request.args.get("service", "").strip():
        service = public_service(db.session, code)
        if service is None:
            raise NotFound("The city has no such service.")
        title, chosen["service"] = f"{title}: {service.name}", code
    if code := request.args.get("district", "").strip():
        district = district_by_code(db.session, code)
        if district is None:
            raise NotFound("The city has no such district.")
        title, chosen["district"] = f"{title}, {district.name}", code
    found = lately_changed(db.session, MOST_ENTRIES, service.id if service else None, district.id if district else None)
    address = public_url + url_for("feeds.cases", form=form, _external=False, **chosen)
    response = Response(feed_bytes(Feed(title, address, public_url, found), form), content_type=CONTENT_TYPES[form])
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    return response.make_conditional(request)
