"""Many cases to crews with room for so many each, all at once, at the least cost there is. Plain arrays; see kernel.py.

Successive shortest paths with prices (J. Edmonds and R. M. Karp, J. ACM 19(2), 1972; N. Tomizawa, Networks 1, 1971),
on the graph of crews alone: there are few crews and many cases, so a path goes from crew to crew, each hop moving the
case that is cheapest to move. A hop's cheapest case is looked up again only after one of the two has changed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

NOBODY = -1
INFINITE = 1e18


def transport(costs: Reals, room: Whole) -> Whole:
    """For each case its crew, all costs together as small as can be.

    `costs`, shape (cases, crews), not negative; INFINITE: this crew may not. `room`, shape (crews,). As many cases as
    possible get a crew, those first in the order of rows; NOBODY for the rest.
    """
    cases, crews = costs.shape
    crew_of = np.full(cases, NOBODY, np.int64)
    load = np.zeros(crews, np.int64)
    price = np.zeros(crews)
    members = np.full((crews, max(1, room.max() if crews else 1)), NOBODY, np.int64)
    seat = np.zeros(cases, np.int64)
    # mover[a, b]: the case of full crew a that is cheapest to move to b; extra: by how much b costs it more.
    mover = np.full((crews, crews), NOBODY, np.int64)
    extra = np.full((crews, crews), INFINITE)
    is_stale = np.ones((crews, crews), np.bool_)
    distance = np.empty(crews)
    is_settled = np.empty(crews, np.bool_)
    from_crew = np.empty(crews, np.int64)
    wanted = np.empty(crews, np.int64)
    for case in range(cases):
        for b in range(crews):
            distance[b] = costs[case, b] + price[b] if costs[case, b] < INFINITE and room[b] > 0 else INFINITE
            is_settled[b] = False
            from_crew[b] = NOBODY
        goal = NOBODY
        while True:
            a, least = NOBODY, INFINITE
            for b in range(crews):
                if not is_settled[b] and distance[b] < least:
                    a, least = b, distance[b]
            if a == NOBODY:
                break
            is_settled[a] = True
            if load[a] < room[a]:
                goal = a
                break
            look_up(costs, members, load, a, room, mover, extra, is_stale, wanted)
            for b in range(crews):
                if not is_settled[b] and room[b] > 0 and extra[a, b] < INFINITE:
                    through = least + extra[a, b] + price[b] - price[a]
                    if through < distance[b]:
                        distance[b] = through
                        from_crew[b] = a
        if goal == NOBODY:
            continue
        for b in range(crews):
            if is_settled[b]:
                price[b] += distance[goal] - distance[b]
        # Walk back from the goal: each crew on the way hands its mover on and takes the one before.
        b, lost = goal, NOBODY
        while from_crew[b] != NOBODY:
            a = from_crew[b]
            gained = mover[a, b]
            move(gained, a, b, crew_of, load, members, seat)
            note_change(costs, b, lost, gained, mover, extra, is_stale)
            b, lost = a, gained
        move(case, NOBODY, b, crew_of, load, members, seat)
        note_change(costs, b, lost, case, mover, extra, is_stale)
    return crew_of


def look_up(
    costs: Reals, members: Whole, load: Whole, a: int, room: Whole, mover: Whole, extra: Reals, is_stale: Flags, wanted: Whole
) -> None:
    """Find full crew a's movers anew, to all crews where what was known no longer holds."""
    count = 0
    for b in range(room.shape[0]):
        if is_stale[a, b]:
            is_stale[a, b] = False
            mover[a, b] = NOBODY
            extra[a, b] = INFINITE
            if b != a and room[b] > 0:
                wanted[count] = b
                count += 1
    if count == 0:
        return
    for k in range(load[a]):
        case = members[a, k]
        here = costs[case, a]
        for q in range(count):
            b = wanted[q]
            if costs[case, b] < INFINITE and costs[case, b] - here < extra[a, b]:
                mover[a, b] = case
                extra[a, b] = costs[case, b] - here


def move(case: int, a: int, b: int, crew_of: Whole, load: Whole, members: Whole, seat: Whole) -> None:
    """Case `case` from crew a (or NOBODY) to crew b."""
    if a != NOBODY:
        load[a] -= 1
        last = members[a, load[a]]
        members[a, seat[case]] = last
        seat[last] = seat[case]
    members[b, load[b]] = case
    seat[case] = load[b]
    load[b] += 1
    crew_of[case] = b


def note_change(costs: Reals, a: int, lost: int, gained: int, mover: Whole, extra: Reals, is_stale: Flags) -> None:
    """Crew a lost one case and gained another: what is known of its movers holds, is bettered, or has to be looked up."""
    for b in range(costs.shape[1]):
        if is_stale[a, b] or b == a:
            continue
        if lost != NOBODY and mover[a, b] == lost:
            is_stale[a, b] = True
        elif costs[gained, b] < INFINITE and costs[gained, b] - costs[gained, a] < extra[a, b]:
            mover[a, b] = gained
            extra[a, b] = costs[gained, b] - costs[gained, a]
