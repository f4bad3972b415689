"""What a day came to, in the figures a city judges a policy by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dispatch.replay.play import Played


@dataclass(frozen=True, slots=True)
class Figures:
    """One day under one policy; `in_all` adds days up.

    Late: fell due within the shift and was not done by then. Overdue: was due before the shift began. `open_h`: from
    opened to done, summed over the cases opened and done within the shift. The lists are by crew: jobs done, metres.
    """

    cases: int
    done: int
    metres: float
    due: int
    late: int
    overdue: int
    overdue_done: int
    new_done: int
    open_h: float
    hand_overs: int
    jobs_of_crews: tuple[int, ...]
    metres_of_crews: tuple[float, ...]

    @property
    def kilometres_a_job(self) -> float:
        return self.metres / 1000 / self.done if self.done else 0.0

    @property
    def mean_open_h(self) -> float:
        return self.open_h / self.new_done if self.new_done else 0.0

    @property
    def hand_overs_a_job(self) -> float:
        return self.hand_overs / self.done if self.done else 0.0

    @property
    def spread_of_jobs(self) -> float:
        """Standard deviation between crews."""
        return float(np.std(self.jobs_of_crews)) if self.jobs_of_crews else 0.0

    @property
    def spread_of_kilometres(self) -> float:
        return float(np.std(self.metres_of_crews)) / 1000 if self.metres_of_crews else 0.0


def figures_of(played: Played) -> Figures:
    day = played.day
    done_at = {visit.case_id: visit.done_at for visit in played.visits}
    due = [case for case in day.cases if case.due_at is not None and day.starts_at <= case.due_at < day.ends_at]
    overdue = [case for case in day.cases if case.due_at is not None and case.due_at < day.starts_at]
    new = [case for case in day.cases if case.opened_at >= day.starts_at and case.id in done_at]
    jobs: Counter[int] = Counter(visit.crew_id for visit in played.visits)
    metres = {crew.id: sum(visit.metres for visit in played.visits if visit.crew_id == crew.id) for crew in day.crews}
    return Figures(
        cases=len(day.cases),
        done=len(played.visits),
        metres=sum(metres.values()),
        due=len(due),
        late=sum(case.due_at is not None and done_at.get(case.id, day.ends_at) > case.due_at for case in due),
        overdue=len(overdue),
        overdue_done=sum(case.id in done_at for case in overdue),
        new_done=len(new),
        open_h=sum(done_at[case.id] - case.opened_at for case in new) / 3600,
        hand_overs=played.hand_overs,
        jobs_of_crews=tuple(jobs[crew.id] for crew in day.crews),
        metres_of_crews=tuple(metres[crew.id] for crew in day.crews),
    )


def in_all(days: Sequence[Figures]) -> Figures:
    """Several days added up; the crews of each day count as crews of their own."""
    return Figures(
        cases=sum(day.cases for day in days),
        done=sum(day.done for day in days),
        metres=sum(day.metres for day in days),
        due=sum(day.due for day in days),
        late=sum(day.late for day in days),
        overdue=sum(day.overdue for day in days),
        overdue_done=sum(day.overdue_done for day in days),
        new_done=sum(day.new_done for day in days),
        open_h=sum(day.open_h for day in days),
        hand_overs=sum(day.hand_overs for day in days),
        jobs_of_crews=tuple(jobs for day in days for jobs in day.jobs_of_crews),
        metres_of_crews=tuple(metres for day in days for metres in day.metres_of_crews),
    )
