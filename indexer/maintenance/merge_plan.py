"""Which segments of a collection should become one."""

from __future__ import annotations

from collections.abc import Container, Mapping

FRESH_PAGES = 2_000  # smaller segments are merged whenever enough of them have gathered
MANY_FRESH = 8
INDEXED_PAGES = 3_000  # below it an exact scan is as fast as candidates (measured)
# A segment joins a merge that brings at least half of its own pages: log2 rewrites of a page.
_GROWTH = 2
_MAX_DELETED = 0.25  # of a segment's pages


def plan_merge(
    n_live: Mapping[str, int],
    n_pages: Mapping[str, int],
    *,
    eager: bool = False,
    overdue: Container[str] = (),
) -> list[str]:
    """Name the segments that should become one, none when all is well.

    n_live   live pages of each segment, by its name
    n_pages  all its pages, the deleted ones included
    eager    merge whatever is fragmented, however little it is
    overdue  segments that must lose their deleted pages now
    """
    by_size = sorted(n_live, key=lambda name: (n_live[name], name))
    names: list[str] = []
    total = 0
    for name in by_size:
        if n_live[name] >= FRESH_PAGES and n_live[name] > _GROWTH * total:
            break
        names.append(name)
        total += n_live[name]
    enough = 2 if eager or total >= INDEXED_PAGES else MANY_FRESH
    if len(names) >= enough and total:
        return names
    max_deleted = 0.0 if eager else _MAX_DELETED
    wasteful = [
        name
        for name in by_size
        if n_live[name]
        and n_pages[name] - n_live[name] > (0.0 if name in overdue else max_deleted) * n_pages[name]
    ]
    return wasteful[:1]
