"""One file per kind of thing: columns, constraints, relations; no behaviour that needs more than its own row."""

from crew_app.models.api_key import ApiKey
from crew_app.models.assignment import Assignment
from crew_app.models.case import Case
from crew_app.models.city_change import CityChange
from crew_app.models.closure import Closure
from crew_app.models.contact_look import ContactLook
from crew_app.models.crew import Crew
from crew_app.models.decline import Decline
from crew_app.models.department import Department
from crew_app.models.device import Device
from crew_app.models.dispatch_run import DispatchRun
from crew_app.models.district import District
from crew_app.models.erasure import Erasure
from crew_app.models.event_log import Delivery, EventRow, Subscription
from crew_app.models.follower import Follower, Letter
from crew_app.models.holiday import Holiday
from crew_app.models.loan import Loan
from crew_app.models.message import Message, MessageKind
from crew_app.models.note import Note
from crew_app.models.office_deed import ASKED_FOR, UNDO_WITHIN, DeedCase, DeedState, OfficeDeed
from crew_app.models.operation import Operation
from crew_app.models.person import Person, Role
from crew_app.models.photo import Photo, PhotoKind, PhotoState
from crew_app.models.push_subscription import PushNotice, PushSubscription
from crew_app.models.quarantine import QuarantinedWork
from crew_app.models.reply_template import ReplyTemplate
from crew_app.models.report import Report
from crew_app.models.routing_rule import RoutingRule
from crew_app.models.saved_view import SavedView
from crew_app.models.server import Server
from crew_app.models.service import Service
from crew_app.models.service_level import ServiceLevel
from crew_app.models.shift import Shift
from crew_app.models.sign_in import Door, Proof, SignIn
from crew_app.models.surge import Surge
from crew_app.models.suspicion import Suspicion
from crew_app.models.territory import Territory
from crew_app.models.upload import Upload
from crew_app.models.working_hours import WorkingHours

__all__ = [
    "ASKED_FOR",
    "UNDO_WITHIN",
    "ApiKey",
    "Assignment",
    "Case",
    "CityChange",
    "Closure",
    "ContactLook",
    "Crew",
    "Decline",
    "DeedCase",
    "DeedState",
    "Delivery",
    "Department",
    "Device",
    "DispatchRun",
    "District",
    "Door",
    "Erasure",
    "EventRow",
    "Follower",
    "Holiday",
    "Letter",
    "Loan",
    "Message",
    "MessageKind",
    "Note",
    "OfficeDeed",
    "Operation",
    "Person",
    "Photo",
    "PhotoKind",
    "PhotoState",
    "Proof",
    "PushNotice",
    "PushSubscription",
    "QuarantinedWork",
    "ReplyTemplate", "Report",
    "Role",
    "RoutingRule",
    "SavedView",
    "Server",
    "Service",
    "ServiceLevel",
    "Shift",
    "SignIn",
    "Subscription",
    "Surge",
    "Suspicion",
    "Territory",
    "Upload",
    "WorkingHours",
]  # fmt: skip
