"""How the desk moves work: one case or many, a crew's day; what it would cost, and why this crew (docs/console-api.md)."""

from __future__ import annotations

from flask import Response, request
from flask_login import current_user

from crew_app.errors import BadInput, NotFound
from crew_app.extensions import db
from crew_app.guards import Action, require
from crew_app.models import Case, Crew
from crew_app.queries.cases import open_assignment
from crew_app.queries.moves import case_numbers
from crew_app.routes.case_deeds import DEEDS, do_to_cases, require_for_all
from crew_app.routes.deed_answers import deed_answer
from crew_app.routes.office_pages import office_api
from crew_app.routes.phone import JsonAnswer
from crew_app.services.moves import hand_over_day
from crew_app.services.office_deeds import ENDINGS, Result, Wanted
from crew_app.services.ranking import rank_crews
from crew_app.services.what_if import price_of_move
from crew_app.transaction import Tx, system_clock
from crew_app.wire.desk import BODIES, HandOverBody, WhatIfBody, read_body
from crew_app.wire.explanations import why_this_crew, why_waiting
from crew_app.wire.what_if import price_body, ranked_body

bp = office_api("moves", __name__)

# Each is done with the same few questions as a single one; what ends cases is done for all in a few statements.
MOST_DONE_ONE_BY_ONE = 500


@bp.post("/cases/<name>")
def do(name: str) -> Response:
    """Do one of DEEDS to the cases that are as they were seen."""
    if name not in BODIES:
        raise NotFound("There is no such thing to do to cases.")
    require(DEEDS[name].action)
    form = read_body(BODIES[name](), request.get_data())
    require_for_all(DEEDS[name].action, [*(case["id"] for case in form["cases"]), form.get("into", 0)])
    wanted = [Wanted(case["id"], case["round"], case["status"]) for case in form.pop("cases")]
    if name not in ENDINGS and len(wanted) > MOST_DONE_ONE_BY_ONE:
        raise BadInput("These are too many at once.", errors={"cases": [f"At most {MOST_DONE_ONE_BY_ONE} at once."]})

    def do_it(tx: Tx) -> Result:
        if name == "merge":
            form["number"] = _number_of(tx, form["into"])
        return do_to_cases(tx, name, wanted, form, current_user.id)

    return deed_answer(do_it)


@bp.post("/crews/<int:crew_id>/hand-over")
def hand_over(crew_id: int) -> Response:
    crew = db.session.get(Crew, crew_id)
    if crew is None:
        raise NotFound("There is no such crew.")
    require(Action.MOVE_WORK, crew)
    form = read_body(HandOverBody(), request.get_data())
    return deed_answer(lambda tx: hand_over_day(tx, crew_id, form["to"], form["why"], current_user.id))


@bp.post("/what-if")
def what_if() -> Response:
    """The price of a drop, before it is let go."""
    form = read_body(WhatIfBody(), request.get_data())
    price = price_of_move(db.session, form["cases"], form["crew"], system_clock())
    late = {case_id for crew in price.crews for case_id in (*crew.late_before, *crew.late_after)}
    return JsonAnswer(price_body(price, case_numbers(db.session, late)))


@bp.get("/cases/<int:case_id>/why")
def why(case_id: int) -> Response:
    """What was decided as it was decided then, and every crew on duty as it is now."""
    case = db.session.get(Case, case_id)
    if case is None:
        raise NotFound("There is no such case.")
    held = open_assignment(case)
    words = why_this_crew(held) if held else why_waiting(case.waiting, case.place_problem)
    ranked = rank_crews(db.session, case_id, system_clock())
    return JsonAnswer({"case": case_id, "words": words, "crews": [ranked_body(one) for one in ranked]})


def _number_of(tx: Tx, case_id: int) -> str:
    number = case_numbers(tx.session, [case_id]).get(case_id)
    if number is None:
        raise BadInput("There is no such case.", errors={"into": ["There is no such case."]})
    return number
