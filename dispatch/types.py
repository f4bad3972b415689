"""What dispatch speaks of. Frozen; degrees are WGS 84, distances metres, moments seconds since 1970 (UTC)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


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
    PINNED = "pinned"  # a dispatcher wants another crew
    ON_URGENT = "on_urgent"  # it is carrying out something urgent itself, and this is urgent too
    NO_TIME = "no_time"  # its shift would be over before the work is done


class Waiting(StrEnum):
    """Why a case stays without a crew."""

    NO_CREW_ON_DUTY = "no_crew_on_duty"  # none of the department's
    NONE_SUITABLE = "none_suitable"  # on duty, but each is refused; the ranking says why
    ALL_FULL = "all_full"  # every crew that could is full
    NO_TIME = "no_time"  # crews that could would not get it done within their shift
    HELD = "held"  # the office keeps it back
    LEFT_FOR_LATER = "left_for_later"  # there is room, but not for all: others came first


@dataclass(frozen=True, slots=True)
class WaitingCase:
    id: int
    point: Point
    department_id: int
    opened_at: float
    due_at: float | None = None
    skills: frozenset[str] = frozenset()
    district_id: int | None = None
    territory_ids: frozenset[int] = frozenset()  # the drawn areas it lies in
    declined_by: frozenset[int] = frozenset()
    is_urgent: bool = False
    is_held: bool = False
    pinned_to: int | None = None


@dataclass(frozen=True, slots=True)
class CrewOnDuty:
    """A crew whose shift is running. `point` is where it will be when it can start; `place` says how that is known.

    `free_at`: when it can drive off (None: now); a break that has begun ends then. `break_from`: a break still to come,
    taken after the first stop that ends then or later. `lent_to`: other departments whose cases it may do.
    """

    id: int
    code: str
    department_id: int
    point: Point
    capacity: int
    load: int = 0
    skills: frozenset[str] = frozenset()
    # Where it may be sent: its districts and the areas drawn for it, together. Both empty: anywhere.
    district_ids: frozenset[int] = frozenset()
    territory_ids: frozenset[int] = frozenset()
    on_break: bool = False
    in_contact: bool = True
    place: str = "depot"  # "position", "job" or "depot"
    free_at: float | None = None
    shift_ends_at: float | None = None
    break_from: float | None = None
    break_s: float = 0.0
    lent_to: frozenset[int] = frozenset()
    on_urgent: bool = False


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


class Stage(StrEnum):
    """How far a case is on its way through a crew's hands."""

    WAITING = "waiting"  # in nobody's hands; `crew_id`, if set, is whom the last plan meant it for
    GIVEN = "given"  # in a crew's list, which the crew has not read yet
    SEEN = "seen"  # the crew has read it
    EN_ROUTE = "en_route"
    ON_SITE = "on_site"


@dataclass(frozen=True, slots=True)
class OpenCase(WaitingCase):
    """A case as the planner sees it: waiting, or in a crew's hands.

    `position` orders a crew's list (or the last plan's intention); None comes last. `work_s` is the time at the place,
    for a case on site what is left of it. `pinned_to`: a dispatcher wants this crew and no other.
    """

    service: str = ""
    work_s: float = 1200.0
    stage: Stage = Stage.WAITING
    crew_id: int | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What the city wants of a plan, in one sum to be made small: metres, and everything else in metres' worth.

    Service level: a case costs `late_m_per_h` for each hour between its due moment and the end of its work; one that was
    overdue before the plan began costs `overdue_m_per_h` from now on; an urgent one `urgent_m_per_h` from now on.
    Overtime: `overtime_m_per_h` after the end of the shift; beyond `overtime_limit_s` nothing is planned. `hand_over_m`:
    taking a job from a crew that has seen it. `left_out_m`: leaving a case without a crew, on top of the lateness that
    brings within `horizon_s`; tenfold for an urgent one. The next `frozen_stops` that a crew has seen stay its own.
    Waiting cases of one service within `same_place_m` are one stop.
    """

    late_m_per_h: float = 2_000.0
    overdue_m_per_h: float = 500.0
    urgent_m_per_h: float = 60_000.0
    overtime_m_per_h: float = 20_000.0
    overtime_limit_s: float = 1_800.0
    hand_over_m: float = 300.0
    left_out_m: float = 30_000.0
    horizon_s: float = 24 * 3600.0
    frozen_stops: int = 2
    same_place_m: float = 25.0


@dataclass(frozen=True, slots=True)
class Legs:
    """Ways between n points: `metres` and `seconds`, each of shape (n, n), from row to column; `source` says by what.

    Where there is no way, both are infinite.
    """

    metres: NDArray[np.float64]
    seconds: NDArray[np.float64]
    source: str


@dataclass(frozen=True, slots=True)
class Budget:
    """When a search stops: after so many iterations in all, or when `read_clock` says that `seconds` have passed.

    Iterations alone give the same plan on every machine. With both, whichever comes first.
    """

    iterations: int | None = None
    seconds: float | None = None
    read_clock: Callable[[], float] | None = None  # e.g. time.monotonic

    def __post_init__(self) -> None:
        if self.iterations is None and self.seconds is None:
            raise ValueError("a budget needs iterations or seconds")
        if self.seconds is not None and self.read_clock is None:
            raise ValueError("a budget in seconds needs a clock to read: dispatch has none of its own")


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """One place a crew goes to. `metres` is the way from the stop before (or from where the crew starts)."""

    case_ids: tuple[int, ...]  # more than one: the same service at the same place
    point: Point
    arrives_at: float
    ends_at: float
    metres: float
    is_locked: bool  # under way, frozen, or in the hands of a crew out of contact: the planner left it alone


@dataclass(frozen=True, slots=True)
class CrewRoute:
    crew_id: int
    stops: tuple[PlannedStop, ...]
    metres: float
    ends_at: float
    overtime_s: float

    @property
    def case_ids(self) -> tuple[int, ...]:
        """In the order of the visits."""
        return tuple(case_id for stop in self.stops for case_id in stop.case_ids)


@dataclass(frozen=True, slots=True)
class Cost:
    """The objective and what it is made of, in metres' worth (see Rules); the counts beside it are for people."""

    metres: float = 0.0
    lateness_m: float = 0.0
    overtime_m: float = 0.0
    hand_over_m: float = 0.0
    left_out_m: float = 0.0
    late_cases: int = 0  # that end after their due moment, of those still to be made when the plan began
    hand_overs: int = 0
    left_out: int = 0

    @property
    def total(self) -> float:
        return self.metres + self.lateness_m + self.overtime_m + self.hand_over_m + self.left_out_m


@dataclass(frozen=True, slots=True)
class Option:
    """What giving a case to this crew would add to the plan; with a refusal, nothing was weighed.

    `added_late_s` is summed over all cases that the crew would then do later after their due moments.
    """

    crew_id: int
    code: str
    refusal: Refusal | None = None
    place_in_route: int | None = None
    added_metres: float = 0.0
    added_s: float = 0.0
    added_late_s: float = 0.0
    added_cost_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a case is with its crew: what it adds there, what it would add elsewhere, and who could not.

    `chosen` is not always the cheapest taken alone: a plan weighs all cases together. Runners-up: cheapest first.
    `refused`: nearest first, by the way from where the crew starts.
    """

    case_id: int
    chosen: Option
    runners_up: tuple[Option, ...] = ()
    refused: tuple[Option, ...] = ()
    considered: int = 0  # crews on duty that were looked at


@dataclass(frozen=True, slots=True)
class HandOver:
    """A job that the plan takes from a crew that held it."""

    case_id: int
    from_crew_id: int
    to_crew_id: int | None  # None: it waits again
    was_seen: bool


@dataclass(frozen=True, slots=True)
class DayPlan:
    """A route for every crew on duty, and a reason for every case that is in none.

    `decisions` holds one for each case whose crew is another than before the plan (explain_plan gives any).
    """

    routes: tuple[CrewRoute, ...]
    waiting: tuple[StillWaiting, ...]
    cost: Cost
    hand_overs: tuple[HandOver, ...]
    decisions: dict[int, Decision]
    distance_source: str
    iterations: int
    is_compiled: bool  # False: searched by interpreted code, so hardly at all
