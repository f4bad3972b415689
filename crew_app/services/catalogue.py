"""What the city promises for a service, and what it asks whoever reports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from crew_app.errors import BadInput, NotFound
from crew_app.models import Service, ServiceLevel
from crew_app.services.settings import add_setting, change_setting
from crew_app.transaction import Tx


def name_service(tx: Tx, service: Service, language: str, name: str, person_id: int) -> None:
    """What it is called in another language; without words it goes by its own name there, too."""
    others = {code: known for code, known in service.names.items() if code != language}
    change_setting(tx, service, {"names": others | ({language: name} if name else {})}, person_id)


def add_level(
    tx: Tx, service: Service, days: int | None, calendar: str, holds_from: date, today: date, person_id: int
) -> ServiceLevel:
    """Another promise for cases opened on that day or later; those opened before keep theirs."""
    if holds_from < today:
        raise BadInput(
            "Please look at the form again.", errors={"holds_from": ["Choose today or a later day: what was promised stays."]}
        )
    level = ServiceLevel(service_id=service.id, holds_from=holds_from, target_days=days, target_calendar=calendar, is_removed=False)
    add_setting(tx, level, person_id)
    return level


def remove_level(tx: Tx, service: Service, level_id: int, person_id: int) -> None:
    level = tx.session.get(ServiceLevel, level_id)
    if level is None or level.is_removed or level.service_id != service.id:
        raise NotFound("There is no such promise.")
    change_setting(tx, level, {"is_removed": True}, person_id)


def add_question(tx: Tx, service: Service, question: Mapping[str, Any], person_id: int) -> None:
    """A question in GeoReport v2 attribute form; its code is made of its words, and of no other question's."""
    known = {one["code"] for one in service.questions}
    stem = re.sub(r"[^a-z0-9]+", "_", question["description"].lower()).strip("_")[:40] or "question"
    code = next(name for n in range(1, len(known) + 2) if (name := stem if n == 1 else f"{stem}_{n}") not in known)
    asked = {"variable": True, "code": code, "datatype_description": "", "order": len(known) + 1, **question}
    change_setting(tx, service, {"questions": [*service.questions, asked]}, person_id)


def remove_question(tx: Tx, service: Service, code: str, person_id: int) -> None:
    """It is asked no more. Answers that were given stay with their cases."""
    left = [one for one in service.questions if one["code"] != code]
    if len(left) == len(service.questions):
        raise NotFound("There is no such question.")
    change_setting(tx, service, {"questions": left}, person_id)
