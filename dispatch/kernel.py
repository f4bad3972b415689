"""The search for good routes: ruin and recreate, over plain arrays. The planner's words are in plan.py.

The method is slack induction by string removals (J. Christiaens and G. Vanden Berghe, Transportation Science 54(2),
2020, doi:10.1287/trsc.2019.0914): take strings of neighbouring stops out of a few neighbouring routes, put them back
one by one where each costs least, now and then looking away ("blinks"), and keep the result if simulated annealing says
so. Ours differs in what a place costs (lateness, overtime and hand-overs beside metres, see Rules), in looking for a
stop's place only beside its nearest neighbours unless it has a due moment within reach, and in undoing a refused
change route by route.

Every function here runs twice: compiled (compiled.py) and, until that is done, as the Python it is. Both give the same
plan. So: arrays and numbers only, no objects; and dice that give the same numbers in both (`roll`).

Nodes of a part of the city with n stops and m crews: stops are 0 to n - 1, where crew r starts is node n + r.
Seconds count from the moment of the plan; costs are metres' worth.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Ways = NDArray[np.float32]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

NEVER = 1e18  # seconds
IMPOSSIBLE = 1e18  # metres' worth
NOWHERE = -1
NO_ROOM, NOT_IN_TIME = -1.0, -2.0  # in place of a place, see weigh

RUINED = 10.0  # stops taken out in a round, on average
LONGEST_STRING = 10.0
BLINK = 0.01
NEAR_STARTS = 8  # crews' starts tried for a stop, nearest first
ABSENT_TRIED = 10  # stops left out that are tried again in a round
# How a string is taken: whole, or with some stops in its middle left in place (chance), each more with a chance of its own.
SPLIT = 0.5
SPLIT_MORE = 0.99


class Part(NamedTuple):
    """Crews and stops that have to do with each other; nothing in it changes during a search."""

    metres: Ways  # (n + m, n)
    seconds: Ways  # (n + m, n)
    near: Whole  # (n, k): the nearest other stops, nearest first
    near_crews: Whole  # (n, m): crews by the way from their start
    work_s: Reals  # (n,)
    jobs: Whole  # (n,): cases done at the stop
    due_s: Reals  # (n,): when lateness begins to cost
    late_m_per_s: Reals  # (n,)
    left_out_m: Reals  # (n,)
    hand_over_m: Reals  # (n,): for taking it from ...
    holder: Whole  # (n,): ... this crew, or NOWHERE
    is_locked: Flags  # (n,): stays where it is, in its order
    is_urgent: Flags  # (n,): may come before what is locked but not under way
    stays: Flags  # (n,): never taken from its crew: locked, or pinned there
    scans_all: Flags  # (n,): look for its place everywhere, not only beside its neighbours
    may: Flags  # (m, n)
    capacity: Whole  # (m,): jobs
    fixed: Whole  # (m,): so many first stops that nothing may come before
    free_s: Reals  # (m,)
    shift_s: Reals  # (m,): overtime from here
    latest_s: Reals  # (m,): nothing new from here
    break_from_s: Reals  # (m,)
    break_s: Reals  # (m,)
    overtime_m_per_s: float


class Routes(NamedTuple):
    """Who goes where in which order, and what follows from it. Rows of crew r are valid up to length[r]."""

    stops: Whole  # (m, w)
    length: Whole  # (m,)
    load: Whole  # (m,): jobs
    open_from: Whole  # (m,): first place behind everything locked
    rest_after: Whole  # (m,): the break is after the stop at this place; length[r] if not at all
    cost: Reals  # (m,): metres, lateness and overtime
    done_s: Reals  # (m, w): when the work at a place ends
    leave_s: Reals  # (m, w + 1): when the crew leaves for a place
    late_m: Reals  # (m, w + 1): lateness from a place on
    late_rate: Reals  # (m, w + 1): what a second's delay from a place on costs at once
    slack_s: Reals  # (m, w + 1): the delay from which it costs more than that
    where: Whole  # (n,): crew, or NOWHERE
    at: Whole  # (n,): place in its route


class Scratch(NamedTuple):
    """Room to work in, made once."""

    dice: Whole  # (1,)
    saved_stops: Whole  # (m, w)
    saved_length: Whole  # (m,)
    saved_cost: Reals  # (m,)
    is_touched: Flags  # (m,)
    touched: Whole  # (m,)
    loose: Whole  # (n,): stops to be put back
    was_at: Whole  # (n,): where each loose one was
    keys: Reals  # (n,)
    best_stops: Whole  # (m, w)
    best_length: Whole  # (m,)
    totals: Reals  # (2,): cost now, best cost


def roll(dice: Whole) -> float:
    """The next number in [0, 1) (the 48 bit generator of POSIX drand48)."""
    state = (int(dice[0]) * 25214903917 + 11) & 281474976710655
    dice[0] = state
    return float(state) / 281474976710656.0


def refresh(part: Part, routes: Routes, r: int) -> None:
    """Work out anew what follows from the order of stops of crew r."""
    length = routes.length[r]
    before = part.work_s.shape[0] + r
    clock = part.free_s[r]
    rest_after = length
    metres, load, open_from = 0.0, 0, part.fixed[r]
    routes.leave_s[r, 0] = clock
    for p in range(length):
        i = routes.stops[r, p]
        metres += part.metres[before, i]
        clock += part.seconds[before, i] + part.work_s[i]
        routes.done_s[r, p] = clock
        if rest_after == length and clock >= part.break_from_s[r]:
            rest_after = p
            clock += part.break_s[r]
        routes.leave_s[r, p + 1] = clock
        load += part.jobs[i]
        if part.is_locked[i]:
            open_from = p + 1
        routes.where[i] = r
        routes.at[i] = p
        before = i
    late, rate, slack = 0.0, 0.0, NEVER
    routes.late_m[r, length] = late
    routes.late_rate[r, length] = rate
    routes.slack_s[r, length] = slack
    for p in range(length - 1, -1, -1):
        i = routes.stops[r, p]
        done = routes.done_s[r, p]
        if part.late_m_per_s[i] > 0.0:
            over = done - part.due_s[i]
            if over >= 0.0:
                late += part.late_m_per_s[i] * over
                rate += part.late_m_per_s[i]
            else:
                slack = min(slack, -over)
        if p < rest_after:
            slack = min(slack, part.break_from_s[r] - done)
        routes.late_m[r, p] = late
        routes.late_rate[r, p] = rate
        routes.slack_s[r, p] = slack
    overtime = 0.0
    if length > 0:
        overtime = part.overtime_m_per_s * max(0.0, routes.done_s[r, length - 1] - part.shift_s[r])
    routes.load[r] = load
    routes.open_from[r] = open_from
    routes.rest_after[r] = rest_after
    routes.cost[r] = metres + late + overtime


def added_cost(part: Part, routes: Routes, i: int, r: int, p: int, limit: float) -> float:
    """What putting stop i at place p of crew r's route adds to its cost; IMPOSSIBLE if over time, or at least `limit`."""
    length = routes.length[r]
    before = part.work_s.shape[0] + r if p == 0 else routes.stops[r, p - 1]
    added = float(part.metres[before, i])
    delay = part.seconds[before, i] + part.work_s[i]
    done = routes.leave_s[r, p] + delay
    if p < length:
        after = routes.stops[r, p]
        added += part.metres[i, after] - part.metres[before, after]
        delay += part.seconds[i, after] - part.seconds[before, after]
    if added >= limit:
        return IMPOSSIBLE
    if part.late_m_per_s[i] > 0.0:
        added += part.late_m_per_s[i] * max(0.0, done - part.due_s[i])
    end = done
    if p < length:
        end = routes.done_s[r, length - 1] + delay
        rests_here = routes.rest_after[r] >= p and done >= part.break_from_s[r]
        if 0.0 <= delay < routes.slack_s[r, p] and not rests_here:
            added += routes.late_rate[r, p] * delay
        elif delay >= 0.0 and added + routes.late_rate[r, p] * delay >= limit:
            return IMPOSSIBLE
        else:
            late, end = late_behind(part, routes, i, r, p, done)
            added += late - routes.late_m[r, p]
    if end > part.latest_s[r]:
        return IMPOSSIBLE
    over_before = 0.0 if length == 0 else max(0.0, routes.done_s[r, length - 1] - part.shift_s[r])
    total: float = added + part.overtime_m_per_s * (max(0.0, end - part.shift_s[r]) - over_before)
    return total


def late_behind(part: Part, routes: Routes, i: int, r: int, p: int, done: float) -> tuple[float, float]:
    """With stop i put at place p and done at `done`: what lateness the stops from p on cost, and when the last is done."""
    clock = done
    has_rested = routes.rest_after[r] < p
    if not has_rested and clock >= part.break_from_s[r]:
        has_rested = True
        clock += part.break_s[r]
    late, before = 0.0, i
    for q in range(p, routes.length[r]):
        j = routes.stops[r, q]
        clock += part.seconds[before, j] + part.work_s[j]
        done = clock
        if part.late_m_per_s[j] > 0.0:
            late += part.late_m_per_s[j] * max(0.0, done - part.due_s[j])
        if not has_rested and clock >= part.break_from_s[r]:
            has_rested = True
            clock += part.break_s[r]
        before = j
    return late, done


def has_room(part: Part, routes: Routes, i: int, r: int) -> bool:
    if not part.may[r, i] or routes.length[r] >= routes.stops.shape[1]:
        return False
    return bool(routes.load[r] + part.jobs[i] <= part.capacity[r])


def hand_over(part: Part, i: int, r: int) -> float:
    """What it costs that stop i is with crew r (or NOWHERE) rather than with who holds it."""
    if part.holder[i] != NOWHERE and part.holder[i] != r:
        return float(part.hand_over_m[i])
    return 0.0


def best_place(part: Part, routes: Routes, i: int, r: int, limit: float) -> tuple[float, int]:
    """The cheapest place of crew r's route for stop i: (added cost, place); (IMPOSSIBLE, 0) if none costs less than limit."""
    best, place = IMPOSSIBLE, 0
    first = part.fixed[r] if part.is_urgent[i] else routes.open_from[r]
    for p in range(first, routes.length[r] + 1):
        cost = added_cost(part, routes, i, r, p, min(best, limit))
        if cost < best and cost < limit:
            best, place = cost, p
    return best, place


def find_place(part: Part, routes: Routes, i: int, dice: Whole, blink: float) -> tuple[float, int, int]:
    """Where stop i costs least: (added cost, crew, place); crew NOWHERE if leaving it out is cheaper.

    With `blink` > 0 each place is overlooked with that chance.
    """
    m = part.capacity.shape[0]
    nowhere = part.left_out_m[i] + hand_over(part, i, NOWHERE)
    best, crew, place = nowhere, NOWHERE, 0
    if not part.scans_all[i]:
        for k in range(part.near.shape[1]):
            j = part.near[i, k]
            r = routes.where[j]
            if r == NOWHERE or not has_room(part, routes, i, r):
                continue
            extra = hand_over(part, i, r)
            for p in range(routes.at[j], routes.at[j] + 2):
                if p < routes.open_from[r] or (blink > 0.0 and roll(dice) < blink):
                    continue
                cost = added_cost(part, routes, i, r, p, best - extra) + extra
                if cost < best:
                    best, crew, place = cost, r, p
        starts = 0
        for k in range(m):
            r = part.near_crews[i, k]
            if not has_room(part, routes, i, r):
                continue
            starts += 1
            extra = hand_over(part, i, r)
            cost = added_cost(part, routes, i, r, routes.open_from[r], best - extra) + extra
            if cost < best:
                best, crew, place = cost, r, routes.open_from[r]
            if starts == NEAR_STARTS:
                break
        if crew != NOWHERE:
            return best, crew, place
    for r in range(m):
        if not has_room(part, routes, i, r):
            continue
        extra = hand_over(part, i, r)
        first = part.fixed[r] if part.is_urgent[i] else routes.open_from[r]
        for p in range(first, routes.length[r] + 1):
            if blink > 0.0 and roll(dice) < blink:
                continue
            cost = added_cost(part, routes, i, r, p, best - extra) + extra
            if cost < best:
                best, crew, place = cost, r, p
    return best, crew, place


def put(part: Part, routes: Routes, i: int, r: int, p: int) -> None:
    """Put stop i at place p of crew r's route."""
    for q in range(routes.length[r], p, -1):
        routes.stops[r, q] = routes.stops[r, q - 1]
    routes.stops[r, p] = i
    routes.length[r] += 1
    refresh(part, routes, r)


def take(part: Part, routes: Routes, i: int) -> None:
    """Take stop i out of its route."""
    r = routes.where[i]
    for p in range(routes.at[i] + 1, routes.length[r]):
        routes.stops[r, p - 1] = routes.stops[r, p]
    routes.length[r] -= 1
    routes.where[i] = NOWHERE
    refresh(part, routes, r)


def touch(routes: Routes, scratch: Scratch, count: int, r: int) -> int:
    """Remember crew r's route as it is, once a round; returns how many are remembered."""
    if scratch.is_touched[r]:
        return count
    scratch.is_touched[r] = True
    scratch.touched[count] = r
    scratch.saved_length[r] = routes.length[r]
    scratch.saved_cost[r] = routes.cost[r]
    for p in range(routes.length[r]):
        scratch.saved_stops[r, p] = routes.stops[r, p]
    return count + 1


def take_string(part: Part, routes: Routes, scratch: Scratch, r: int, centre: int, size: int, kept: int, count: int) -> int:
    """Take out a string of `size` stops around stop `centre`, but for `kept` in its middle; returns how many are loose."""
    length, dice = routes.length[r], scratch.dice
    place = routes.at[centre]
    span = size + kept
    low, high = max(part.fixed[r], place - span + 1), min(place, length - span)
    first = low + int(roll(dice) * (high - low + 1)) if high > low else max(0, min(low, length - span))
    skip_from = first + 1 + int(roll(dice) * (size - 1)) if kept > 0 and size > 1 else length
    to = first
    for p in range(first, length):
        i = routes.stops[r, p]
        leaves = p < first + span and not (skip_from <= p < skip_from + kept) and not part.stays[i]
        if leaves:
            scratch.loose[count] = i
            scratch.was_at[count] = r
            routes.where[i] = NOWHERE
            count += 1
        else:
            routes.stops[r, to] = i
            to += 1
    routes.length[r] = to
    refresh(part, routes, r)
    return count


def ruin(part: Part, routes: Routes, scratch: Scratch) -> tuple[int, int]:
    """Take strings out of routes near a random stop: (stops loose, routes touched). Some of the left out join them."""
    n, dice = part.work_s.shape[0], scratch.dice
    m = part.capacity.shape[0]
    stops_in_routes, routes_in_use = 0, 0
    for r in range(m):
        stops_in_routes += routes.length[r]
        routes_in_use += 1 if routes.length[r] > 0 else 0
    mean_length = stops_in_routes / max(1, routes_in_use)
    longest = min(LONGEST_STRING, mean_length)
    strings = int(roll(dice) * (4.0 * RUINED / (1.0 + longest) - 1.0) + 1.0)
    seed = int(roll(dice) * n)
    loose, touched, absent = 0, 0, 0
    for k in range(-1, part.near.shape[1]):
        i = seed if k < 0 else part.near[seed, k]
        r = routes.where[i]
        if r == NOWHERE:
            # A loose stop of this round is nowhere too; it has left a touched route and is in the list already.
            if absent < ABSENT_TRIED and is_new(scratch, loose, i):
                scratch.loose[loose] = i
                scratch.was_at[loose] = NOWHERE
                loose += 1
                absent += 1
            continue
        if strings == 0 or scratch.is_touched[r] or part.stays[i]:
            continue
        touched = touch(routes, scratch, touched, r)
        size = int(roll(dice) * min(longest, routes.length[r]) + 1.0)
        kept = 0
        if size > 1 and roll(dice) < SPLIT:
            kept = 1
            while size + kept < routes.length[r] and roll(dice) > SPLIT_MORE:
                kept += 1
            kept = min(kept, routes.length[r] - size)
        loose = take_string(part, routes, scratch, r, i, size, kept, loose)
        strings -= 1
        if strings == 0 and absent == ABSENT_TRIED:
            break
    return loose, touched


def is_new(scratch: Scratch, count: int, i: int) -> bool:
    for k in range(count):  # noqa: SIM110  compiled as it stands
        if scratch.loose[k] == i:
            return False
    return True


def sort_loose(part: Part, scratch: Scratch, count: int) -> None:
    """Bring the loose stops into a random, far-first, near-first or due-first order (4 : 2 : 1 : 3)."""
    n, dice = part.work_s.shape[0], scratch.dice
    choice = roll(dice) * 10.0
    for k in range(count):
        i = scratch.loose[k]
        if choice < 4.0:
            scratch.keys[k] = roll(dice)
        elif choice < 6.0:
            scratch.keys[k] = -part.metres[n + part.near_crews[i, 0], i]
        elif choice < 7.0:
            scratch.keys[k] = part.metres[n + part.near_crews[i, 0], i]
        else:
            scratch.keys[k] = part.due_s[i] if part.late_m_per_s[i] > 0.0 else NEVER * roll(dice)
    for k in range(1, count):  # insertion sort: a round has about a dozen
        key, i, was = scratch.keys[k], scratch.loose[k], scratch.was_at[k]
        q = k
        while q > 0 and scratch.keys[q - 1] > key:
            scratch.keys[q], scratch.loose[q], scratch.was_at[q] = scratch.keys[q - 1], scratch.loose[q - 1], scratch.was_at[q - 1]
            q -= 1
        scratch.keys[q], scratch.loose[q], scratch.was_at[q] = key, i, was


def build(part: Part, routes: Routes, order: Whole, dice: Whole) -> None:
    """Put the stops of `order`, one after the other, where each costs least then; what costs too much stays out."""
    for k in range(order.shape[0]):
        _, r, p = find_place(part, routes, order[k], dice, 0.0)
        if r != NOWHERE:
            put(part, routes, order[k], r, p)


def search(part: Part, routes: Routes, scratch: Scratch, rounds: int, hot_m: float, cold_m: float) -> None:
    """Improve `routes` in place for so many rounds, the temperature falling from hot_m to cold_m (both metres' worth).

    `scratch.totals` holds the cost now and the best so far, `scratch.best_stops` and `best_length` the best routes; a
    search may be cut into several calls.
    """
    dice, totals = scratch.dice, scratch.totals
    cooling = (cold_m / hot_m) ** (1.0 / max(1, rounds))
    temperature = hot_m
    for _ in range(rounds):
        temperature *= cooling
        loose, touched = ruin(part, routes, scratch)
        sort_loose(part, scratch, loose)
        change = 0.0
        for k in range(loose):
            i, was = scratch.loose[k], scratch.was_at[k]
            change -= hand_over(part, i, was) + (part.left_out_m[i] if was == NOWHERE else 0.0)
            _, r, p = find_place(part, routes, i, dice, BLINK)
            change += hand_over(part, i, r) + (part.left_out_m[i] if r == NOWHERE else 0.0)
            if r != NOWHERE:
                touched = touch(routes, scratch, touched, r)
                put(part, routes, i, r, p)
        for k in range(touched):
            r = scratch.touched[k]
            change += routes.cost[r] - scratch.saved_cost[r]
        if change < -temperature * math.log(1.0 - roll(dice)):
            totals[0] += change
            if totals[0] < totals[1] - 1e-6:
                totals[1] = totals[0]
                keep_best(routes, scratch)
        else:
            for k in range(loose):
                routes.where[scratch.loose[k]] = NOWHERE
            for k in range(touched):
                r = scratch.touched[k]
                routes.length[r] = scratch.saved_length[r]
                for p in range(routes.length[r]):
                    routes.stops[r, p] = scratch.saved_stops[r, p]
                refresh(part, routes, r)
        for k in range(touched):
            scratch.is_touched[scratch.touched[k]] = False


def keep_best(routes: Routes, scratch: Scratch) -> None:
    """The routes as they are are the best so far."""
    for r in range(routes.length.shape[0]):
        scratch.best_length[r] = routes.length[r]
        for p in range(routes.length[r]):
            scratch.best_stops[r, p] = routes.stops[r, p]


def weigh(part: Part, routes: Routes, i: int, found: Reals) -> None:
    """What stop i adds where it is, and would add at the best place of every other crew.

    `found`, shape (m, 5), is filled by crew: place (or NO_ROOM, also if it may not, or NOT_IN_TIME), cost, metres,
    seconds, seconds of lateness (its own and that of the stops behind it).
    """
    n = part.work_s.shape[0]
    own, place = routes.where[i], routes.at[i]
    take(part, routes, i)
    for r in range(part.capacity.shape[0]):
        for k in range(1, found.shape[1]):
            found[r, k] = 0.0
        found[r, 0] = NO_ROOM
        if r == own:
            p, cost = place, added_cost(part, routes, i, r, place, IMPOSSIBLE)
        elif has_room(part, routes, i, r):
            cost, p = best_place(part, routes, i, r, IMPOSSIBLE)
            if cost >= IMPOSSIBLE:
                found[r, 0] = NOT_IN_TIME
                continue
        else:
            continue
        found[r, 0] = p
        found[r, 1] = cost + hand_over(part, i, r)
        before = n + r if p == 0 else routes.stops[r, p - 1]
        found[r, 2] = part.metres[before, i]
        found[r, 3] = part.seconds[before, i] + part.work_s[i]
        if p < routes.length[r]:
            after = routes.stops[r, p]
            found[r, 2] += part.metres[i, after] - part.metres[before, after]
            found[r, 3] += part.seconds[i, after] - part.seconds[before, after]
        found[r, 4] = late_seconds(part, routes, r, i, p) - late_seconds(part, routes, r, NOWHERE, 0)
    put(part, routes, i, own, place)


def late_seconds(part: Part, routes: Routes, r: int, i: int, place: int) -> float:
    """Seconds that crew r's stops are done after their due moments, with stop i put at `place` unless it is NOWHERE."""
    clock, late, before, has_rested = part.free_s[r], 0.0, part.work_s.shape[0] + r, False
    length = routes.length[r] + (0 if i == NOWHERE else 1)
    for q in range(length):
        j = routes.stops[r, q - 1] if i != NOWHERE and q > place else routes.stops[r, min(q, routes.stops.shape[1] - 1)]
        if i != NOWHERE and q == place:
            j = i
        clock += part.seconds[before, j] + part.work_s[j]
        if part.late_m_per_s[j] > 0.0:
            late += max(0.0, clock - part.due_s[j])
        if not has_rested and clock >= part.break_from_s[r]:
            has_rested = True
            clock += part.break_s[r]
        before = j
    return late
