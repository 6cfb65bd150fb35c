"""On which page of a PDF a stream is drawn, as far as reading with little trust tells.

No parser of PDF: dictionaries are not told apart from what is in them. What is read is who names
whom. An object that a page names is the page's, so from the stream the names are followed up to the
pages, and the tree of pages gives their order.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Collection, Mapping, MutableSequence
from dataclasses import dataclass, field

import numpy as np

from layeratlas.bounded.files import KIB, MIB
from layeratlas.figures.pdf import undone

_MOST_OBJECTS = 250_000
_LONGEST_OBJECT, _MOST_TEXT = 256 * KIB, 32 * MIB
_LONGEST_PACKED, _MOST_PACKED = 8 * MIB, 32 * MIB

_OBJECT = re.compile(rb"\b(\d{1,9})\s{1,9}\d{1,5}\s{1,9}obj\b")
_ENDS = re.compile(rb"\bendobj\b|\bstream\r?\n|\b\d{1,9}\s{1,9}\d{1,5}\s{1,9}obj\b")
_REFERENCE = re.compile(rb"\b(\d{1,9})\s{1,9}\d{1,5}\s{1,9}R\b")
_KIDS = re.compile(rb"/Kids\s*(?:\[([^\]]*)\]|(\d{1,9})\s{1,9}\d{1,5}\s{1,9}R\b)")


def pages_of(content: bytes, places: Collection[int]) -> dict[int, tuple[int, ...]]:
    """The pages, from 1, that draw the streams at these places of a PDF: {place: pages}.

    () for a stream of no page, or where that cannot be told: of more than 250,000 objects, or
    32 MiB of them besides streams. At most that much is unpacked.
    """
    known = _objects(content)
    if known is None:
        return dict.fromkeys(places, ())
    order = {number: i for i, number in enumerate(_page_tree(known.texts), 1)}
    naming = _naming(known.texts)
    found = {}
    for place in places:
        seen = {known.holding(place)}
        waiting = list(seen)
        while waiting:
            number = waiting.pop()
            # What names a page (a link, the table of contents) does not draw it.
            if number not in order:
                start, stop = np.searchsorted(naming, [number << 32, (number + 1) << 32])
                fresh = {int(pair) & 0xFFFFFFFF for pair in naming[start:stop]} - seen
                seen |= fresh
                waiting += fresh
        found[place] = tuple(sorted(order[number] for number in seen if number in order))
    return found


@dataclass
class _Objects:
    """Number of an object to its text, of a stream the dictionary alone; where each begins."""

    texts: dict[int, bytes] = field(default_factory=dict)
    begins: MutableSequence[int] = field(default_factory=lambda: array("Q"))
    numbers: MutableSequence[int] = field(default_factory=lambda: array("Q"))

    def holding(self, place: int) -> int:
        """The number of the object around a place in the file; 0, which no object has."""
        before = bisect_right(self.begins, place)
        return self.numbers[before - 1] if before else 0


def _objects(content: bytes) -> _Objects | None:
    """All objects, those in object streams too; of two with one number the later counts. None for
    more of them than are looked at."""
    found = _Objects()
    read = unpacked = at = 0
    while head := _OBJECT.search(content, at):
        end = _ENDS.search(content, head.end(), head.end() + _LONGEST_OBJECT)
        at = end.start() if end else min(head.end() + _LONGEST_OBJECT, len(content))
        text = content[head.end() : at]
        read += len(text)
        found.begins.append(head.start())
        found.numbers.append(int(head[1]))
        found.texts[int(head[1])] = text
        if end is not None and end[0].startswith(b"stream"):
            at = content.find(b"endstream", end.end())
            if at < 0:
                break
            if b"/ObjStm" in text:
                inside = undone(text, content[end.end() : at], _LONGEST_PACKED) or b""
                unpacked += len(inside)
                found.texts |= _packed(text, inside)
        if len(found.texts) > _MOST_OBJECTS or len(found.begins) > _MOST_OBJECTS:
            return None
        if read > _MOST_TEXT or unpacked > _MOST_PACKED:
            return None
    return found


def _packed(dictionary: bytes, inside: bytes) -> dict[int, bytes]:
    """Objects of an object stream (ISO 32000-1, 7.5.7): N pairs of number and place, then they."""
    first = re.search(rb"/First\s+(\d{1,9})\b", dictionary)
    if first is None:
        return {}
    begin = int(first[1])
    header = [int(n) for n in re.findall(rb"\b\d{1,9}\b", inside[: min(begin, MIB)])]
    places = [begin + place for place in header[1::2]]
    return {
        number: inside[place:end]
        for number, place, end in zip(header[::2], places, [*places[1:], len(inside)], strict=False)
        # In order, so that no byte is in two objects.
        if begin <= place < end <= place + _LONGEST_OBJECT
    }


def _naming(texts: Mapping[int, bytes]) -> np.ndarray:
    """Who is named by whom, sorted: uint64, the number of the named in the upper half."""
    pairs = array("Q")
    for number, text in texts.items():
        pairs.extend(int(found[1]) << 32 | number for found in _REFERENCE.finditer(text))
    return np.sort(np.frombuffer(pairs, dtype=np.uint64))


def _page_tree(texts: Mapping[int, bytes]) -> list[int]:
    """Numbers of the pages, in order."""
    roots = [text for text in texts.values() if re.search(rb"/Type\s*/Catalog\b", text)]
    top = re.search(rb"/Pages\s+(\d{1,9})\s", roots[-1]) if roots else None
    waiting = [int(top[1])] if top else []
    order: list[int] = []
    seen = set()
    while waiting:
        number = waiting.pop()
        if number in seen:
            continue
        seen.add(number)
        text = texts.get(number, b"")
        if re.search(rb"/Type\s*/Page\b", text):
            order.append(number)
        elif (kids := _KIDS.search(text)) is not None:
            listed = texts.get(int(kids[2]), b"") if kids[2] else kids[1]
            waiting += [int(n) for n in _REFERENCE.findall(listed)][::-1]
    return order
