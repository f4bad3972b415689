"""What the search leaves undone: exchanges that only pay when both their halves are made at once.

Runs compiled and as the Python it is, like the kernel (kernel.py says what that asks of the code).
"""

from __future__ import annotations

from dispatch.kernel import IMPOSSIBLE, NOWHERE, Part, Routes, Scratch, hand_over, refresh

LEAST_GAIN = 1e-3  # metres' worth: less is not worth a change


def polish(part: Part, routes: Routes, scratch: Scratch, r: int) -> bool:
    """Turn a piece of crew r's route round, exchange tails with each crew after it; in place. True if anything got better.

    Two changes that ruin and recreate rarely finds (2-opt and 2-opt*: J.-Y. Potvin and J.-M. Rousseau, J. Oper. Res. Soc.
    46, 1995, doi:10.1057/jors.1995.204). Nothing locked or pinned is moved.
    """
    is_better = turn_best_piece(part, routes, scratch, r)
    for s in range(r + 1, part.capacity.shape[0]):
        if exchange_best_tails(part, routes, scratch, r, s):
            is_better = True
    return is_better


def exchange_best_tails(part: Part, routes: Routes, scratch: Scratch, r: int, s: int) -> bool:
    """Let crews r and s exchange what each has from some place on, where that saves most; false if nothing saves."""
    n = part.work_s.shape[0]
    best, best_p, best_q = -LEAST_GAIN, NOWHERE, NOWHERE
    overtime = overtime_of(part, routes, r) + overtime_of(part, routes, s)
    for p in range(routes.open_from[r], routes.length[r] + 1):
        from_r = n + r if p == 0 else routes.stops[r, p - 1]
        for q in range(routes.open_from[s], routes.length[s] + 1):
            from_s = n + s if q == 0 else routes.stops[s, q - 1]
            ways = 0.0
            if p < routes.length[r]:
                ways += part.metres[from_s, routes.stops[r, p]] - part.metres[from_r, routes.stops[r, p]]
            if q < routes.length[s]:
                ways += part.metres[from_r, routes.stops[s, q]] - part.metres[from_s, routes.stops[s, q]]
            before = routes.late_m[r, p] + routes.late_m[s, q] + overtime
            if ways - before >= best:  # not even if all lateness went away
                continue
            after = going_on(part, routes, r, p, s, q)
            if after < IMPOSSIBLE:
                after += going_on(part, routes, s, q, r, p)
            if ways + after - before < best:
                best, best_p, best_q = ways + after - before, p, q
    if best_p == NOWHERE:
        return False
    count = 0
    for k in range(best_p, routes.length[r]):
        scratch.loose[count] = routes.stops[r, k]
        count += 1
    for k in range(best_q, routes.length[s]):
        routes.stops[r, best_p + k - best_q] = routes.stops[s, k]
    routes.length[r] = best_p + routes.length[s] - best_q
    for k in range(count):
        routes.stops[s, best_q + k] = scratch.loose[k]
    routes.length[s] = best_q + count
    refresh(part, routes, r)
    refresh(part, routes, s)
    return True


def going_on(part: Part, routes: Routes, r: int, p: int, s: int, q: int) -> float:
    """Lateness, overtime and hand-overs if crew r does, from its place p on, what crew s does from q on; not the ways.

    Hand-overs count as the change they are. IMPOSSIBLE if crew r may not, or has no room or time for it.
    """
    clock, before = routes.leave_s[r, p], part.work_s.shape[0] + r if p == 0 else routes.stops[r, p - 1]
    done = clock if p == 0 else routes.done_s[r, p - 1]
    has_rested = routes.rest_after[r] < p
    load, late, changed = 0, 0.0, 0.0
    for k in range(p):
        load += part.jobs[routes.stops[r, k]]
    for k in range(q, routes.length[s]):
        i = routes.stops[s, k]
        load += part.jobs[i]
        if part.stays[i] or not part.may[r, i] or load > part.capacity[r] or p + k - q >= routes.stops.shape[1]:
            return IMPOSSIBLE
        clock += part.seconds[before, i] + part.work_s[i]
        done = clock
        if part.late_m_per_s[i] > 0.0:
            late += part.late_m_per_s[i] * max(0.0, done - part.due_s[i])
        if not has_rested and clock >= part.break_from_s[r]:
            has_rested = True
            clock += part.break_s[r]
        changed += hand_over(part, i, r) - hand_over(part, i, s)
        before = i
    if q < routes.length[s] and done > part.latest_s[r]:
        return IMPOSSIBLE
    has_any = p > 0 or q < routes.length[s]
    over = max(0.0, done - part.shift_s[r]) if has_any else 0.0
    total: float = late + changed + part.overtime_m_per_s * over
    return total


def overtime_of(part: Part, routes: Routes, r: int) -> float:
    if routes.length[r] == 0:
        return 0.0
    return float(part.overtime_m_per_s * max(0.0, routes.done_s[r, routes.length[r] - 1] - part.shift_s[r]))


def turn_best_piece(part: Part, routes: Routes, scratch: Scratch, r: int) -> bool:
    """Turn a piece of crew r's route round, where that saves most; false if nothing saves."""
    length, cost = routes.length[r], routes.cost[r]
    best, best_p, best_q = cost - LEAST_GAIN, NOWHERE, NOWHERE
    for p in range(routes.open_from[r], length - 1):
        for q in range(p + 1, length):
            turn(routes, r, p, q)
            refresh(part, routes, r)
            if routes.cost[r] < best and routes.done_s[r, length - 1] <= part.latest_s[r]:
                best, best_p, best_q = routes.cost[r], p, q
            turn(routes, r, p, q)
    if best_p != NOWHERE:
        turn(routes, r, best_p, best_q)
    refresh(part, routes, r)
    return best_p != NOWHERE


def turn(routes: Routes, r: int, p: int, q: int) -> None:
    """Bring the stops from place p to place q of crew r's route into the opposite order."""
    while p < q:
        routes.stops[r, p], routes.stops[r, q] = routes.stops[r, q], routes.stops[r, p]
        p, q = p + 1, q - 1
