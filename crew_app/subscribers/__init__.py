"""All reactions on one screen: who is told what, after it is written."""

from crew_app.events import (
    CaseAssigned,
    CaseClosed,
    CaseHeld,
    CaseMarkedUrgent,
    CaseMerged,
    CaseOpened,
    CasePinned,
    CasePlaced,
    CaseProgressed,
    CaseReleased,
    CaseReopened,
    CaseSplit,
    CaseUnassigned,
    CaseWithdrawn,
    ClosureAdded,
    ClosureNeedsReview,
    ClosureSettled,
    NoteAdded,
    PhotoRendered,
    PhotoVerified,
    SuspicionSettled,
)
from crew_app.subscribers.backups import keep_photo_elsewhere
from crew_app.subscribers.crew_messages import tell_crew_of_change
from crew_app.subscribers.dispatch import assign_whoever_waits
from crew_app.subscribers.followers import note_followers
from crew_app.subscribers.merges import bring_duplicates_along
from crew_app.subscribers.photos import render_photo
from crew_app.subscribers.subscriber import Subscriber
from crew_app.subscribers.suspicions import look_at_deed
from crew_app.subscribers.web_push import note_new_job

SUBSCRIBERS: tuple[Subscriber, ...] = (
    # Whatever changes what waits, what is planned or how much room crews have is a reason to look again.
    Subscriber(
        "dispatch",
        on=(
            CaseOpened,
            CasePlaced,
            CaseReopened,
            CaseUnassigned,
            CaseClosed,
            CaseWithdrawn,
            CaseProgressed,
            CaseMarkedUrgent,
            CaseHeld,
            CaseReleased,
            CasePinned,
            CaseMerged,
            CaseSplit,
        ),
        react=assign_whoever_waits,
        once=True,
    ),
    Subscriber("merges", on=(CaseClosed, CaseReopened, CaseWithdrawn), react=bring_duplicates_along),
    Subscriber("photos", on=(PhotoVerified,), react=render_photo, at_once=20),
    Subscriber("backups", on=(PhotoVerified, PhotoRendered), react=keep_photo_elsewhere, at_once=20),
    Subscriber("suspicions", on=(CaseClosed, ClosureAdded, ClosureNeedsReview, PhotoVerified), react=look_at_deed),
    Subscriber(
        "crew_messages",
        on=(
            CaseAssigned,
            CaseUnassigned,
            CaseMerged,
            CaseWithdrawn,
            CaseReopened,
            CaseMarkedUrgent,
            ClosureSettled,
            SuspicionSettled,
        ),
        react=tell_crew_of_change,
    ),
    Subscriber(
        "followers",
        on=(CaseOpened, CaseClosed, CaseReopened, CaseWithdrawn, CaseMerged, CaseSplit, NoteAdded),
        react=note_followers,
    ),
    Subscriber("web_push", on=(CaseAssigned,), react=note_new_job),
)
