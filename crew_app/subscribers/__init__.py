"""All reactions on one screen: who is told what, after it is written."""

from crew_app.events import CaseClosed, CaseOpened, CasePlaced, CaseReopened, CaseUnassigned, CaseWithdrawn, PhotoVerified
from crew_app.subscribers.dispatch import assign_whoever_waits
from crew_app.subscribers.photos import render_photo
from crew_app.subscribers.subscriber import Subscriber

SUBSCRIBERS: tuple[Subscriber, ...] = (
    # A closed or withdrawn case makes room in a crew's hands, so it is a reason to look again, too.
    Subscriber(
        "dispatch",
        on=(CaseOpened, CasePlaced, CaseReopened, CaseUnassigned, CaseClosed, CaseWithdrawn),
        react=assign_whoever_waits,
        once=True,
    ),
    Subscriber("photos", on=(PhotoVerified,), react=render_photo),
)
