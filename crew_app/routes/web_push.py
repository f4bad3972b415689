"""A phone lets itself be woken, and no more (docs/sync-protocol.md)."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify, request
from flask_login import current_user

from crew_app.adapters.push_services import NotAPushService
from crew_app.adapters.web_push import PushSender
from crew_app.errors import BadInput, NotFound
from crew_app.services.notices import subscribe, unsubscribe
from crew_app.transaction import transaction
from crew_app.wire.fields import load, parse_json
from crew_app.wire.phone import PushAddressSchema, PushSubscriptionSchema

bp = Blueprint("web_push", __name__)


@bp.after_request
def forbid_keeping(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/key")
def key() -> Response:
    """The key with which a browser subscribes; null where this server wakes nobody."""
    sender = _sender()
    return jsonify(key=sender.application_server_key if sender else None)


@bp.put("/subscription")
def put_subscription() -> Response:
    given = load(PushSubscriptionSchema(), parse_json(request.get_data()))
    sender = _sender()
    if sender is None:
        raise NotFound("This server wakes no phones.", code="no-push")
    try:
        sender.check(given["endpoint"])
    except NotAPushService as error:
        raise BadInput("This is no push service we send to.", errors={"endpoint": [str(error)]}) from None
    with transaction() as tx:
        subscribe(tx, current_user.id, given["endpoint"], given["keys"]["p256dh"], given["keys"]["auth"])
    return jsonify({})


@bp.delete("/subscription")
def delete_subscription() -> Response:
    given = load(PushAddressSchema(), parse_json(request.get_data()))
    with transaction() as tx:
        unsubscribe(tx, current_user.id, given["endpoint"])
    return jsonify({})


def _sender() -> PushSender | None:
    sender: PushSender | None = current_app.extensions["push_sender"]
    return sender
