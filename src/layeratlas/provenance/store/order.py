"""Which record comes after which: by what follows from what, and by time where nothing says more.

Clocks of machines differ, and one that is an hour behind, or in the year 9999, would make a result
the older or the newest for ever. So a record tells what it follows (`Event`): it comes after

- the record that stood last in the store when its job started (`after`),
- who wrote what its job found in the place of its outputs (`replaced`),
- who wrote what its job read.

Where several records wrote the same content, one of them is enough. Among the records that have
all they follow before them, the one that ended first comes first; a time that cannot be believed
(`is_believed`) counts as earlier than any other. What follows itself (results that were copied
back and made again in turn) is cut where the time is earliest.

The order depends on the records alone, and on the moment of asking only for times that lie ahead
of it.
"""

from __future__ import annotations

import heapq
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from layeratlas.provenance.store.circles import closed_circles
from layeratlas.provenance.store.reading import RecordWarning
from layeratlas.words import listed

if TYPE_CHECKING:
    from layeratlas.provenance.record.schema import Record

# No record is older than Python 3.11, which the package needs.
EARLIEST = datetime(2022, 10, 24, tzinfo=UTC)
AHEAD = timedelta(days=1)
"""How far a clock may be ahead of the one that asks: more than any time zone taken for another."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# An honest history has a circle a stage of the pipeline at most; a hostile one must end, too.
_MOST_ROUNDS = 16


class Content(NamedTuple):
    """What a file held: its path and digest, and what it held wherever it lies."""

    path: str
    digest: str
    identity: str


@dataclass(frozen=True, slots=True)
class Event:
    """What the order asks of a record; `name` is that of its file and tells records apart.

    `wrote` is empty for a job that failed: what lies in the place of its outputs may be older.
    """

    name: str
    id: str
    ended: str
    after: str | None = None
    wrote: Sequence[Content] = ()
    read: Sequence[Content] = ()
    replaced: Sequence[tuple[str, str]] = ()

    @classmethod
    def of(cls, record: Record, name: str) -> Event:
        """The event of a record in the file `name`."""
        read, written = (
            [Content(file.path, file.digest, file.identity) for file in files]
            for files in (record.inputs, record.outputs)
        )
        replaced = [(path, digest) for path, digest in record.replaced.items() if digest]
        wrote = written if record.status == "ok" else ()
        return cls(name, record.id, record.ended, record.after, wrote, read, replaced)


def in_order(records: Iterable[tuple[str, Record]]) -> list[Record]:
    """(name of its file, record) in order, as of now; a RecordWarning for times not believed."""
    pairs = list(records)
    events = [Event.of(record, name) for name, record in pairs]
    limit = horizon()
    warn_of_times([event.name for event in events if not is_believed(event.ended, limit)])
    return [pairs[i][1] for i in order(events, limit)]


def horizon(now: datetime | None = None) -> datetime:
    """The latest time that is believed."""
    return (now or datetime.now(UTC)) + AHEAD


def is_believed(ended: str, limit: datetime) -> bool:
    """Whether a job can have ended then: since there is the package, and not ahead of `limit`."""
    return EARLIEST <= moment(ended) <= limit


def moment(text: str) -> datetime:
    """A time in a record, which is in UTC; that of 1970 for what is no time."""
    try:
        found = datetime.fromisoformat(text)
        return (found.replace(tzinfo=UTC) if found.tzinfo is None else found).astimezone(UTC)
    except (ValueError, OverflowError):
        return _EPOCH


def microseconds(time: datetime | str) -> int:
    """Since 1970, in UTC: a whole number, which SQL sorts."""
    return ((moment(time) if isinstance(time, str) else time) - _EPOCH) // timedelta(microseconds=1)


def warn_of_times(names: Sequence[str]) -> None:
    """One RecordWarning that names the records whose times are not believed."""
    if names:
        warnings.warn(
            f"the time of {len(names)} {'record' if len(names) == 1 else 'records'} is not "
            f"believed ({listed(names, 120)}): it lies ahead of this machine's clock, or before "
            "this package. Their place in the order is taken from what they read and replaced.",
            RecordWarning,
            stacklevel=3,
        )


def order(events: Sequence[Event], limit: datetime) -> list[int]:
    """Positions of `events` in their order; the same whatever the order they are given in.

    `limit` is the `horizon` of the moment of asking. Takes O(n log n) steps in the number of
    records and of the files in them.
    """
    keys = [
        (is_believed(event.ended, limit), moment(event.ended), event.id, event.name)
        for event in events
    ]
    rank = [0] * len(events)
    for place, i in enumerate(sorted(range(len(events)), key=keys.__getitem__)):
        rank[i] = place
    writers, waits = _graph(events)
    for left in reversed(range(_MOST_ROUNDS)):
        found, there = _sorted(rank, writers, waits)
        stuck = set(range(len(events))) - set(found) if len(found) < len(events) else set()
        if not stuck:
            break
        cut = stuck if left == 0 else _earliest_of_circles(stuck, rank, writers, waits, there)
        for i in cut:
            waits[i] = [content for content in waits[i] if there[content]]
    else:
        found, _ = _sorted(rank, writers, waits)
    return found


def _graph(events: Sequence[Event]) -> tuple[list[list[int]], list[list[int]]]:
    """(who wrote each content, what contents each event waits for), all as numbers.

    A content is there as soon as one of its writers is; nobody waits for himself alone.
    """
    writers: list[list[int]] = []
    numbers: dict[object, int] = {}
    for i, event in enumerate(events):
        # An id, an identity and a place: of different types, so that none is another.
        made: dict[object, None] = {(event.id,): None}
        for path, digest, identity in event.wrote:
            made[path, digest] = made[identity] = None
        for content in made:
            number = numbers.setdefault(content, len(writers))
            if number == len(writers):
                writers.append([])
            writers[number].append(i)
    waits = []
    for i, event in enumerate(events):
        asked = {numbers.get((event.after,)), *(numbers.get(old) for old in event.replaced)}
        for path, digest, identity in event.read:
            # What was written there, else what was written anywhere: results are moved.
            asked.add(numbers.get((path, digest), numbers.get(identity)))
        waits.append([n for n in asked if n is not None and writers[n] != [i]])
    return writers, waits


def _sorted(
    rank: Sequence[int], writers: Sequence[Sequence[int]], waits: Sequence[Sequence[int]]
) -> tuple[list[int], list[bool]]:
    """Events by rank, each after what it waits for; and which contents are there at last."""
    there = [False] * len(writers)
    written: list[list[int]] = [[] for _ in rank]
    readers: list[list[int]] = [[] for _ in writers]
    for content, makers in enumerate(writers):
        for i in makers:
            written[i].append(content)
    for i, contents in enumerate(waits):
        for content in contents:
            readers[content].append(i)
    missing = [len(contents) for contents in waits]
    ready = [(rank[i], i) for i, number in enumerate(missing) if number == 0]
    heapq.heapify(ready)
    found = []
    while ready:
        _, i = heapq.heappop(ready)
        found.append(i)
        for content in written[i]:
            if not there[content]:
                there[content] = True
                for reader in readers[content]:
                    missing[reader] -= 1
                    if missing[reader] == 0:
                        heapq.heappush(ready, (rank[reader], reader))
    return found, there


def _earliest_of_circles(
    stuck: set[int],
    rank: Sequence[int],
    writers: Sequence[Sequence[int]],
    waits: Sequence[Sequence[int]],
    there: Sequence[bool],
) -> list[int]:
    """Of each circle that waits for nothing but itself, the event of the lowest rank."""

    # Nodes of the graph are events, and contents that are not there with negative numbers.
    def following(node: int) -> Iterator[int]:
        if node < 0:
            return iter(writers[~node])
        return (~content for content in waits[node] if not there[content])

    circles = closed_circles(stuck, following)
    return [min((n for n in circle if n >= 0), key=rank.__getitem__) for circle in circles]
