"""Who may do what. One `can(actor, action)`, and a guard beside every blueprint (routes/__init__.py)."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlsplit

from flask import request
from flask_login import current_user

from crew_app.errors import NotAllowed, SignInNeeded
from crew_app.models import Person, Role

OFFICE = (Role.CALL_TAKER, Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN)
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class Action(StrEnum):
    WORK_IN_THE_FIELD = "work_in_the_field"
    SEE_ALL_CASES = "see_all_cases"
    MOVE_WORK = "move_work"
    SETTLE_CLOSURES = "settle_closures"
    SEE_CONTACTS = "see_contacts"


MAY: dict[Action, tuple[Role, ...]] = {
    Action.WORK_IN_THE_FIELD: (Role.CREW, Role.SUPERVISOR),
    Action.SEE_ALL_CASES: OFFICE,
    Action.MOVE_WORK: (Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN),
    Action.SETTLE_CLOSURES: (Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN),
    Action.SEE_CONTACTS: OFFICE,
}


def can(actor: Person, action: Action) -> bool:
    """May this person do this? Nobody who is not signed in, or switched off, may do anything."""
    if not getattr(actor, "is_authenticated", False) or not actor.is_active:
        return False
    return Role(actor.role) in MAY[action]


def require(action: Action) -> None:
    if not current_user.is_authenticated:
        raise SignInNeeded("Sign in to go on.")
    if not can(current_user, action):
        raise NotAllowed("Your role does not allow this.")


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


def office_only() -> None:
    require(Action.SEE_ALL_CASES)


def refuse_cross_site() -> None:
    """No other site may act in a signed-in person's name (CSRF).

    Without a token: a token would be stale in an outbox that waited for three days. Browsers say where a request comes
    from (Sec-Fetch-Site, Origin); the phone's requests carry a header no form can set.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        raise NotAllowed("This request came from another site.", code="cross-site")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise NotAllowed("This request came from another site.", code="cross-site")
    if request.path.startswith("/sync/") and request.headers.get("X-Crew311") != "1":
        raise NotAllowed("The header X-Crew311: 1 is missing.", errors={"X-Crew311": ["missing"]}, code="cross-site")
