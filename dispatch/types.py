"""What dispatch speaks of. Frozen; degrees are WGS 84, distances metres, moments seconds since 1970 (UTC)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Point:
    latitude: float
    longitude: float


class Refusal(StrEnum):
    """Why a crew cannot take a case. Codes: the words are the view's."""

    OTHER_DEPARTMENT = "other_department"
    SKILLS = "skills"
    TERRITORY = "territory"
    ON_BREAK = "on_break"
    OUT_OF_CONTACT = "out_of_contact"
    DECLINED = "declined"
    FULL = "full"


class Waiting(StrEnum):
    """Why a case stays without a crew."""

    NO_CREW_ON_DUTY = "no_crew_on_duty"  # none of the department's
    NONE_SUITABLE = "none_suitable"  # on duty, but each is refused; the ranking says why
    ALL_FULL = "all_full"  # every crew that could is full


@dataclass(frozen=True, slots=True)
class WaitingCase:
    id: int
    point: Point
    department_id: int
    opened_at: float
    due_at: float | None = None
    skills: frozenset[str] = frozenset()
    district_id: int | None = None
    declined_by: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class CrewOnDuty:
    """A crew whose shift is running. `point` is where it will be when it can start; `place` says how that is known."""

    id: int
    code: str
    department_id: int
    point: Point
    capacity: int
    load: int = 0
    skills: frozenset[str] = frozenset()
    district_ids: frozenset[int] = frozenset()  # empty: anywhere
    on_break: bool = False
    in_contact: bool = True
    place: str = "depot"  # "position", "job" or "depot"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One crew as it was seen for one case."""

    crew_id: int
    code: str
    metres: float
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """`nearer`: the nearest crews that were refused although nearer; `runner_up`: who would have been next."""

    case_id: int
    crew_id: int
    metres: float
    nearer: tuple[Candidate, ...] = ()
    runner_up: Candidate | None = None
    considered: int = 0


@dataclass(frozen=True, slots=True)
class StillWaiting:
    case_id: int
    why: Waiting
    nearest: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    assignments: tuple[Assignment, ...] = ()
    waiting: tuple[StillWaiting, ...] = ()
    loads: dict[int, int] = field(default_factory=dict)  # crew id -> jobs after the plan
