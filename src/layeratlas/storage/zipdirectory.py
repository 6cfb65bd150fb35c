"""Where the members of a zip lie, read as strictly as our writer writes.

`zipfile` is made to open what anybody wrote: it searches for the directory, ends a name at a NUL,
and takes members that overlap. A published archive needs none of that. Its members lie one after
the other from the first byte to the directory, stored as they are; the directory is followed by its
end record (of zip64, where the file is large) and by nothing. So no byte goes unread, and no reader
of zips sees another archive than we do.
"""

from __future__ import annotations

import stat
import struct
from typing import NamedTuple

from layeratlas.storage.files import Bytes
from layeratlas.storage.names import member_problem, same_name
from layeratlas.words import quoted

MOST_MEMBERS = 1 << 17
_MOST_BYTES = 64 << 20
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_OFFSET_64 = struct.Struct("<HHQ")
_UTF8, _ENCRYPTED = 0x800, 0x1
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF


class Member(NamedTuple):
    """`header` is where its local header begins, `start` where its bytes do."""

    header: int
    start: int
    size: int
    crc: int


class DirectoryError(ValueError):
    """The file is no zip of ours; in words, why."""


def read_directory(file: Bytes) -> dict[str, Member]:
    """Members by name, sorted. DirectoryError where the file has another shape; OSError."""
    count, position, content = _directory(file)
    members: dict[str, Member] = {}
    at = 0
    for _ in range(count):
        name, member, at = _entry(content, at)
        if name in members:
            raise DirectoryError(f"member {quoted(name)} is there twice")
        members[name] = member
    if at != len(content):
        raise DirectoryError("its directory has another length than it says")
    if same := same_name(members):
        raise DirectoryError(f"members {quoted(same[0])} and {quoted(same[1])} differ only in case")
    end = 0
    for name, member in sorted(members.items(), key=lambda item: item[1].header):
        if member.header != end:
            what = "overlaps another" if member.header < end else "lies behind bytes of no member"
            raise DirectoryError(f"member {quoted(name)} {what}")
        end = member.start + member.size
    if end != position:
        raise DirectoryError("its last member ends elsewhere than its directory begins")
    return dict(sorted(members.items()))


def check_local_header(header: bytes, name: str, member: Member) -> None:
    """DirectoryError where the header before a member, from `member.header` to `member.start`,
    says something else than the directory."""
    raw = name.encode()
    if len(header) == _LOCAL.size + len(raw):
        signature, _, flags, method, _, _, crc, packed, size, name_length, extra = (
            _LOCAL.unpack_from(header)
        )
        said = (signature, method, crc, packed, size, name_length, extra, header[_LOCAL.size :])
        if flags in (0, _UTF8) and said == (
            *(b"PK\x03\x04", 0, member.crc, member.size, member.size, len(raw), 0),
            raw,
        ):
            return
    raise DirectoryError(f"member {quoted(name)} is not where the directory says")


def _directory(file: Bytes) -> tuple[int, int, bytes]:
    """(number of members, position, bytes) of the directory."""
    end = file.size - _END.size
    record = file.read(_END.size, end) if end >= 0 else b""
    if len(record) != _END.size or not record.startswith(b"PK\x05\x06"):
        raise DirectoryError("it does not end like one")
    said = _END.unpack(record)[1:]
    whole = _end_64(file, end)
    if whole is None:
        (disk, first, here, count, size, position, comment), before = said, end
    else:
        count, size, position = whole
        capped = (min(count, _FULL_16), min(size, _FULL_32), min(position, _FULL_32))
        disk, first, here, *rest, comment = said
        if (here, *rest) != (capped[0], *capped):
            raise DirectoryError("its two end records differ")
        here, before = count, end - _LOCATOR_64.size - _END_64.size
    if disk or first or here != count or comment:
        raise DirectoryError("it is a part of several, or has a comment")
    if count > MOST_MEMBERS or size > _MOST_BYTES:
        raise DirectoryError(f"it has more than {MOST_MEMBERS} members, or their names are longer")
    if position + size != before:
        raise DirectoryError("its directory is not where its end says")
    content = file.read(size, position)
    if len(content) != size:
        raise DirectoryError("its directory cannot be read whole")
    return count, position, content


def _end_64(file: Bytes, end: int) -> tuple[int, int, int] | None:
    """(members, bytes and position of the directory) by the end record of zip64, if there is one"""
    start = end - _LOCATOR_64.size - _END_64.size
    if start < 0:
        return None
    content = file.read(_END_64.size + _LOCATOR_64.size, start)
    if content[_END_64.size :][:4] != b"PK\x06\x07" or len(content) < end - start:
        return None
    signature, length, _, _, disk, first, here, count, size, position = _END_64.unpack_from(content)
    _, where, place, disks = _LOCATOR_64.unpack_from(content, _END_64.size)
    if (signature, length, disk, first, here, where, place, disks) != (
        *(b"PK\x06\x06", _END_64.size - 12, 0, 0, count, 0, start, 1),
    ):
        raise DirectoryError("its zip64 record is not whole")
    return count, size, position


def _entry(content: bytes, at: int) -> tuple[str, Member, int]:
    """(name, member, where the next begins) of the entry at `at`."""
    start = at + _ENTRY.size
    if start > len(content):
        raise DirectoryError("its directory ends too early")
    signature, _, _, flags, method, _, _, crc, packed, size, *rest = _ENTRY.unpack_from(content, at)
    name_length, extra_length, comment_length, disk, _, mode, header = rest
    raw = content[start : start + name_length]
    extra = content[start + name_length : start + name_length + extra_length]
    after = start + name_length + extra_length + comment_length
    if signature != b"PK\x01\x02" or after > len(content):
        raise DirectoryError("its directory is not whole")
    try:
        name = raw.decode("utf-8" if flags & _UTF8 else "ascii")
    except UnicodeDecodeError:
        raise DirectoryError(f"the name {quoted(raw)} of a member is no text in UTF-8") from None
    if problem := member_problem(name):
        raise DirectoryError(f"the name {quoted(name)} of a member {problem}")
    if method or flags & _ENCRYPTED or packed != size:
        raise DirectoryError(f"member {quoted(name)} is compressed or encrypted")
    if stat.S_IFMT(mode >> 16) not in (0, stat.S_IFREG):
        raise DirectoryError(f"member {quoted(name)} is a link or a folder")
    if header == _FULL_32 and extra_length == _OFFSET_64.size:
        kind, length, header = _OFFSET_64.unpack(extra)
        whole = (kind, length) == (1, 8)
    else:
        whole = not extra_length
    if not whole or flags & ~_UTF8 or comment_length or disk:
        raise DirectoryError(f"member {quoted(name)} has a comment, a flag or a field of no use")
    return name, Member(header, header + _LOCAL.size + name_length, size, crc), after
