"""The crews' phones: when each spoke to us last, what it still holds; and the lost one, switched off in one click."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from crew_app.errors import NotFound
from crew_app.extensions import db
from crew_app.guards import Action, own_department, require
from crew_app.models import Device
from crew_app.queries.devices import phones
from crew_app.routes.office_pages import office_pages
from crew_app.services.devices import give_back_device, revoke_device
from crew_app.transaction import transaction
from crew_app.wire.forms import EmptyForm, read_form

bp = office_pages("phones_page", __name__)


@bp.get("")
def show() -> str:
    require(Action.KEEP_PHONES)
    return render_template("console/phones.html", phones=phones(db.session, own_department(current_user)))


@bp.post("/<device_id>/<any(revoke, give_back):what>")
def press(device_id: str, what: str) -> Any:
    device = db.session.get(Device, device_id)
    if device is None:
        raise NotFound("There is no such phone.")
    require(Action.KEEP_PHONES, device)
    read_form(EmptyForm(), request.form)
    name = device.person.name
    with transaction() as tx:
        device = tx.session.get_one(Device, device_id, with_for_update=True)
        if what == "revoke":
            revoke_device(tx, device, current_user.id)
        else:
            give_back_device(tx, device, current_user.id)
    if what == "revoke":
        flash(
            f"{name}’s phone is switched off. At its next contact it clears what it shows; what it still sends is kept in quarantine."
        )
    else:
        flash(f"{name} has the phone back. It fetches the jobs at its next contact.")
    return redirect(url_for("phones_page.show"), 303)
