"""Fastest ways over a street graph: Dijkstra's search (Numerische Mathematik 1, 1959) with a binary heap, over plain arrays.

Like kernel.py this runs twice: compiled (road_compiled.py) and as the Python it is, with the same answers.
A place on a street is a chain, a street without junctions between its two ends, and a share: how far along it, from 0
where the chain begins to 1 where it ends. At 0 and at 1 it is the junction itself: there a one-way street can be left and
entered by the others.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Streets(NamedTuple):
    """n nodes, c chains, and the c to 2 c directed edges these are, in the order of the nodes they leave."""

    begins: Whole  # (c,): node
    ends: Whole  # (c,)
    seconds: Reals  # (c,): to drive all of it
    metres: Reals  # (c,)
    is_forward: Flags  # (c,): may be driven from its beginning to its end
    is_backward: Flags  # (c,)
    first_edge: Whole  # (n + 1,): edges of node u are first_edge[u] to first_edge[u + 1] - 1
    heads: Whole  # (e,): node
    edge_chain: Whole  # (e,)


class Places(NamedTuple):
    """Places on streets, k of them."""

    chain: Whole  # (k,)
    share: Reals  # (k,)


def search(streets: Streets, origins: Places, goals: Places, seconds: Reals, metres: Reals) -> None:
    """Fill `seconds` and `metres`, shape (origins, goals), with those of the fastest way; infinity where there is none."""
    n = streets.first_edge.shape[0] - 1
    reached_s, reached_m = np.empty(n), np.empty(n)
    is_done, is_wanted = np.empty(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    heap_s = np.empty(streets.heads.shape[0] + 2)
    heap_node = np.empty(streets.heads.shape[0] + 2, dtype=np.int64)
    wanted = 0
    for g in range(goals.chain.shape[0]):
        c = goals.chain[g]
        if (streets.is_forward[c] or goals.share[g] == 0) and not is_wanted[streets.begins[c]]:
            is_wanted[streets.begins[c]] = True
            wanted += 1
        if (streets.is_backward[c] or goals.share[g] == 1) and not is_wanted[streets.ends[c]]:
            is_wanted[streets.ends[c]] = True
            wanted += 1
    for o in range(origins.chain.shape[0]):
        reached_s[:] = math.inf
        reached_m[:] = math.inf
        is_done[:] = False
        size = 0
        c, share = origins.chain[o], origins.share[o]
        if streets.is_forward[c] or share == 1:
            node = streets.ends[c]
            reached_s[node], reached_m[node] = (1 - share) * streets.seconds[c], (1 - share) * streets.metres[c]
            size = push(heap_s, heap_node, size, reached_s[node], node)
        if streets.is_backward[c] or share == 0:
            node = streets.begins[c]
            if share * streets.seconds[c] < reached_s[node]:
                reached_s[node], reached_m[node] = share * streets.seconds[c], share * streets.metres[c]
                size = push(heap_s, heap_node, size, reached_s[node], node)
        left = wanted
        while size > 0 and left > 0:
            node = heap_node[0]
            size = pop(heap_s, heap_node, size)
            if is_done[node]:
                continue
            is_done[node] = True
            if is_wanted[node]:
                left -= 1
            for e in range(streets.first_edge[node], streets.first_edge[node + 1]):
                head, c = streets.heads[e], streets.edge_chain[e]
                s = reached_s[node] + streets.seconds[c]
                if s < reached_s[head]:
                    reached_s[head], reached_m[head] = s, reached_m[node] + streets.metres[c]
                    size = push(heap_s, heap_node, size, s, head)
        for g in range(goals.chain.shape[0]):
            seconds[o, g], metres[o, g] = last_part(streets, origins, o, goals, g, reached_s, reached_m)


def last_part(
    streets: Streets, origins: Places, o: int, goals: Places, g: int, reached_s: Reals, reached_m: Reals
) -> tuple[float, float]:
    """(seconds, metres) from an origin to a goal, once the nodes around the goal are reached."""
    c, share = goals.chain[g], goals.share[g]
    best_s, best_m = math.inf, math.inf
    if streets.is_forward[c] or share == 0:
        s = reached_s[streets.begins[c]] + share * streets.seconds[c]
        if s < best_s:
            best_s, best_m = s, reached_m[streets.begins[c]] + share * streets.metres[c]
    if streets.is_backward[c] or share == 1:
        s = reached_s[streets.ends[c]] + (1 - share) * streets.seconds[c]
        if s < best_s:
            best_s, best_m = s, reached_m[streets.ends[c]] + (1 - share) * streets.metres[c]
    if origins.chain[o] == c:
        ahead = share - origins.share[o]
        if (ahead >= 0 and streets.is_forward[c]) or (ahead <= 0 and streets.is_backward[c]):
            s = abs(ahead) * streets.seconds[c]
            if s < best_s:
                best_s, best_m = s, abs(ahead) * streets.metres[c]
    return best_s, best_m


def push(heap_s: Reals, heap_node: Whole, size: int, s: float, node: int) -> int:
    """Put a node into the heap; returns the heap's new size."""
    at = size
    while at > 0:
        above = (at - 1) // 2
        if heap_s[above] <= s:
            break
        heap_s[at], heap_node[at] = heap_s[above], heap_node[above]
        at = above
    heap_s[at], heap_node[at] = s, node
    return size + 1


def pop(heap_s: Reals, heap_node: Whole, size: int) -> int:
    """Take the first out of the heap; returns the heap's new size."""
    size -= 1
    s, node = heap_s[size], heap_node[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and heap_s[below + 1] < heap_s[below]:
            below += 1
        if heap_s[below] >= s:
            break
        heap_s[at], heap_node[at] = heap_s[below], heap_node[below]
        at = below
    heap_s[at], heap_node[at] = s, node
    return size
