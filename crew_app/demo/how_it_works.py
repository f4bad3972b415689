"""How the made-up city works: a few rules, the next holidays, two territories and a promise to come, as somebody set them up."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from crew_app.demo.town import Town
from crew_app.models import District, Person, Service
from crew_app.services.catalogue import add_level
from crew_app.services.hours import add_holiday
from crew_app.services.rules import add_rule, switch_rule
from crew_app.services.territories import add_territory
from crew_app.transaction import Tx
from crew_app.wire.boston import holidays
from crew_app.wire.rules import RuleForm

NIGHT = {"begins": "22:00", "ends": "06:00"}
# Between its two animal crews the city is parted at this latitude.
MIDDLE = 42.31
WEST, SOUTH, EAST, NORTH = -71.20, 42.22, -70.95, 42.41


def say_how_it_works(tx: Tx, town: Town) -> None:
    by = tx.session.scalars(select(Person.id).where(Person.email == "supervisor@demo.city")).one()
    districts = {code: str(i) for code, i in tx.session.execute(select(District.code, District.id))}
    _add(tx, by, town, "Graffiti Removal", is_on=True, answer=["surface=metal"], to=f"department:{town.departments['PWDx']}")
    _add(tx, by, town, "Needle Pickup", is_on=True, district=[districts["1C"], districts["1B"]], to=f"crew:{town.crews['SHP-1']}")
    _add(tx, by, town, "Schedule a Bulk Item Pickup", is_on=True, day=["5", "6"], queue="Bulk items: agree on a day first")
    _add(tx, by, town, "Street Light Knock Downs", is_on=False, **NIGHT, queue="Night desk: call the electrician")
    today = tx.now.astimezone(town.calendar.zone).date()
    for day in sorted(holidays(today.year) | holidays(today.year + 1)):
        if today <= day <= today + timedelta(days=366):
            add_holiday(tx, day, _name(day), by)
    for crew, name, south, north in (("ANM-1", "North of Franklin Park", MIDDLE, NORTH), ("ANM-2", "South of it", SOUTH, MIDDLE)):
        ring = [[WEST, south], [EAST, south], [EAST, north], [WEST, north], [WEST, south]]
        area = {"type": "Polygon", "coordinates": [ring]}
        whose: dict[str, Any] = {"crew_id": town.crews[crew], "department_id": None, "district_ids": []}
        add_territory(tx, {"name": name, "boundary": area, **whose}, by)
    service = tx.session.get_one(Service, town.services["Street Light Outages"])
    add_level(tx, service, 7, "business", date(today.year + 1, 1, 1), today, by)


def _add(tx: Tx, by: int, town: Town, service: str, *, is_on: bool, **ticked: Any) -> None:
    form = RuleForm()
    rule = add_rule(tx, form.columns(form.load({"service": str(town.services[service]), **ticked})), by)
    if is_on:
        switch_rule(tx, rule.id, True, by)


def _name(day: date) -> str:
    names = {
        (1, 1): "New Year’s Day",
        (6, 19): "Juneteenth",
        (7, 4): "Independence Day",
        (11, 11): "Veterans Day",
        (12, 25): "Christmas Day",
    }
    by_month = {
        1: "Martin Luther King Day",
        2: "Presidents’ Day",
        4: "Patriots’ Day",
        5: "Memorial Day",
        9: "Labor Day",
        10: "Indigenous Peoples’ Day",
    }
    for n in (0, 1, -1):  # kept on the Monday after, or the Friday before
        if (name := names.get(((near := day - timedelta(days=n)).month, near.day))) is not None:
            return name
    return by_month.get(day.month, "Thanksgiving Day")
