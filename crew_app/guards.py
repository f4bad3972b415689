"""Who may do what, to what. One `can(actor, action, thing)`, and a guard beside every blueprint (routes/__init__.py).

**Role first, department second.** A role says what somebody may do at all (MAY). A person in the office who belongs to a
department does it to that department's things only; one without a department works for the whole city, and so does an
administrator. tests/authz/table.py has every route and every role, and believes every line of it.

**403 or 404.** The office sees all of the city's cases, crews and rules, whosever they are: a neighbour's work on the same street
has to be seen, and most of it is public. There a refusal says whose it is (403). What is nobody else's to know (people,
phones, what a phone sent) is, for other departments, not there (404).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal
from urllib.parse import urlsplit

from flask import current_app, g, request
from flask_login import current_user
from sqlalchemy import inspect

from crew_app.errors import NotAllowed, NotFound, SignInNeeded
from crew_app.models import (
    Case,
    Crew,
    Department,
    Device,
    Door,
    Person,
    Proof,
    QuarantinedWork,
    Role,
    RoutingRule,
    Service,
    Territory,
)

# What one may do something to. None: nothing in particular, or a whole list that the query narrows to what one may know.
THE_CITY: Final = "the city"  # what is no department's own: only for those who work for the whole city
Thing = (
    Case | Crew | Department | Person | Device | QuarantinedWork | RoutingRule | Service | Territory | Literal["the city"] | None
)

OFFICE = (Role.CALL_TAKER, Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN)
RANK = (Role.CREW, Role.CALL_TAKER, Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN)
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
SECOND_STEP_NEEDED = "second-step-needed"
ASKS_FOR_A_KEY = ("open311",)  # these never look at the session, so nobody's name can be borrowed


class Action(StrEnum):
    WORK_IN_THE_FIELD = "work_in_the_field"
    SEE_ALL_CASES = "see_all_cases"
    MOVE_WORK = "move_work"
    SETTLE_CLOSURES = "settle_closures"
    TAKE_CALLS = "take_calls"
    SEE_CONTACTS = "see_contacts"
    MODERATE_PHOTOS = "moderate_photos"
    SEE_WHO_LOOKED = "see_who_looked"
    SHARE_VIEWS = "share_views"
    FORGET_REPORTERS = "forget_reporters"
    SET_RULES = "set_rules"
    MANAGE_PEOPLE = "manage_people"
    KEEP_PHONES = "keep_phones"


MAY: dict[Action, tuple[Role, ...]] = {
    Action.WORK_IN_THE_FIELD: (Role.CREW, Role.SUPERVISOR),
    Action.SEE_ALL_CASES: OFFICE,
    Action.MOVE_WORK: (Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN),
    Action.SETTLE_CLOSURES: (Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN),
    Action.TAKE_CALLS: OFFICE,
    Action.SEE_CONTACTS: OFFICE,
    Action.MODERATE_PHOTOS: (Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN),
    Action.SEE_WHO_LOOKED: (Role.SUPERVISOR, Role.ADMIN),
    Action.FORGET_REPORTERS: (Role.SUPERVISOR, Role.ADMIN),  # it cannot be taken back
    Action.SHARE_VIEWS: (Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN),
    Action.KEEP_PHONES: (Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN),  # a phone may be lost at night
    Action.SET_RULES: (Role.SUPERVISOR, Role.ADMIN),
    Action.MANAGE_PEOPLE: (Role.SUPERVISOR, Role.ADMIN),
}


# Whatever department somebody is of: a caller's word about another department's case is taken down too.
CITY_WIDE = (Action.SEE_ALL_CASES,)


def can(actor: Person, action: Action, thing: Thing = None) -> bool:
    """May this person do this, to this? Nobody who is not signed in, or switched off, may do anything."""
    if not getattr(actor, "is_authenticated", False) or not actor.is_active:
        return False
    if action is Action.MANAGE_PEOPLE and isinstance(thing, Person) and not is_above(actor, thing):
        return False
    return Role(actor.role) in MAY[action] and (action in CITY_WIDE or reaches(actor, thing))


def is_above(actor: Person, person: Person) -> bool:
    """Nobody changes themselves, an equal, or somebody above; but administrators each other."""
    return actor.id != person.id and may_give(actor, Role(person.role))


def may_give(actor: Person, role: Role) -> bool:
    """May this person make somebody that? A role comes from above only, so nobody can raise themselves in two steps."""
    return actor.role == Role.ADMIN or RANK.index(role) < RANK.index(Role(actor.role))


def reaches(actor: Person, thing: Thing) -> bool:
    """Is it within what this person works for?"""
    return thing is None or own_department(actor) in (None, _department_of(thing))


def own_department(actor: Person) -> int | None:
    """The department somebody in the office is bound to; None: the whole city. Lists are narrowed by it."""
    return None if actor.role == Role.ADMIN else actor.department_id


def _department_of(thing: Thing) -> int | None:
    """Whose it is; None: no department's own."""
    match thing:
        case Case() | Crew() | Service():
            return thing.department_id
        case Department():
            return thing.id
        case Territory():
            return thing.department_id if thing.crew is None else thing.crew.department_id
        case Device() | QuarantinedWork():
            return _department_of(thing.person)
        case RoutingRule():
            return _department_of(thing.service)
        case Person():
            return thing.crew.department_id if thing.crew is not None else thing.department_id
    return None


def own_id() -> int:
    """Who is signed in, by number: without a question to the database, also after a commit or rollback forgot their row."""
    state = inspect(current_user._get_current_object())
    number: int = state.identity[0]
    return number


def require(action: Action, thing: Thing = None) -> None:
    """SignInNeeded, NotAllowed, or NotFound where one may not even know; the caller has looked the thing up."""
    if not current_user.is_authenticated:
        raise SignInNeeded("Sign in to go on.")
    if not can(current_user, action):
        raise NotAllowed("Your role does not allow this.")
    if can(current_user, action, thing):
        return
    match thing:
        case (
            Case(department=Department(name=whose))
            | Crew(department=Department(name=whose))
            | Service(department=Department(name=whose))
            | RoutingRule(service=Service(department=Department(name=whose)))
            | Territory(department=Department(name=whose))
            | Territory(crew=Crew(department=Department(name=whose)))
            | Department(name=whose)
        ):
            raise NotAllowed(f"This belongs to {whose}. Ask somebody there.", code="other-department")
        case RoutingRule() | "the city":
            raise NotAllowed("This is the whole city's. Ask somebody who works for all of it.", code="other-department")
    if isinstance(thing, Person) and reaches(current_user, thing):
        raise NotAllowed("Only somebody above can change this person.", code="not-above")
    raise NotFound("There is nothing here.")


# Guards: functions without arguments, run before each request of a blueprint.


def anybody() -> None:
    """Open to the world."""


def crew_only() -> None:
    """A signed-in person who works in the field, with the app's own header on everything that changes something."""
    if request.endpoint in ("phone.sign_in",):
        return
    require(Action.WORK_IN_THE_FIELD)
    if current_user.crew_id is None:
        raise NotAllowed("You are in no crew yet. Ask the office to put you in one.", code="no-crew")
    whose = request.headers.get("X-Crew311-Person")
    if whose is not None and whose != str(current_user.id):
        # A shared phone: the cookie is another person's than the work. 401, for it only means: sign in, nothing is lost.
        raise SignInNeeded("Another person is signed in on this phone. Sign in again.", code="another-person")


def signed_in() -> None:
    """Anybody of the city's people."""
    if not current_user.is_authenticated:
        raise SignInNeeded("Sign in to go on.")


def office_only() -> None:
    require(Action.SEE_ALL_CASES)
    if lacks_second_step():
        raise NotAllowed("The city asks for a second step of signing in. Set it up first.", code=SECOND_STEP_NEEDED)
    if not is_at_office():
        raise SignInNeeded("You are signed in for the phone. For the office, sign in here.", code="office-sign-in-needed")


def lacks_second_step() -> bool:
    """Does the city ask for one, and this sign-in was without? The city's own sign-in has its own."""
    return (
        current_app.config["SECOND_STEP"] == "demanded" and g.sign_in.proof == Proof.PASSWORD and current_user.code_secret is None
    )


def is_at_office() -> bool:
    """May this sign-in open the office's pages? The phone's door asks for no second step, so it does not lead there."""
    return can(current_user, Action.SEE_ALL_CASES) and g.sign_in.door == Door.OFFICE


def refuse_cross_site() -> None:
    """No other site may act in a signed-in person's name (CSRF).

    Without a token: a token would be stale in an outbox that waited for three days. Browsers say where a request comes
    from (Sec-Fetch-Site, Origin); the phone's requests carry a header no form can set.
    """
    if request.method in SAFE_METHODS or request.blueprint in ASKS_FOR_A_KEY:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        raise NotAllowed("This request came from another site.", code="cross-site")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise NotAllowed("This request came from another site.", code="cross-site")
    if request.path.startswith("/sync/") and request.headers.get("X-Crew311") != "1":
        raise NotAllowed("The header X-Crew311: 1 is missing.", errors={"X-Crew311": ["missing"]}, code="cross-site")
